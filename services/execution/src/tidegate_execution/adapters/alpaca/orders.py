"""From our specification to a posted order, and from its answers to what they prove."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import (
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
    VenueOrder,
)
from tidegate_execution.adapters.alpaca import attached, choices
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    decimal_or_none,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.structures import (
    ORDER_CLASS,
    SIDES,
    intent,
    is_structure,
    legs_filled,
    legs_of,
    posted_legs,
    underlying_of,
    whole_structures,
)
from tidegate_execution.core.capabilities import VenueKind
from tidegate_execution.core.orders.choices import is_choice
from tidegate_kernel.contracts import CONTRACT_UNITS, is_option, units_of
from tidegate_kernel.money import ZERO, plain

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueExecution

TYPES = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP: "stop",
    OrderType.STOP_LIMIT: "stop_limit",
    OrderType.TRAILING_STOP: "trailing_stop",
}
NATIVE = {
    VenueKind.ALPACA_EQUITIES: frozenset(TYPES),
    VenueKind.ALPACA_CRYPTO: frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT}),
    VenueKind.ALPACA_OPTIONS: frozenset(
        {OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT}
    ),
}
"""What Alpaca carries out by itself; `tidegate_execution.core.capabilities` says the same."""
FORCES = {
    TimeInForce.DAY: "day",
    TimeInForce.GTC: "gtc",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
_SIDES = {text: side for side, text in SIDES.items()}
_TYPES = {text: order_type for order_type, text in TYPES.items()}
_FORCES = {text: force for force, text in FORCES.items()}
_PRICES = {
    OrderType.LIMIT: ("limit_price",),
    OrderType.STOP: ("stop_price",),
    OrderType.STOP_LIMIT: ("limit_price", "stop_price"),
}
"""Without these an order of the type says nothing."""
_OPEN = frozenset(
    {
        "new",
        "accepted",
        "pending_new",
        "accepted_for_bidding",
        "partially_filled",
        "held",
        "pending_cancel",
        "pending_replace",
        "stopped",
        "suspended",
        "calculated",
        "done_for_day",
    }
)
_ENDED = {
    "filled": OrderState.FILLED,
    "canceled": OrderState.CANCELLED,
    "replaced": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}


def posted(
    specification: OrderSpecification, exits: OrderSpecification | None = None
) -> dict[str, object]:
    """Return the order as it is posted: numbers as texts, and always our own id.

    An entry may be posted with its exits. All of them live as long as its exits shall: Alpaca takes
    one time in force for the whole, and a market order ends within a moment anyway.

    Reduce-only is known to Alpaca of options only, as the intent to close: of all else execution
    itself sees to it that a closing order is no larger than what is held. Options are posted in
    contracts.
    """
    body: dict[str, object] = {
        "qty": plain(specification.quantity / _units(specification)),
        "type": TYPES[specification.order_type],
        "time_in_force": _force(specification),
        "client_order_id": specification.client_order_id,
    }
    body |= _what(specification)
    if is_choice(specification):
        return body | choices.posted(specification)
    if specification.extended_hours:
        body["extended_hours"] = True
    prices = {
        "limit_price": specification.limit_price,
        "stop_price": specification.trigger_price,
        "trail_price": specification.trail_amount,
        "trail_percent": specification.trail_percent,
    }
    body |= {name: plain(price) for name, price in prices.items() if price is not None}
    if exits is None:
        return body
    return body | attached.posted(exits) | {"time_in_force": FORCES[exits.time_in_force]}


def _what(specification: OrderSpecification) -> dict[str, object]:
    """Return what is bought or sold: a symbol, or several legs."""
    if specification.legs:
        return {"order_class": ORDER_CLASS, "legs": posted_legs(specification)}
    side = specification.side
    body: dict[str, object] = {"symbol": specification.symbol, "side": SIDES[side]}
    if is_option(specification.symbol):
        body["position_intent"] = intent(side, closes=specification.reduce_only)
    return body


def _units(specification: OrderSpecification) -> Decimal:
    """Return how many units the venue's one of an order is."""
    return CONTRACT_UNITS if specification.legs else units_of(specification.symbol)


def unpostable(specification: OrderSpecification, exits: OrderSpecification | None = None) -> str:
    """Return why Alpaca would refuse an order, as far as its own rules say; nothing if it may not.

    What it cannot do at all is refused before, at the last hop.
    """
    fractional = _is_fractional(specification)
    if fractional and exits is not None:
        quantity = plain(specification.quantity)
        return f"expected whole shares of an entry with its exits, found {quantity}"
    if fractional and is_choice(specification):
        quantity = plain(specification.quantity)
        return f"expected whole shares with a stop and a target in one order, found {quantity}"
    if fractional and _is_of_options(specification):
        quantity = plain(specification.quantity)
        return f"expected whole contracts of {CONTRACT_UNITS} units, found {quantity}"
    if fractional and specification.order_type is OrderType.TRAILING_STOP:
        quantity = plain(specification.quantity)
        return f"expected whole shares with a trailing stop, found a quantity of {quantity}"
    if fractional and specification.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        force = FORCES[specification.time_in_force]
        return f"expected a fraction of a share to be ordered for the day, found {force}"
    return ""


