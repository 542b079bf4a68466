"""Entries that are sent with their exits: a part of I02.

Checked here: exits never leave by themselves, and an entry that is sent again is sent with the same
exits, or again without. While an entry is open whose exits have begun, no other exit of its signal
begins, for all that it fills is theirs to close.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderEvent, OrderState
from tidegate_execution.core.orders.attached import attached_exits_id, entry_of
from tidegate_kernel.identifiers import client_order_id
from tidegate_lab.simulate.evidence import EXECUTION

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_lab.simulate.evidence import Evidence

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    return _sent(evidence) + _beside(evidence)


def _sent(evidence: Evidence) -> list[str]:
    first: dict[str, OrderSpecification | None] = {}
    faults = []
    for sent in evidence.world.sent:
        identity, exits = sent.request.specification.client_order_id, sent.request.exits
        if entry_of(identity):
            faults.append(f"exits {identity} were sent without their entry")
        if first.setdefault(identity, exits) != exits:
            faults.append(f"order {identity}: expected the exits that it was sent with, {exits}")
    return faults


def _beside(evidence: Evidence) -> list[str]:
    begun: set[str] = set()
    faults = []
    for _, event in evidence.said(EXECUTION, OrderEvent):
        identity = event.specification.client_order_id
        entry = client_order_id(event.signal_key, 0) if event.signal_key else ""
        if event.state in ENDED:
            begun.discard(identity)
        elif entry_of(identity):
            # The entry is still open when its exits begin, or has just been told to have filled.
            if event.state == OrderState.PENDING:
                begun.add(entry)
        elif event.leg > 0 and event.state == OrderState.PENDING and entry in begun:
            exits = attached_exits_id(entry)
            faults.append(f"order {identity}: begun while {entry} is open with its exits {exits}")
    return faults
