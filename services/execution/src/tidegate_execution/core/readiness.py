"""Whether risk-increasing orders may be sent: the account is reconciled, nothing is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState

if TYPE_CHECKING:
    from tidegate_execution.core.turn import Turn


def why_not_ready(turn: Turn) -> str:
    """Return what is missing, or nothing. Lockstep sessions are always ready.

    In lockstep the venue's answers come in rounds and a restart must change nothing, so a
    reconciliation under way withholds no order there; what it finds still halts.
    """
    if turn.parameters.lockstep:
        return ""
    reconciliation = turn.state.reconciliation
    if not reconciliation.reconciled:
        return reconciliation.problem or "the venue's account has not been compared yet"
    unknown = [
        order.client_order_id
        for order in turn.state.orders.values()
        if order.state == OrderState.UNKNOWN
    ]
    return f"the outcome of {', '.join(unknown)} is unknown" if unknown else ""
