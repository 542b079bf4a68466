"""From our specification to a call, and from ccxt's orders and trades to what they prove.

Numbers of answers are texts, as ccxt was told (`Access.settings`), so they are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tidegate_contracts.execution import (
    Liquidity,
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
    VenueExecution,
    VenueOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.adapters.ccxt.outcomes import Unproven
from tidegate_execution.core.capabilities import VenueKind
from tidegate_kernel.money import ZERO, plain

Document = Mapping[str, Any]
NS_PER_MS = 1_000_000
TYPES = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP: "market",
    OrderType.STOP_LIMIT: "limit",
    OrderType.TRAILING_STOP: "market",
}
"""ccxt's word for a type; a trigger price or a trail beside it makes it wait."""
_AT_ONCE = frozenset({OrderType.MARKET, OrderType.LIMIT})
NATIVE = {
    VenueKind.CCXT_SPOT: _AT_ONCE | {OrderType.STOP, OrderType.STOP_LIMIT},
    # Exchanges keep waiting orders of contracts each in its own way: only Binance's is known here.
    VenueKind.CCXT_CONTRACTS: _AT_ONCE,
    VenueKind.CCXT_BINANCE_USDM: frozenset(TYPES),
}
"""What goes to an exchange as it is; `tidegate_execution.core.capabilities` says the same."""
SIDES = {Side.BUY: "buy", Side.SELL: "sell"}
FORCES = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}
_SIDES = {text: side for side, text in SIDES.items()}
_TYPES = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop_loss": OrderType.STOP,
    "stop_loss_limit": OrderType.STOP_LIMIT,
}
LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_ENDED = {
    "closed": OrderState.FILLED,
    "canceled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "rejected": OrderState.REJECTED,
}
_ENDINGS = {
    OrderState.CANCELLED: VenueReportKind.CANCELLED,
    OrderState.EXPIRED: VenueReportKind.EXPIRED,
    OrderState.REJECTED: VenueReportKind.REJECTED,
}
_LIQUIDITY = {"maker": Liquidity.MAKER, "taker": Liquidity.TAKER}


def exact(value: object, what: str) -> Decimal:
    """Return a number that must be there."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unproven(f"expected {what} as an exact number, found {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unproven(f"expected {what} as a number, found {value!r}") from None
    if not number.is_finite():
        raise Unproven(f"expected {what} as a finite number, found {value!r}")
    return number


def text(document: Document, name: str) -> str:
    """Return a text that must be there."""
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise Unproven(f"expected {name} as text, found {type(value).__name__}")
    return value


def at_ns(document: Document, *names: str) -> int:
    """Return the first time that is there; 0 if none is."""
    found = (document.get(name) for name in names)
    return next((each * NS_PER_MS for each in found if isinstance(each, int) and each > 0), 0)


def parameters_of(specification: OrderSpecification, *, contracts: bool) -> dict[str, object]:
    """Return what a new order says beside symbol, type, side, amount and price."""
    made: dict[str, object] = {"clientOrderId": specification.client_order_id}
    if specification.post_only:
        # It has a type or a force of its own, and no other beside it.
        made["postOnly"] = True
    elif specification.order_type in LIMITED:
        # A market order lives no longer than a moment anyway; exchanges take no force with it.
        made["timeInForce"] = FORCES.get(specification.time_in_force, "GTC")
    if specification.trigger_price is not None:
        made["stopLossPrice"] = plain(specification.trigger_price)
    if specification.trail_percent is not None:
        made["trailingPercent"] = plain(specification.trail_percent)
    if contracts and specification.reduce_only:
        made["reduceOnly"] = True
    return made


def state_of(order: Document) -> OrderState:
    """Return the state that a status stands for; an unknown one proves nothing."""
    status = order.get("status")
    if status in _ENDED:
        return _ENDED[status]
    if status != "open":
        raise Unproven(f"expected a known status, found {status!r}")
    return OrderState.PARTIALLY_FILLED if filled_of(order) else OrderState.WORKING


def type_of(order: Document) -> OrderType:
    """Return what type of order it is."""
    return _TYPES.get(str(order.get("type")), OrderType.UNSPECIFIED)


def filled_of(order: Document) -> Decimal:
    """Return how much of an order is executed."""
    return exact(order.get("filled"), "filled")


def execution_of(trade: Document, order_id: str) -> VenueExecution:
    """Return an execution; its id counts within its order."""
    fee = trade.get("fee") or {}
    cost = fee.get("cost")
    return VenueExecution(
        execution_id=f"{order_id}:{text(trade, 'id')}",
        quantity=exact(trade.get("amount"), "amount"),
        price=exact(trade.get("price"), "price"),
        fee=ZERO if cost is None else exact(cost, "fee"),
        fee_currency=str(fee.get("currency") or ""),
        liquidity=_LIQUIDITY.get(str(trade.get("takerOrMaker")), Liquidity.UNSPECIFIED),
        event_at_ns=at_ns(trade, "timestamp"),
    )


def venue_order(
    order: Document,
    venue: str,
    executions: tuple[VenueExecution, ...] = (),
    known: tuple[OrderType, OrderState] | None = None,
) -> VenueOrder:
    """Return what an order proves; `known`: its type and state, where ccxt's words mean others."""
    client_order_id = text(order, "clientOrderId")
    order_type, state = known or (type_of(order), state_of(order))
    price, trigger = order.get("price"), order.get("triggerPrice")
    return VenueOrder(
        client_order_id=client_order_id,
        found=True,
        venue_order_id=text(order, "id"),
        state=state,
        filled_quantity=filled_of(order),
        executions=executions,
        specification=OrderSpecification(
            client_order_id=client_order_id,
            venue=venue,
            symbol=text(order, "symbol"),
            side=_SIDES.get(str(order.get("side")), Side.UNSPECIFIED),
            order_type=order_type,
            quantity=exact(order.get("amount"), "amount"),
            limit_price=exact(price, "price") if order_type in LIMITED else None,
            trigger_price=None if trigger is None else exact(trigger, "triggerPrice"),
            post_only=order.get("postOnly") is True,
        ),
        event_at_ns=at_ns(order, "lastUpdateTimestamp", "lastTradeTimestamp", "timestamp"),
    )


def reports_of(order: VenueOrder, session: str) -> list[VenueReport]:
    """Return an order's executions and its end as reports; none is lost by being told again."""
    assert order.specification is not None, "found"
    kinds = [(VenueReportKind.FILLED, each) for each in order.executions]
    ending = _ENDINGS.get(order.state)
    return [
        VenueReport(
            session=session,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            venue=order.specification.venue,
            symbol=order.specification.symbol,
            kind=kind,
            execution=execution,
            filled_quantity=order.filled_quantity,
            event_at_ns=order.event_at_ns if execution is None else execution.event_at_ns,
            reason="" if execution is not None else order.state.name.lower(),
        )
        for kind, execution in [*kinds, *([(ending, None)] if ending is not None else [])]
    ]
