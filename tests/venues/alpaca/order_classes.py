"""What Alpaca asks of bracket, OCO and OTO orders before it takes one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tests.venues.alpaca.shapes import is_contract
from tests.venues.exchange.orders import Refused

Document = dict[str, object]
INVALID = "invalid"
RULE = "rule"
CLASSES = ("bracket", "oco", "oto")


def prices_of(document: Document, name: str) -> Document:
    """Return what an order says of one of its exits; nothing if it says nothing."""
    prices = document.get(name) or {}
    if not isinstance(prices, dict):
        raise Refused(INVALID, f"{name} must be an object")
    return prices


def check_class(document: Document, order_class: str) -> None:
    """Refuse what is not taken with exits: other assets, fractions, other times, prices."""
    if order_class not in CLASSES:
        raise Refused(INVALID, f"invalid order_class: {order_class}")
    symbol = str(document.get("symbol"))
    if "/" in symbol or is_contract(symbol):
        raise Refused(RULE, f"{order_class} orders are for equities only")
    if (_number(document, "qty") or Decimal(0)) % 1:
        raise Refused(RULE, "fractional orders must be simple orders")
    if document.get("time_in_force") not in ("day", "gtc"):
        raise Refused(RULE, f"{order_class} orders must be DAY or GTC orders")
    if order_class == "oco" and document.get("type") != "limit":
        raise Refused(RULE, "oco orders must be limit orders")
    _check_exits(document, order_class)


def _check_exits(document: Document, order_class: str) -> None:
    target = _number(prices_of(document, "take_profit"), "limit_price")
    stop = _number(prices_of(document, "stop_loss"), "stop_price")
    if order_class == "oto":
        if (target is None) == (stop is None):
            raise Refused(INVALID, "oto orders require one of take_profit and stop_loss")
        return
    for name, price in (("take_profit.limit_price", target), ("stop_loss.stop_price", stop)):
        if price is None:
            raise Refused(INVALID, f"{order_class} orders require {name}")
    assert target is not None
    assert stop is not None
    exits_sell = (document.get("side") == "sell") == (order_class == "oco")
    if (target <= stop) if exits_sell else (target >= stop):
        bound = ">" if exits_sell else "<"
        raise Refused(RULE, f"take_profit.limit_price must be {bound} stop_loss.stop_price")


def _number(document: Document, name: str) -> Decimal | None:
    try:
        return None if document.get(name) is None else Decimal(str(document[name]))
    except InvalidOperation:
        raise Refused(INVALID, f"{name} must be a number") from None