def _is_fractional(specification: OrderSpecification) -> bool:
    quantity = specification.quantity / _units(specification)
    return "/" not in specification.symbol and quantity != quantity.to_integral_value()


def _force(specification: OrderSpecification) -> str:
    """Return how long it lives: fractions of a share and options are taken for the day only."""
    if _is_fractional(specification) or _is_of_options(specification):
        return FORCES[TimeInForce.DAY]
    return FORCES[specification.time_in_force]


def _is_of_options(specification: OrderSpecification) -> bool:
    return bool(specification.legs) or is_option(specification.symbol)


def changed(
    quantity: Decimal | None, limit_price: Decimal | None, client_order_id: str
) -> dict[str, object]:
    """Return what a replacement changes; the new order has an id of its own.

    The quantity is in what the venue counts.
    """
    body: dict[str, object] = {"client_order_id": client_order_id}
    if quantity is not None:
        body["qty"] = plain(quantity)
    if limit_price is not None:
        body["limit_price"] = plain(limit_price)
    return body


def state_of(document: Document) -> OrderState:
    """Return the state that a status stands for; an unknown status proves nothing."""
    whole = choices.is_whole(document)
    status = choices.status_of(document) if whole else text_of(document, "status")
    if status in _ENDED:
        return _ENDED[status]
    if status not in _OPEN:
        raise Unreadable(f"expected a known status, found {status!r}")
    filled = choices.filled_of(document) if whole else decimal_of(document, "filled_qty")
    return OrderState.PARTIALLY_FILLED if filled else OrderState.WORKING


def has_ended(document: Document) -> bool:
    """Tell whether an order is over for sure."""
    return document.get("status") in _ENDED


def specification_of(document: Document, venue: str) -> OrderSpecification:
    """Return the order as we would have specified it; what we never order is left unspecified.

    Prices that its type cannot do without must be there, and a quantity unless money was ordered.
    """
    order_type = _TYPES.get(text_of(document, "type"), OrderType.UNSPECIFIED)
    trails = order_type is OrderType.TRAILING_STOP
    for name in _PRICES.get(order_type, ()):
        decimal_of(document, name)
    if trails and document.get("trail_percent") is None:
        decimal_of(document, "trail_price")
    if document.get("notional") is None:
        decimal_of(document, "qty")
    several, either = is_structure(document), choices.is_whole(document)
    quantity = choices.quantity_of(document) if either else decimal_or_none(document, "qty")
    stop = choices.stop_price_of(document) if either else decimal_or_none(document, "stop_price")
    return OrderSpecification(
        client_order_id=text_of(document, "client_order_id"),
        venue=venue,
        symbol=symbol_of(document),
        # Several legs are bought as they are written.
        side=Side.BUY if several else _SIDES.get(text_of(document, "side"), Side.UNSPECIFIED),
        order_type=order_type,
        quantity=(quantity or ZERO) * units_counted(document),
        limit_price=decimal_or_none(document, "limit_price"),
        # A trailing stop's price moves: it is the venue's, and no part of what was ordered.
        trigger_price=None if trails else stop,
        trail_amount=decimal_or_none(document, "trail_price"),
        trail_percent=decimal_or_none(document, "trail_percent"),
        time_in_force=_FORCES.get(text_of(document, "time_in_force"), TimeInForce.UNSPECIFIED),
        extended_hours=document.get("extended_hours") is True,
        legs=tuple(each.leg for each in legs_of(document)) if several else (),
    )


def symbol_of(document: Document) -> str:
    """Return what an order is about; of one with several legs, what they are options on."""
    return underlying_of(document) if is_structure(document) else text_of(document, "symbol")


def units_counted(document: Document) -> Decimal:
    """Return how many units the venue's one of an order is: it counts contracts or structures."""
    return CONTRACT_UNITS if is_structure(document) else units_of(text_of(document, "symbol"))


def filled_of(document: Document) -> Decimal:
    """Return how much of an order is executed, in units; of several legs, whole structures."""
    if choices.is_whole(document):
        return choices.filled_of(document)
    counted = decimal_of(document, "filled_qty") * units_counted(document)
    return whole_structures(legs_of(document)) if is_structure(document) else counted


def venue_order(
    document: Document, venue: str, executions: tuple[VenueExecution, ...] = ()
) -> VenueOrder:
    """Return what an order's document proves."""
    return VenueOrder(
        client_order_id=text_of(document, "client_order_id"),
        found=True,
        venue_order_id=text_of(document, "id"),
        state=state_of(document),
        filled_quantity=filled_of(document),
        legs_filled=legs_filled(legs_of(document)) if is_structure(document) else (),
        executions=executions,
        specification=specification_of(document, venue),
        event_at_ns=time_ns_of(document, "updated_at"),
    )
