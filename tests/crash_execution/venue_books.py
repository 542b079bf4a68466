"""The orders of a place as the venue has them: what clients ordered, not what became of it inside.

Binance's stop that was triggered is one order with what works in its place. An order with legs is
one, and its executions are those of its legs. A target and a stop of which only one fills are one,
and its executions are those of both; so are exits that an entry was sent with, which are named
after it. Quantities are in the session's units.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from tests.venues.binance.algo_service import WAITING
from tests.venues.exchange.choices import EITHER

from tidegate_execution.core.orders.attached import attached_exits_id

if TYPE_CHECKING:
    from tests.venues.binance.algo_service import AlgoOrder
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.orders import Order
    from tests.venues.server import TestVenue

    from .places import Place

ZERO = Decimal(0)
Executed = tuple[str, str, Decimal, Decimal]
"""Symbol, side, quantity, price."""


class Theirs(msgspec.Struct, frozen=True):
    """One order as its venue knows it."""

    client_order_id: str
    status: str
    is_open: bool
    filled: Decimal
    executed: tuple[Executed, ...] = ()
    # Of an order with legs: whether they are filled in their ratios.
    whole: bool = True


def orders_at(venue: TestVenue, place: Place) -> list[Theirs]:
    """Return every order that a client has made at a place."""
    exchange = venue.exchanges[place.exchange]
    with exchange.lock:
        waiting = venue.usdm_algo.orders if exchange is venue.usdm else []
        became = {each.became.order_id for each in waiting if each.became is not None}
        with_exits = [each for each in exchange.orders.values() if _has_exits(each)]
        hanging = {leg.order_id for each in with_exits for leg in each.legs}
        own = [
            _theirs(place, exchange, each)
            for each in exchange.orders.values()
            if not each.parent_id and each.order_id not in became | hanging
        ]
        attached = [_attached(place, each) for each in with_exits if each.order_class != EITHER]
        return own + attached + [_conditional(place, exchange, each) for each in waiting]


def _has_exits(order: Order) -> bool:
    """Tell whether exits hang on an order, and no legs of its own."""
    return bool(order.legs) and not any(leg.parent_id for leg in order.legs)


def _attached(place: Place, entry: Order) -> Theirs:
    """Return the exits that an entry was sent with."""
    return _either(place, attached_exits_id(entry.ticket.client_order_id), entry.legs)


def _theirs(place: Place, exchange: Exchange, order: Order) -> Theirs:
    if order.order_class == EITHER:
        return _either(place, order.ticket.client_order_id, [order, *order.legs])
    units = exchange.market(order.ticket.symbol).listing.multiplier
    parts = [leg for leg in order.legs if leg.parent_id] or [order]
    return Theirs(
        client_order_id=order.ticket.client_order_id,
        status=str(order.status),
        is_open=order.is_open,
        filled=order.filled * units,
        executed=tuple(each for part in parts for each in _executed(place, part, units)),
        whole=all(
            part.filled == order.filled * (part.ticket.ratio or 1)
            for part in parts
            if part is not order
        ),
    )


def _either(place: Place, identity: str, parts: list[Order]) -> Theirs:
    """Return what closes once: what any part has filled, and filled if that is all."""
    filled = sum((each.filled for each in parts), ZERO)
    ordered = max(each.ticket.quantity for each in parts)
    return Theirs(
        client_order_id=identity,
        status="filled" if filled >= ordered else str(parts[0].status),
        is_open=any(each.is_open for each in parts),
        filled=filled,
        executed=tuple(each for part in parts for each in _executed(place, part, Decimal(1))),
    )


def _executed(place: Place, order: Order, units: Decimal) -> list[Executed]:
    symbol, side = place.named(order.ticket.symbol), order.ticket.side.name
    return [(symbol, side, each.quantity * units, each.price) for each in order.executions]


def _conditional(place: Place, exchange: Exchange, order: AlgoOrder) -> Theirs:
    """Return an order of the algo service with what has become of it, under its own id."""
    identity = order.ticket.client_order_id
    if order.became is None:
        return Theirs(identity, str(order.status), order.status in WAITING, ZERO)
    found = _theirs(place, exchange, order.became)
    return msgspec.structs.replace(found, client_order_id=identity)
