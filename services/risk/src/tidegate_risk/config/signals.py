"""What a signal and the numbers under it must be."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from tidegate_kernel.time import parse_time
from tidegate_risk.config.fields import Fraction, Group, Seconds
from tidegate_risk.core.parameters import Blackout


def _interval(text: str) -> str:
    """Return an interval if it is one, as it was written."""
    begins, slash, ends = text.partition("/")
    if not slash or parse_time(begins)[0] >= parse_time(ends)[0]:
        message = (
            "expected two times with a slash between them, the earlier one first, as "
            f"2026-01-28T18:55:00Z/2026-01-28T19:30:00Z, found {text!r}"
        )
        raise ValueError(message)
    return text


Interval = Annotated[str, AfterValidator(_interval)]


def blackouts_of(intervals: dict[str, str]) -> tuple[Blackout, ...]:
    """Return what the core is told, the earliest first."""
    found = [
        Blackout(name, *(parse_time(part)[0] for part in text.split("/")))
        for name, text in intervals.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.begins_ns, each.ends_ns, each.name)))


class SignalLimits(Group):
    """How old what a decision is made on may be."""

    price_age_max_bars: int = Field(
        2, ge=1, le=1_000, description="Oldest usable price, in lengths of its bar."
    )
    price_age_max_s: Seconds = Field(3_600.0, description="Oldest usable price in time.")
    price_collar_fraction: Fraction = Field(
        Decimal("0.05"),
        description="How far a signal's reference price may be from the newest close.",
    )
    models_approved: tuple[str, ...] = Field(
        (),
        description="Versions that may signal, such as `ema-crossover@1a2b3c4d`. Default: that "
        "of each strategy's first signal.",
    )
    signal_age_max_s: Seconds = Field(5.0, description="Oldest signal that may open a position.")
    account_lag_max_s: Seconds = Field(
        5.0, description="How long the portfolio may take to book a fill."
    )
    blackouts: dict[str, Interval] = Field(
        default_factory=dict,
        description="Times around events in which nothing is opened: by name, from/to in UTC, as "
        "`FOMC: 2026-01-28T18:55:00Z/2026-01-28T19:30:00Z`.",
    )
    estimates_required: bool | None = Field(
        None,
        description="Whether an estimate without enough history refuses entries; otherwise the "
        "verdict says that it was not applied. Default: in live sessions.",
    )
