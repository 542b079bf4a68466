"""I12: each fill once; an order closes only when its fills add up; only legal transitions.

Checked here: the executions in the venue's book are exactly the committed Fills, once each; every
order event goes on from the state before it, none leaves an ended state; an execution that the
venue reports is booked by the input that reports it, whatever has become of the order; and an order
that has ended as FILLED, CANCELLED, EXPIRED or REJECTED has the venue's cumulative quantity, unless
it landed after the venue had ruled that out; orders with legs also leg by leg (`legs`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill, OrderEvent, OrderState, VenueReport
from tidegate_lab.simulate.evidence import EXECUTION
from tidegate_lab.simulate.invariants import legs

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    last: dict[str, OrderEvent] = {}
    faults = []
    for _, event in evidence.said(EXECUTION, OrderEvent):
        identity = event.specification.client_order_id
        known = last.get(identity)
        before = OrderState.UNSPECIFIED if known is None else known.state
        refused_at_once = known is None and event.previous_state == OrderState.PENDING
        if event.previous_state != before and not refused_at_once:
            found = f"{event.previous_state.name} → {event.state.name}"
            faults.append(f"order {identity}: expected to go on from {before.name}, found {found}")
        if before in ENDED:
            faults.append(f"order {identity}: was {before.name}, became {event.state.name}")
        last[identity] = event
    faults += _booked_when_reported(evidence) + _fills(evidence, last)
    return faults + (legs.check(evidence) if evidence.plan.venue.legged else [])


def _booked_when_reported(evidence: Evidence) -> list[str]:
    if evidence.restored:
        return []
    booked_n = {
        fill.execution_id: said.n for said, fill in reversed(evidence.said(EXECUTION, Fill))
    }
    faults = []
    for heard in evidence.heard(EXECUTION):
        if heard.row.schema != "tidegate.execution.v1.VenueReport":
            continue
        report = heard.event
        assert isinstance(report, VenueReport)
        if report.execution is None:
            continue
        identity = report.execution.execution_id
        if booked_n.get(identity, heard.n + 1) > heard.n:
            faults.append(f"execution {identity} was reported at n={heard.n}, and not booked")
    return faults


def _fills(evidence: Evidence, last: dict[str, OrderEvent]) -> list[str]:
    booked = Counter(fill.execution_id for _, fill in evidence.said(EXECUTION, Fill))
    faults = [f"execution {name} was booked {n} times" for name, n in booked.items() if n > 1]
    if evidence.venue is None or evidence.restored or evidence.unsettled:
        return faults
    for identity, order in evidence.venue.book.orders.items():
        faults += [
            f"execution {each.execution_id} was never booked"
            for each in order.executions
            if each.execution_id not in booked
        ]
        event = last.get(identity)
        if event is None or event.state not in ENDED or identity in evidence.world.overdue:
            continue
        if event.filled_quantity != order.filled:
            faults.append(
                f"order {identity}: {event.state.name} ({event.reason_code}) with "
                f"{event.filled_quantity} filled, the venue executed {order.filled}"
            )
    return faults
