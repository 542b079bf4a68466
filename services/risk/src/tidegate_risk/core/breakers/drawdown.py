"""Equity has fallen too far below its highest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "drawdown"


def floor(facts: Facts) -> Decimal:
    """Return the equity from which down it trips."""
    return facts.state.peak_equity * (100 - facts.limits.breakers.drawdown.percent) / 100


def find(facts: Facts) -> Finding | None:
    """Trip when equity is ``drawdown.percent`` or more below its highest.

    The highest is taken when the account is told: after fills and at a declared interval.
    """
    peak, least = facts.state.peak_equity, floor(facts)
    if peak <= 0 or facts.equity > least:
        return None
    unit, percent = facts.currency, facts.limits.breakers.drawdown.percent
    drawdown = 100 * (peak - facts.equity) / peak
    return Finding(
        breaker=NAME,
        member="",
        reason=f"expected equity above {shown(least, unit)} ({percent} % below its highest, "
        f"{shown(peak, unit)}), found {shown(facts.equity, unit)}",
        numbers=(
            number("equity", facts.equity, unit),
            number("peak_equity", peak, unit),
            number("drawdown", round(drawdown, 4), "percent"),
            number("limit_drawdown", percent, "percent"),
        ),
    )


def _begin_anew(facts: Facts, _member: str) -> None:
    """What is lost is lost: the next drawdown is measured from here."""
    facts.state.peak_equity = facts.equity


def _enabled(limits: Limits) -> bool:
    return limits.breakers.drawdown.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.drawdown.level


BREAKER = Breaker(
    name=NAME,
    kind="session",
    table=LATCHING,
    watches="Equity is `drawdown.percent` or more below its highest.",
    comes_back="The next UTC day has begun, and people have looked: no policy lowers it. The next "
    "drawdown is measured from that day's equity.",
    enabled=_enabled,
    level=_level,
    resumes=False,
    reset=_begin_anew,
)
