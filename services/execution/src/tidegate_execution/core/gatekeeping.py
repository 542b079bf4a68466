"""The gate as this session sees it: its events, local latches, breakers, and the lock.

1. The effective level of an order is the worst of the gate, latches, breakers and the lock.
2. A latch is a raise that came without risk: from a person or from a contradiction found here. It
   is published so that risk folds it in, and only a lowering that names it ends it.
3. `LOCKED` outlives its lowering until the shard has been restarted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import GateLatch, GateLevel, RaiseGate
from tidegate_kernel.gate import Level, may_cover, passes

if TYPE_CHECKING:
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.turn import Turn
    from tidegate_kernel.gate import Coverage

LATCHES_REMEMBERED = 1_000


def level_for(turn: Turn, coverage: Coverage) -> Level:
    """Return the level that an order with this coverage must obey."""
    level = turn.state.gate.level_for(coverage)
    locked = turn.state.locked_scopes
    if locked and any(scope in locked for scope in coverage.scopes()):
        return Level.LOCKED
    return level


def cause_for(turn: Turn, coverage: Coverage) -> str:
    """Return the widest scope that holds the order at its level."""
    locked = turn.state.locked_scopes and [
        scope for scope in coverage.scopes() if scope in turn.state.locked_scopes
    ]
    return locked[0] if locked else turn.state.gate.cause_for(coverage)


def lets_pass(turn: Turn, order: Order) -> bool:
    """Tell whether the gate lets the order stay open or be sent."""
    coverage = order.coverage(turn.parameters.session, turn.parameters.account)
    return passes(level_for(turn, coverage), order.activity)


def blocked_orders(turn: Turn) -> list[Order]:
    """Return the open orders that the gate does not let be, oldest first."""
    if not is_restricted(turn):
        return []
    return [order for order in turn.state.orders.values() if not lets_pass(turn, order)]


def touches(turn: Turn, scope: str) -> bool:
    """Tell whether a scope could cover an order of this session."""
    return may_cover(scope, turn.parameters.session, turn.parameters.account)


def restricted_scopes(turn: Turn) -> dict[str, Level]:
    """Return every scope that could cover an order here and is not open, by name."""
    gate = turn.state.gate
    named = {*gate.levels, *turn.state.locked_scopes}
    named.update(each.scope for each in (*gate.latches.values(), *gate.holds.values()))
    levels = {
        scope: Level.LOCKED if scope in turn.state.locked_scopes else gate.level_of(scope)
        for scope in sorted(named)
        if touches(turn, scope)
    }
    return {scope: level for scope, level in levels.items() if level > Level.OPEN}


def is_restricted(turn: Turn) -> bool:
    """Tell whether any scope that could cover an order here is not open."""
    return bool(restricted_scopes(turn))


def worst_level(turn: Turn) -> Level:
    """Return the worst level of any scope that could cover an order here."""
    return max(restricted_scopes(turn).values(), default=Level.OPEN)


def latch(turn: Turn, latch_id: str, command: RaiseGate) -> bool:
    """Obey a raise that did not come through the gate; tell whether it is new."""
    state = turn.state
    if latch_id in state.latched:
        return False
    state.latched.append(latch_id)
    del state.latched[:-LATCHES_REMEMBERED]
    state.gate.add_latch(latch_id, command.scope, int(command.level))
    turn.publish(
        GateLatch(
            latch_id=latch_id,
            shard=turn.parameters.shard,
            session=turn.parameters.session,
            scope=command.scope,
            level=command.level,
            principal=command.principal,
            reason=command.reason,
            at_ns=turn.now_ns,
        )
    )
    turn.gate_changed = True
    return True


def halt(turn: Turn, code: str, subject: str, reason: str) -> None:
    """Halt the account because of something found here; the same finding halts once."""
    command = RaiseGate(
        scope=f"account:{turn.parameters.account}",
        level=GateLevel.HALTED,
        principal="breaker:execution",
        reason=f"{code}: {reason}",
    )
    latch(turn, f"{turn.parameters.shard}:{code}:{subject}", command)
