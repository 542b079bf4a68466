"""The day's loss has reached its limit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "daily_loss"


def limit_of(facts: Facts) -> Decimal:
    """Return the loss at which it trips."""
    return facts.book.day_start_equity * facts.limits.daily_loss_max_percent / 100


def floor(facts: Facts) -> Decimal:
    """Return the equity, by the newest closes, from which down it trips."""
    return facts.book.day_start_equity - limit_of(facts)


def find(facts: Facts) -> Finding | None:
    """Trip from a loss of ``daily_loss_max_percent`` of the day's first equity on.

    The loss is the larger of our own figure and of the account's.
    """
    loss, limit = facts.book.daily_loss(facts.now_ns, facts.marked_equity), limit_of(facts)
    if loss == 0 or loss < limit:
        return None
    unit = facts.currency
    percent = facts.limits.daily_loss_max_percent
    return Finding(
        breaker=NAME,
        member="",
        reason=f"expected a loss today below {shown(limit, unit)} ({percent} % of "
        f"{shown(facts.book.day_start_equity, unit)}), found {shown(loss, unit)}",
        numbers=(
            number("daily_loss", loss, unit),
            number("limit_daily_loss", limit, unit),
            number("day_start_equity", facts.book.day_start_equity, unit),
        ),
    )


def _enabled(limits: Limits) -> bool:
    return limits.breakers.daily_loss.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.daily_loss.level


BREAKER = Breaker(
    name=NAME,
    kind="session",
    table=LATCHING,
    watches="The loss since the UTC day began reaches `daily_loss_max_percent` of the day's first "
    "equity, by the newest closes or by the account, whichever is worse.",
    comes_back="The next UTC day has begun; its loss is measured anew.",
    enabled=_enabled,
    level=_level,
)
