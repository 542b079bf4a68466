"""What a client posts, read into tickets; refusals as Alpaca words them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from tests.venues.alpaca.order_classes import INVALID, RULE, check_class, prices_of as _prices
from tests.venues.alpaca.shapes import is_contract, opposite
from tests.venues.exchange.account import INSUFFICIENT
from tests.venues.exchange.choices import EITHER, PASSED
from tests.venues.exchange.exchange import DUPLICATE, NOT_FOUND, NOT_OPEN, OFF_GRID
from tests.venues.exchange.orders import Force, Kind, Refused, Side, Ticket

Document = dict[str, object]
EXITS = ("take_profit", "stop_loss")
Word = TypeVar("Word", Kind, Side, Force)
_ANSWERS = {
    INSUFFICIENT: (403, 40310000),
    DUPLICATE: (422, 40010001),
    NOT_FOUND: (404, 40410000),
    NOT_OPEN: (422, 42210000),
    OFF_GRID: (422, 42210000),
    INVALID: (422, 40010001),
    RULE: (422, 42210000),
    PASSED: (422, 42210000),
}


@dataclass(frozen=True)
class Posted:
    """A posted order: the ticket, and the tickets that hang on it."""

    ticket: Ticket
    order_class: str
    others: list[Ticket]


def answer_of(refused: Refused) -> tuple[int, Document]:
    """Return status and body of a refusal; a code of eight digits begins with its status."""
    status, code = _ANSWERS.get(refused.code, (403, 40310000))
    if refused.code.isdigit():
        status, code = int(refused.code[:3]), int(refused.code)
    return status, {"code": code, "message": refused.reason}


def decimal_of(document: Document, name: str) -> Decimal | None:
    """Read a number that may be a text."""
    value = document.get(name)
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise Refused(INVALID, f"{name} must be a number, found {value!r}") from None


def posted_of(document: Document) -> Posted:
    """Read a posted order."""
    order_class = str(document.get("order_class") or "simple")
    if order_class != "simple":
        check_class(document, order_class)
    if order_class == EITHER:
        document = {**document, **_prices(document, "take_profit")}
    ticket = _ticket(document)
    if order_class == EITHER:
        return Posted(ticket, EITHER, [_exit(document, ticket, "stop_loss")])
    exits = [_exit(document, ticket, name) for name in EXITS if document.get(name)]
    return Posted(ticket, order_class, exits)


def changes_of(document: Document) -> dict[str, object]:
    """Read what a replacement changes."""
    names = {
        "qty": "quantity",
        "limit_price": "limit_price",
        "stop_price": "stop_price",
        "trail": "trail_amount",
    }
    changes: dict[str, object] = {
        ours: decimal_of(document, theirs)
        for theirs, ours in names.items()
        if document.get(theirs) is not None
    }
    if document.get("time_in_force"):
        changes["force"] = Force(str(document["time_in_force"]))
    return changes


def _ticket(document: Document) -> Ticket:
    quantity = decimal_of(document, "qty")
    if quantity is None:
        raise Refused(INVALID, "qty is required by this venue")
    kind = word_of(Kind, document, "type")
    ticket = Ticket(
        symbol=str(document.get("symbol")),
        side=word_of(Side, document, "side"),
        quantity=quantity,
        kind=kind,
        force=word_of(Force, document, "time_in_force"),
        limit_price=decimal_of(document, "limit_price"),
        stop_price=decimal_of(document, "stop_price"),
        trail_amount=decimal_of(document, "trail_price"),
        trail_percent=decimal_of(document, "trail_percent"),
        client_order_id=str(document.get("client_order_id") or ""),
        extended_hours=bool(document.get("extended_hours")),
        intent=str(document.get("position_intent") or ""),
    )
    _check_prices(ticket)
    _check_rules(ticket)
    if ticket.extended_hours:
        _check_extended_hours(ticket, document)
    return ticket


def _check_extended_hours(ticket: Ticket, document: Document) -> None:
    """Refuse what this venue does not take around the regular session."""
    if "/" in ticket.symbol or is_contract(ticket.symbol):
        raise Refused(RULE, "extended hours orders are for equities only")
    if ticket.kind is not Kind.LIMIT or ticket.force not in (Force.DAY, Force.GTC):
        raise Refused(RULE, "extended hours order must be DAY or GTC limit orders")
    if document.get("order_class") not in (None, "", "simple"):
        raise Refused(RULE, "extended hours orders must be simple orders")


def _check_rules(ticket: Ticket) -> None:
    """Refuse what this venue does not take of a pair, an option, or a fraction of a share."""
    if "/" in ticket.symbol:
        if ticket.kind not in (Kind.MARKET, Kind.LIMIT, Kind.STOP_LIMIT):
            raise Refused(RULE, "invalid order type for crypto order")
        if ticket.force not in (Force.GTC, Force.IOC):
            raise Refused(RULE, "invalid crypto time_in_force")
    elif is_contract(ticket.symbol):
        _check_contract(ticket)
    elif ticket.quantity % 1:
        if ticket.force is not Force.DAY:
            raise Refused(RULE, "fractional orders must be DAY orders")
        if ticket.kind is Kind.TRAILING_STOP:
            raise Refused(RULE, "fractional orders must be market, limit, stop or stop limit")


def _check_contract(ticket: Ticket) -> None:
    """Refuse what this venue does not take of an option."""
    if ticket.kind is Kind.TRAILING_STOP:
        raise Refused(RULE, "invalid order type for options trading")
    if ticket.force is not Force.DAY:
        raise Refused(RULE, "invalid time_in_force for options trading")
    if ticket.quantity % 1:
        raise Refused(RULE, "options orders must be whole contracts")
    if ticket.intent and not ticket.intent.startswith(f"{ticket.side.value}_to_"):
        raise Refused(INVALID, f"position intent {ticket.intent} does not fit the side")


def _check_prices(ticket: Ticket) -> None:
    if ticket.kind in (Kind.LIMIT, Kind.STOP_LIMIT) and ticket.limit_price is None:
        raise Refused(INVALID, f"{ticket.kind.value} orders require limit price")
    if ticket.kind in (Kind.STOP, Kind.STOP_LIMIT) and ticket.stop_price is None:
        raise Refused(INVALID, f"{ticket.kind.value} orders require stop price")
    if (
        ticket.kind is Kind.TRAILING_STOP
        and ticket.trail_amount is None
        and ticket.trail_percent is None
    ):
        raise Refused(INVALID, "trailing stop orders must specify trail_price or trail_percent")


def _exit(document: Document, entry: Ticket, name: str) -> Ticket:
    prices = _prices(document, name)
    limit, stop = decimal_of(prices, "limit_price"), decimal_of(prices, "stop_price")
    kind = Kind.LIMIT if stop is None else Kind.STOP if limit is None else Kind.STOP_LIMIT
    oco = document.get("order_class") == EITHER
    return Ticket(
        symbol=entry.symbol,
        side=entry.side if oco else opposite(entry.side),
        quantity=entry.quantity,
        kind=kind,
        force=entry.force,
        limit_price=limit,
        stop_price=stop,
    )


def word_of(words: type[Word], document: Document, name: str) -> Word:
    """Read a word that must be one of some."""
    try:
        return words(str(document.get(name)))
    except ValueError:
        found = document.get(name)
        raise Refused(
            INVALID, f"invalid {name}: expected one of {list(words)}, found {found!r}"
        ) from None
