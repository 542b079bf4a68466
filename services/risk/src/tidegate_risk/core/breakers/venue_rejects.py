"""The venue rejects one order after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState
from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_an_hour
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderEvent
    from tidegate_risk.core.breakers.standing import BreakersState
    from tidegate_risk.core.parameters import Limits

NAME = "venue_rejects"
_TAKEN = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED, OrderState.FILLED})


def count(state: BreakersState, event: OrderEvent) -> bool:
    """Count a rejection by the venue itself; an order that it takes ends the row."""
    if event.state == OrderState.REJECTED and event.reason_code == "VENUE_REJECTED":
        state.rejects += 1
        return True
    if event.state in _TAKEN:
        state.rejects = 0
    return False


def find(facts: Facts) -> Finding | None:
    """Trip when ``venue_rejects.rejects_max`` orders in a row were rejected."""
    most = facts.limits.breakers.venue_rejects.most
    if facts.state.rejects < most:
        return None
    return Finding(
        breaker=NAME,
        member="",
        reason=f"expected fewer than {most} rejections by the venue in a row, found "
        f"{facts.state.rejects}",
        numbers=(
            number("rejects", facts.state.rejects, "orders"),
            number("limit_rejects", most, "orders"),
        ),
    )


def _begin_anew(facts: Facts, _member: str) -> None:
    facts.state.rejects = 0


def _enabled(limits: Limits) -> bool:
    return limits.breakers.venue_rejects.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.venue_rejects.level


BREAKER = Breaker(
    name=NAME,
    kind="session",
    table=LATCHING,
    watches="The venue itself has rejected `venue_rejects.rejects_max` orders in a row.",
    comes_back="An hour has passed; rejections are counted anew.",
    enabled=_enabled,
    level=_level,
    looks_again=in_an_hour,
    reset=_begin_anew,
)
