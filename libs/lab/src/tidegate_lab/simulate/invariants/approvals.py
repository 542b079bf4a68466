"""What is filled and open under one approval is never more than it: a part of I01.

Slices of an approved order, and orders that a person puts in its place, are later orders of its
signal. Checked here by going through the venue's journal again, after every input that the venue
has answered by taking an order: what they have filled and what is open of them is added up, and at
most one of them is open. Where what is not found is proven to be gone, an order that lands later
nevertheless ends the check. Where nothing proves it, a lost slice counts as taken, and may land as
late as it likes. An order that closes what its strategy holds is as large as that is.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderAccepted, OrderEvent
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.machine import Answer
from tidegate_kernel.money import ZERO, plain
from tidegate_lab.simulate.evidence import EXECUTION, VENUE

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import Side
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.evidence import Evidence

NOT_FOUND = "NOT_FOUND_AT_VENUE"


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong; only hours with slices or replacements cost anything."""
    if evidence.venue is None or not (evidence.parents or evidence.plan.venue.handed):
        return []
    machine = evidence.definition(VENUE).machine.restore(evidence.venue.parameters, None)
    assert isinstance(machine, PaperVenueMachine)
    never_proven = evidence.plan.venue.ids_unique_for_ever
    overdue_s = inf if never_proven else min(evidence.world.overdue.values(), default=inf)
    under = _Approvals(evidence)
    for heard in evidence.heard(VENUE):
        if heard.at_s >= overdue_s:
            break
        effects = machine.handle(heard.event, heard.at_ns)
        if any(isinstance(e, Answer) and isinstance(e.body, OrderAccepted) for e in effects):
            faults = under.beyond(machine.book)
            if faults:
                return [f"{fault} at {heard.at_s:.3f} s" for fault in faults]
    return []


class _Approvals:
    """What was approved, and which orders of the venue's book are under which approval."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._known: dict[str, str] = {}
        self._lost = {
            event.specification.client_order_id
            for _, event in evidence.said(EXECUTION, OrderEvent)
            if event.reason_code == NOT_FOUND
        }

    def beyond(self, book: PaperBook) -> list[str]:
        """Return the approvals under which more is filled and open, or two orders are open."""
        taken: dict[str, Decimal] = {}
        opened: dict[str, list[str]] = {}
        for identity, order in book.orders.items():
            approval = self._known.get(identity)
            if approval is None:
                side = order.resting.specification.side
                approval = self._known[identity] = self._approval_of(identity, side)
            if approval:
                left = order.resting.remaining if order.is_open else ZERO
                taken[approval] = taken.get(approval, ZERO) + order.filled + left
                if order.is_open and not self._is_lost_slice(approval, identity):
                    opened.setdefault(approval, []).append(identity)
        return [
            *(fault for each in taken.items() for fault in self._too_much(*each)),
            *(
                f"order {approval}: expected one order open under it, found {', '.join(each)}"
                for approval, each in opened.items()
                if len(each) > 1
            ),
        ]

    def _approval_of(self, identity: str, side: Side) -> str:
        approval = self._evidence.approval_of(identity, side)
        verdict = self._evidence.approved.get(approval)
        order = verdict.specification if verdict is not None else None
        if verdict is None or order is None or (order.reduce_only and not verdict.exact):
            return ""
        return approval

    def _is_lost_slice(self, approval: str, identity: str) -> bool:
        return approval in self._evidence.parents and identity in self._lost

    def _too_much(self, approval: str, taken: Decimal) -> list[str]:
        order = self._evidence.approved[approval].specification
        assert order is not None, "what is approved is specified"
        if taken <= order.quantity:
            return []
        found = f"found {plain(taken)} filled and open"
        return [f"order {approval}: expected {plain(order.quantity)} at most, {found}"]
