"""The slices of an order, filled and open, are together never more than it: a part of I01.

Checked here by going through the venue's journal again: what the slices have filled and what is
open of them is added up after every input that the venue has answered by taking an order. Where
what is not found is proven to be gone, an order that lands later nevertheless ends the check. Where
nothing proves it, a lost slice counts as taken, and may land as late as it likes.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderAccepted
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.machine import Answer
from tidegate_kernel.money import ZERO, plain
from tidegate_lab.simulate.evidence import VENUE

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong; only hours with orders in slices cost anything."""
    if evidence.venue is None or not evidence.parents:
        return []
    machine = evidence.definition(VENUE).machine.restore(evidence.venue.parameters, None)
    assert isinstance(machine, PaperVenueMachine)
    never_proven = evidence.plan.venue.ids_unique_for_ever
    overdue_s = inf if never_proven else min(evidence.world.overdue.values(), default=inf)
    for heard in evidence.heard(VENUE):
        if heard.at_s >= overdue_s:
            break
        effects = machine.handle(heard.event, heard.at_ns)
        if any(isinstance(e, Answer) and isinstance(e.body, OrderAccepted) for e in effects):
            faults = _beyond(evidence, machine.book)
            if faults:
                return [f"{fault} at {heard.at_s:.3f} s" for fault in faults]
    return []


def _beyond(evidence: Evidence, book: PaperBook) -> list[str]:
    taken: dict[str, Decimal] = {}
    for identity, order in book.orders.items():
        specification = order.resting.specification
        parent = evidence.parent_of(identity, specification.side)
        if parent:
            left = order.resting.remaining if order.is_open else ZERO
            taken[parent] = taken.get(parent, ZERO) + order.filled + left
    return [
        f"order {parent}: expected slices of {plain(evidence.parents[parent].quantity)} at most, "
        f"found {plain(each)} filled and open"
        for parent, each in taken.items()
        if each > evidence.parents[parent].quantity
    ]
