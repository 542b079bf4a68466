"""Equity has moved unusually far since the account was told last."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "pnl_jump"


def _distance(facts: Facts) -> Decimal:
    return facts.state.jump_reference * facts.limits.breakers.pnl_jump.percent / 100


def floor(facts: Facts) -> Decimal:
    """Return the equity from which down it trips."""
    return facts.state.jump_reference - _distance(facts)


def ceiling(facts: Facts) -> Decimal:
    """Return the equity from which up it trips: a gift is as suspicious as a loss."""
    return facts.state.jump_reference + _distance(facts)


def find(facts: Facts) -> Finding | None:
    """Trip when equity is ``pnl_jump.percent`` or more away from what it was."""
    reference, distance = facts.state.jump_reference, _distance(facts)
    if reference <= 0 or reference - distance < facts.equity < reference + distance:
        return None
    unit, percent = facts.currency, facts.limits.breakers.pnl_jump.percent
    return Finding(
        breaker=NAME,
        member="",
        reason=f"expected equity within {percent} % of {shown(reference, unit)}, which it was when "
        f"the account was told last, found {shown(facts.equity, unit)}",
        numbers=(
            number("equity", facts.equity, unit),
            number("equity_before", reference, unit),
            number("limit_pnl_jump", percent, "percent"),
        ),
    )


def _begin_anew(facts: Facts, _member: str) -> None:
    facts.state.jump_reference = facts.equity


def _enabled(limits: Limits) -> bool:
    return limits.breakers.pnl_jump.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.pnl_jump.level


BREAKER = Breaker(
    name=NAME,
    kind="session",
    table=LATCHING,
    watches="Equity is `pnl_jump.percent` or more above or below what it was when the account was "
    "told last: a wrong price, a wrong fill, or a market that nobody planned for.",
    comes_back="The next UTC day has begun; jumps are measured from its equity.",
    enabled=_enabled,
    level=_level,
    reset=_begin_anew,
)
