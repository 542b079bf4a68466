"""What an order with legs trades, and that its fills make whole structures: a part of I12 and I16.

Checked here: the legs that the venue has filled of an order that has ended make whole structures by
their ratios; where they do not, execution has said so of the order and has halted the account. And
along execution's messages: what an order's events say of each leg is what was booked of it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import Fill, OrderEvent, OrderState, Side
from tidegate_contracts.risk import GateLatch, GateLevel
from tidegate_kernel.money import ZERO, plain
from tidegate_lab.simulate.evidence import EXECUTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.paper.book import PaperOrder
    from tidegate_lab.simulate.evidence import Evidence, Said

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
INCOMPLETE = "STRUCTURE_INCOMPLETE"


class Part(NamedTuple):
    """What an order buys or sells of one symbol."""

    symbol: str
    # +1 for what is bought, -1 for what is sold.
    sign: int
    quantity: Decimal


def parts_of(specification: OrderSpecification) -> Iterator[Part]:
    """Yield what an order trades: its symbol, or those of its legs."""
    if not specification.legs:
        yield Part(specification.symbol, _sign(specification.side), specification.quantity)
    for leg in specification.legs:
        yield Part(leg.symbol, _sign(leg.side), specification.quantity * leg.ratio)


def symbols_of(specification: OrderSpecification) -> tuple[str, ...]:
    """Return the names under which an order is known: its symbol, and those of its legs."""
    return (specification.symbol, *(leg.symbol for leg in specification.legs))


def filled_of(order: PaperOrder) -> dict[str, Decimal]:
    """Return what the venue has executed of an order, by symbol."""
    found: dict[str, Decimal] = {}
    for execution in order.executions:
        symbol = execution.symbol or order.resting.specification.symbol
        found[symbol] = found.get(symbol, ZERO) + execution.quantity
    return found


def is_whole(order: PaperOrder) -> bool:
    """Tell whether what is filled of the legs of an order makes whole structures."""
    filled = filled_of(order)
    legs = order.resting.specification.legs
    return len({filled.get(leg.symbol, ZERO) / leg.ratio for leg in legs}) <= 1


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong; only hours with orders with legs cost anything."""
    events = [
        (said, event)
        for said, event in evidence.said(EXECUTION, OrderEvent)
        if event.specification.legs
    ]
    return _told(evidence, events) + _whole_or_halted(evidence, [event for _, event in events])


def _told(evidence: Evidence, events: list[tuple[Said, OrderEvent]]) -> list[str]:
    """Add up what was booked before each event, and compare what the event says of the legs."""
    if not events or evidence.restored:
        return []
    orders = {event.specification.client_order_id for _, event in events}
    fills = [
        (said, fill)
        for said, fill in evidence.said(EXECUTION, Fill)
        if fill.client_order_id in orders
    ]
    booked: dict[tuple[str, str], Decimal] = {}
    waiting = iter(fills)
    following = next(waiting, None)
    for said, event in events:
        while following is not None and (following[0].n, following[0].k) < (said.n, said.k):
            fill = following[1]
            key = (fill.client_order_id, fill.symbol)
            booked[key] = booked.get(key, ZERO) + fill.quantity
            following = next(waiting, None)
        identity = event.specification.client_order_id
        for leg in event.legs_filled:
            expected = booked.get((identity, leg.symbol), ZERO)
            if leg.filled_quantity != expected:
                found = f"found {plain(leg.filled_quantity)} told"
                return [f"order {identity}: expected {plain(expected)} {leg.symbol}, {found}"]
    return []


def _whole_or_halted(evidence: Evidence, events: list[OrderEvent]) -> list[str]:
    if evidence.venue is None or evidence.restored or evidence.unsettled:
        return []
    halted = any(
        latch.level >= GateLevel.HALTED for _, latch in evidence.said(EXECUTION, GateLatch)
    )
    last = {event.specification.client_order_id: event for event in events}
    faults = []
    for identity, event in last.items():
        order = evidence.venue.book.orders.get(identity)
        if order is None or is_whole(order) or event.state not in ENDED:
            continue
        if event.reason_code != INCOMPLETE or not halted:
            faults.append(
                f"order {identity}: {event.state.name} ({event.reason_code}), halted {halted}, "
                f"with {filled_of(order)} filled, which makes no whole structures"
            )
    return faults


def _sign(side: Side) -> int:
    return 1 if side == Side.BUY else -1
