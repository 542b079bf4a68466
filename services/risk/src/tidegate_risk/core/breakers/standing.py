"""What breakers remember."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.risk import BreakerState
from tidegate_kernel.gate import passes
from tidegate_kernel.money import ZERO
from tidegate_risk.core.breakers.results import Results

if TYPE_CHECKING:
    from tidegate_kernel.gate import Activity, Coverage

HOLDING = frozenset({BreakerState.TRIPPED, BreakerState.CLEARED, BreakerState.PAUSED})
"""The states in which a breaker holds its level."""


class Standing(msgspec.Struct):
    """A breaker in a scope, while it is not armed."""

    breaker: str
    scope: str
    # The strategy or symbol that the scope names; empty for the session.
    member: str
    state: BreakerState
    # The gate's level that it holds.
    level: int
    trip: int
    since_ns: int
    reason: str
    # Of a pause or a recovery: its end.
    until_ns: int = 0
    # The gate has raised for this trip, so that a lowering from now on knows it.
    raised: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether it keeps anything shut."""
        return self.state in HOLDING


class BreakersState(msgspec.Struct):
    """All breakers of one session, and what they measure by."""

    # By breaker|scope; what is armed is not listed.
    standings: dict[str, Standing] = {}
    trips: int = 0
    # The highest equity since the session began or the last drawdown was over.
    peak_equity: Decimal = ZERO
    # Equity when the account was told last: what a jump is measured from.
    jump_reference: Decimal = ZERO
    results: Results = msgspec.field(default_factory=Results)
    # Entries that were approved on this UTC day, by strategy.
    entries: dict[str, int] = {}
    entries_day: int = -1
    # Orders in a row that the venue has rejected.
    rejects: int = 0
    # Since when the account has not agreed with the venue's, and what was said of it; 0: it agrees.
    unreconciled_since_ns: int = 0
    unreconciled_reason: str = ""


def holding(state: BreakersState, coverage: Coverage, activity: Activity) -> Standing | None:
    """Return the breaker that does not let an order through; the one that tripped first."""
    if not state.standings:
        return None
    scopes = coverage.scopes()
    for standing in state.standings.values():
        if standing.holds and standing.scope in scopes and not passes(standing.level, activity):
            return standing
    return None


def new_breakers(capital: Decimal) -> BreakersState:
    """Return the breakers of a session that begins: all armed."""
    return BreakersState(peak_equity=capital, jump_reference=capital)
