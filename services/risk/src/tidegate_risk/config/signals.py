"""What a signal and the numbers under it must be."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from tidegate_risk.config.blackouts import checked
from tidegate_risk.config.fields import Fraction, Group, Seconds

BlackoutText = Annotated[str, AfterValidator(checked)]


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
    blackouts: dict[str, BlackoutText] = Field(
        default_factory=dict,
        description="Times in which nothing is opened, by name, in UTC: once, as `FOMC: "
        "2026-01-28T18:55:00Z/2026-01-28T19:30:00Z`; every week, as `every Fri 21:00-22:00`, "
        "`every Mon-Fri 14:25-14:35`, `every day 23:50-00:10` or `every Fri 21:00-Sun 22:00`; or "
        "around the hours that an instrument names, as `15m after open` or `15m before close`.",
    )
    estimates_required: bool | None = Field(
        None,
        description="Whether an estimate without enough history refuses entries; otherwise the "
        "verdict says that it was not applied. Default: in live sessions.",
    )
