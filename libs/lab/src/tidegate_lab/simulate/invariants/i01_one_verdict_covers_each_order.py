"""I01: every venue order has exactly one APPROVED verdict covering it.

Checked here, on the venue's own book: a verdict with the same symbol, side, limit and legs, and at
least the quantity; for reduce-only orders (sized by what is held) the direction. The gate's own
closing orders need a gate at FLATTENING instead. A protective exit is covered by the approval of
its entry: on its other side, reduce-only, no larger. Its id is a later leg of the entry's signal,
so it is known even where execution's own word on it is gone with a database that was put back. A
slice is covered by the approval of the order that it is a part of, which is itself never sent: on
its side, at its limit, no larger. What replaces an order is covered by that order's approval: on
its side, at no worse limit, no larger. Under one approval never more is filled and open, nor two
orders open at once (`approvals`). Term and gate epoch at the time of sending are I08's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Side
from tidegate_contracts.risk import Decision, GateEvent, GateLatch, GateLevel, Verdict
from tidegate_kernel.identifiers import client_order_id
from tidegate_lab.simulate.evidence import EXECUTION, GATE
from tidegate_lab.simulate.invariants import approvals

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.venue is None:
        return []
    approved: dict[str, list[Verdict]] = {}
    for verdict in evidence.verdicts:
        if verdict.decision == Decision.APPROVED:
            approved.setdefault(client_order_id(verdict.signal_key, 0), []).append(verdict)
    flattened = _flattened(evidence)
    faults = []
    for identity, order in evidence.venue.book.orders.items():
        specification = order.resting.specification
        entry = evidence.entry_of(identity)
        verdicts = approved.get(entry or identity, [])
        if not verdicts and specification.reduce_only and flattened:
            continue
        if len(verdicts) != 1:
            faults.append(f"order {identity}: expected one approval, found {len(verdicts)}")
        elif not _allows(verdicts[0], specification, whole=entry is None):
            faults.append(f"order {identity}: {specification} is not what {verdicts[0]} allows")
    return faults + approvals.check(evidence)


def _allows(verdict: Verdict, sent: OrderSpecification, *, whole: bool) -> bool:
    """Tell whether an approval covers an order: itself, or as an exit, a slice or a replacement."""
    sliced = verdict.specification is not None and verdict.specification.algorithm is not None
    if whole:
        return not sliced and _is_covered(sent, verdict)
    follows = _is_covered(sent, verdict) if sliced else _replaces(sent, verdict)
    return follows or _protects(sent, verdict)


def _replaces(sent: OrderSpecification, verdict: Verdict) -> bool:
    allowed = verdict.specification
    if allowed is None or sent.limit_price is None or allowed.limit_price is None:
        return _is_covered(sent, verdict)
    sign = 1 if sent.side == Side.BUY else -1
    no_worse = allowed.reduce_only or sign * (sent.limit_price - allowed.limit_price) <= 0
    at_limit = msgspec.structs.replace(sent, limit_price=allowed.limit_price)
    return no_worse and _is_covered(at_limit, verdict)


def _protects(sent: OrderSpecification, verdict: Verdict) -> bool:
    allowed = verdict.specification
    return (
        allowed is not None
        and sent.reduce_only
        and not allowed.reduce_only
        and sent.symbol == allowed.symbol
        and sent.side != allowed.side
        and sent.quantity <= allowed.quantity
    )


def _flattened(evidence: Evidence) -> bool:
    levels = [event.level for _, event in evidence.said(GATE, GateEvent)]
    levels += [latch.level for _, latch in evidence.said(EXECUTION, GateLatch)]
    return any(level >= GateLevel.FLATTENING for level in levels)


def _is_covered(sent: OrderSpecification, verdict: Verdict) -> bool:
    allowed = verdict.specification
    return (
        allowed is not None
        and (sent.symbol, sent.side, sent.limit_price, sent.reduce_only, sent.legs)
        == (allowed.symbol, allowed.side, allowed.limit_price, allowed.reduce_only, allowed.legs)
        and (sent.quantity <= allowed.quantity or sent.reduce_only)
    )
