"""How the account stands, said to whoever must know: the gate's writer above all.

1. A `Reconciliation` is said when the first comparison of a term has ended, and at every change.
2. Losing what was said before is a change: a new leader that has yet to compare says so.
3. In lockstep a restart changes nothing, so the standing is said again at once, unless a comparison
   is under way. Nothing in a session reads it, so a restart changes no decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Reconciliation

if TYPE_CHECKING:
    from tidegate_execution.core.turn import Turn


def announce(turn: Turn) -> None:
    """Say how the account stands, if that is news."""
    known = turn.state.reconciliation
    if (known.said_term, known.said) == (known.term, known.reconciled):
        return
    lost = known.said and not known.reconciled
    if not lost and not _settled(turn):
        return
    known.said_term, known.said = known.term, known.reconciled
    turn.publish(
        Reconciliation(
            session=turn.parameters.session,
            account=turn.parameters.account,
            shard=turn.parameters.shard,
            term=known.term,
            reconciled=known.reconciled,
            open_orders=len(turn.state.orders),
            event_at_ns=turn.now_ns,
            reason=known.problem,
        )
    )


def _settled(turn: Turn) -> bool:
    known = turn.state.reconciliation
    return known.compared or (turn.parameters.lockstep and known.started and not known.asking)
