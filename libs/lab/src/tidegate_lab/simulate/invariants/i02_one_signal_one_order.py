"""I02: one signal has at most one verdict value and one venue order; resends carry the same id.

Checked here, in risk's books, in the VERDICTS stream and in the venue's book: how many orders the
venue has taken is compared with how many client ids it knows. Entries that are sent with their
exits have rules of their own (`together`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.simulate.invariants import together
from tidegate_lab.simulate.world import TOGETHER

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    faults = []
    values: dict[str, set[bytes]] = {}
    for written, verdict in evidence.written_verdicts.items():
        values.setdefault(verdict.signal_key, set()).add(written)
    faults += [
        f"signal {key}: expected one verdict, found {len(each)} that differ"
        for key, each in values.items()
        if len(each) > 1
    ]
    if evidence.venue is not None:
        book = evidence.venue.book
        if book.arrivals != len(book.orders):
            twice = [
                identity
                for identity, order in book.orders.items()
                if order.venue_order_id != f"pv-{identity}"
            ]
            found = f"{len(book.orders)} ids, again under {', '.join(twice)}"
            faults.append(f"the venue has taken {book.arrivals} orders under {found}")
    if evidence.plan.venue.exits == TOGETHER:
        faults += together.check(evidence)
    return faults
