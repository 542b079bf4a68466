"""I08: once a newer term is known, no older term's verdict counts; nor does an older gate epoch.

Checked here along execution's journal: whenever an order is written down as being sent, its
verdict's term is at least the newest that execution had heard before, and its gate epoch at least
that of the last raise in a scope that covers it. A slice goes out under the approval of the order
that it is a part of, and a replacement under that of the order whose place it takes: they may be of
an older term, but not of an older gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderEvent, OrderState
from tidegate_contracts.risk import Decision, GateAction, GateEvent, Verdict
from tidegate_kernel.identifiers import client_order_id
from tidegate_lab.simulate.evidence import EXECUTION, RISK
from tidegate_lab.simulate.invariants.legs import symbols_of
from tidegate_lab.simulate.invariants.scopes import covers

if TYPE_CHECKING:
    from tidegate_kernel.machine import Event
    from tidegate_lab.simulate.evidence import Evidence

_VERDICT = "tidegate.risk.v1.Verdict"
_GATE_EVENT = "tidegate.risk.v1.GateEvent"


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.restored:
        return []
    sending: dict[int, list[OrderEvent]] = {}
    for said, order in evidence.said(EXECUTION, OrderEvent):
        if order.state == OrderState.SUBMITTING:
            sending.setdefault(said.n, []).append(order)
    verdicts = {
        client_order_id(verdict.signal_key, 0): verdict
        for _, verdict in evidence.said(RISK, Verdict)
        if verdict.decision == Decision.APPROVED
    }
    newest, raises, faults = 0, list[tuple[str, int]](), list[str]()
    for heard in evidence.heard(EXECUTION):
        if heard.row.schema == _GATE_EVENT:
            raises += _raise_of(heard.event)
        for order in sending.get(heard.n, ()):
            specification = order.specification
            whole = verdicts.get(specification.client_order_id)
            approval = evidence.approval_of(specification.client_order_id, specification.side)
            verdict = whole or verdicts.get(approval)
            if verdict is None or not verdict.risk_increasing:
                continue
            faults += _stale(order, verdict, newest if whole else 0, raises)
        if heard.row.schema == _VERDICT:
            event = heard.event
            if isinstance(event, Verdict):
                newest = max(newest, event.term)
    return faults


def _raise_of(event: Event) -> list[tuple[str, int]]:
    if isinstance(event, GateEvent) and event.action in (
        GateAction.RAISED,
        GateAction.LATCH_FOLDED,
    ):
        return [(event.scope, event.gate_epoch)]
    return []


def _stale(
    order: OrderEvent, verdict: Verdict, newest: int, raises: list[tuple[str, int]]
) -> list[str]:
    identity = order.specification.client_order_id
    faults = []
    if verdict.term < newest:
        faults.append(f"order {identity}: sent under term {verdict.term}, {newest} was known")
    symbols = symbols_of(order.specification)
    epoch = max((e for s, e in raises if covers(s, order.strategy, symbols)), default=0)
    if verdict.gate_epoch < epoch:
        faults.append(f"order {identity}: decided at epoch {verdict.gate_epoch}, raised at {epoch}")
    return faults
