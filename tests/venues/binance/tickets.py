"""What a client sends, read into tickets; refusals as Binance words them."""

from __future__ import annotations

from decimal import Decimal

from tests.venues.binance.signing import Fields
from tests.venues.exchange.account import INSUFFICIENT
from tests.venues.exchange.exchange import DUPLICATE, NOT_FOUND, NOT_OPEN, OFF_GRID
from tests.venues.exchange.orders import Force, Kind, Refused, Side, Ticket

KINDS = {
    "MARKET": Kind.MARKET,
    "LIMIT": Kind.LIMIT,
    "LIMIT_MAKER": Kind.LIMIT,
    "STOP_LOSS": Kind.STOP,
    "STOP_LOSS_LIMIT": Kind.STOP_LIMIT,
    "STOP_MARKET": Kind.STOP,
    "STOP": Kind.STOP_LIMIT,
    "TRAILING_STOP_MARKET": Kind.TRAILING_STOP,
}
FORCES = {"GTC": Force.GTC, "IOC": Force.IOC, "FOK": Force.FOK, "GTX": Force.GTC, "GTD": Force.GTC}
FORCELESS = ("LIMIT_MAKER", "STOP_LOSS")
UNKNOWN_TYPE = "unknown_type"
UNKNOWN_SYMBOL = "unknown_symbol"
_SPOT = {
    INSUFFICIENT: (-2010, "Account has insufficient balance for requested action."),
    DUPLICATE: (-2010, "Duplicate order sent."),
    "would_match": (-2010, "Order would immediately match and take."),
    "would_trigger": (-2010, "Stop price would trigger immediately."),
    OFF_GRID: (-1013, "Filter failure: LOT_SIZE"),
    NOT_OPEN: (-2011, "Unknown order sent."),
    NOT_FOUND: (-2013, "Order does not exist."),
    UNKNOWN_TYPE: (-1116, "Invalid orderType."),
    UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
}
_CONTRACTS = {
    **_SPOT,
    INSUFFICIENT: (-2019, "Margin is insufficient."),
    DUPLICATE: (-4116, "ClientOrderId is duplicated."),
    "would_match": (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    "nothing_to_reduce": (-2022, "ReduceOnly Order is rejected."),
    OFF_GRID: (-1111, "Precision is over the maximum defined for this asset."),
}


def answer_of(refused: Refused, *, contracts: bool) -> tuple[int, dict[str, object]]:
    """Return status and body of a refusal; a negative number is Binance's own code."""
    known = _CONTRACTS if contracts else _SPOT
    code, message = known.get(refused.code, (-2010, refused.reason))
    if refused.code.startswith("-"):
        code, message = int(refused.code), refused.reason
    return 400, {"code": code, "msg": message}


def ticket_of(fields: Fields) -> Ticket:
    """Read a new order."""
    name = fields.get("type", "")
    if name not in KINDS:
        raise Refused(UNKNOWN_TYPE, name)
    if name in FORCELESS and "timeInForce" in fields:
        raise Refused("-1106", "Parameter 'timeInForce' sent when not required.")
    trailing = fields.get("trailingDelta")
    percent = _decimal(fields, "callbackRate")
    if trailing is not None:
        percent = Decimal(trailing) / 100
    return Ticket(
        symbol=fields.get("symbol", ""),
        side=Side(fields.get("side", "").lower()),
        quantity=_decimal(fields, "quantity") or Decimal(0),
        kind=Kind.TRAILING_STOP if trailing is not None else KINDS[name],
        force=FORCES[fields.get("timeInForce", "GTC")],
        limit_price=_decimal(fields, "price"),
        stop_price=_decimal(fields, "stopPrice") or _decimal(fields, "triggerPrice"),
        trail_percent=percent,
        client_order_id=fields.get("newClientOrderId") or fields.get("clientAlgoId") or "",
        post_only=name == "LIMIT_MAKER" or fields.get("timeInForce") == "GTX",
        reduce_only=fields.get("reduceOnly", "").lower() == "true",
    )


def _decimal(fields: Fields, name: str) -> Decimal | None:
    return Decimal(fields[name]) if fields.get(name) else None
