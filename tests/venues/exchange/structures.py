"""Orders of several legs: taken as a whole, executed in whole structures, ended together.

The parent counts structures, each leg contracts: structures times its ratio. The limit is the net
price of one structure: above 0 is paid, below 0 is received. What a leg needs is never taken
unless every other leg finds its own, at a net price within the limit.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.account import INSUFFICIENT
from tests.venues.exchange.hours import may_trade
from tests.venues.exchange.orders import (
    MULTI_LEG,
    ZERO,
    Execution,
    Kind,
    Order,
    Refused,
    Side,
    Status,
    Ticket,
)

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange

LATER = "later"
OFF_GRID = "off_grid"


def submit(exchange: Exchange, ticket: Ticket, legs: list[Ticket]) -> Order:
    """Take an order of several legs and match it; `Refused` when it is not taken."""
    exchange.check_identifier(ticket.client_order_id)
    refusal = exchange.refusal()
    if refusal is not None and refusal[0] != LATER:
        raise Refused(*refusal)
    _check_grid(exchange, ticket, legs)
    if refusal is None:
        _check_account(exchange, ticket, legs)
    parent = _made(exchange, ticket, legs)
    exchange.tell("pending_new", parent)
    if refusal is not None:
        parent.reason = refusal[1]
        exchange.end(parent, Status.REJECTED)
        return parent
    exchange.tell("new", parent)
    match(exchange, parent)
    return parent


def change(exchange: Exchange, old: Order, ticket: Ticket) -> Order:
    """Put a changed order in the place of an open one; its legs have new ids too."""
    legs = [
        replace(leg.ticket, quantity=ticket.quantity * _ratio(leg), client_order_id="")
        for leg in old.legs
    ]
    _check_grid(exchange, ticket, legs)
    new = _made(exchange, ticket, legs)
    new.replaces, old.replaced_by = old.order_id, new.order_id
    for order, before in ((new, old), *zip(new.legs, old.legs, strict=True)):
        order.filled, order.value = before.filled, before.value
    exchange.end(old, Status.REPLACED)
    exchange.tell("pending_new", new)
    exchange.tell("new", new)
    match(exchange, new)
    return new


def match(exchange: Exchange, parent: Order) -> None:
    """Execute as many whole structures as every leg's book allows now."""
    trades = may_trade(exchange.hours, parent, exchange.market(parent.ticket.symbol).listing)
    count = _fillable(exchange, parent) if trades and parent.is_open else 0
    if not count:
        return
    before = parent.value
    for leg in parent.legs:
        market = exchange.market(leg.ticket.symbol)
        for part in market.take(leg, count * _ratio(leg)):
            exchange.execute(market, leg, part, maker=False)
    parent.value = sum((leg.ticket.side.sign * leg.value for leg in parent.legs), ZERO)
    parent.filled += count
    execution = _execution(exchange, parent, Decimal(count), parent.value - before)
    if parent.remaining:
        parent.status = Status.PARTIALLY_FILLED
        exchange.tell("partial_fill", parent, execution)
    else:
        exchange.end(parent, Status.FILLED, execution)


def end_legs(exchange: Exchange, parent: Order) -> None:
    """End with the parent what is still open of its legs."""
    for leg in parent.legs:
        if leg.is_open:
            leg.status, leg.ended_at_ns = parent.status, parent.ended_at_ns
            exchange.tell(parent.status.value, leg)


def _made(exchange: Exchange, ticket: Ticket, legs: list[Ticket]) -> Order:
    parent = exchange.new_order(ticket, Status.NEW)
    parent.order_class = MULTI_LEG
    parent.legs = [exchange.new_order(each, Status.NEW) for each in legs]
    for leg in parent.legs:
        leg.order_class, leg.parent_id = MULTI_LEG, parent.order_id
    return parent


def _fillable(exchange: Exchange, parent: Order) -> int:
    """Return how many structures the books hold within the limit, at most what one step may."""
    share, limit = exchange.fill_share(), parent.ticket.limit_price
    wanted = int(parent.remaining)
    if share is not None:
        wanted = min(wanted, max(1, int(parent.ticket.quantity * share)))
    books = [_levels(exchange, leg) for leg in parent.legs]
    for count in range(wanted):
        net = ZERO
        for leg, book in zip(parent.legs, books, strict=True):
            cost = _walk(book, _ratio(leg))
            if cost is None:
                return count
            net += leg.ticket.side.sign * cost
        if parent.ticket.kind is Kind.LIMIT and limit is not None and net > limit:
            return count
    return wanted


def _levels(exchange: Exchange, leg: Order) -> list[list[Decimal]]:
    levels = exchange.market(leg.ticket.symbol).opposite(leg.ticket.side)
    return [list(each) for each in levels]


def _walk(book: list[list[Decimal]], quantity: Decimal) -> Decimal | None:
    """Take from a copy of a book; return what it costs, or None if it does not hold so much."""
    cost = ZERO
    while quantity and book:
        part = min(quantity, book[0][1])
        cost += part * book[0][0]
        quantity -= part
        book[0][1] -= part
        if not book[0][1]:
            book.pop(0)
    return None if quantity else cost


def _execution(exchange: Exchange, parent: Order, count: Decimal, value: Decimal) -> Execution:
    """Return what the stream tells of the structures: the account's record holds legs only."""
    return Execution(
        execution_id=str(exchange.new_id()),
        number=0,
        price=value / count,
        quantity=count,
        cumulative=parent.filled,
        fee=ZERO,
        fee_asset="",
        maker=False,
        at_ns=exchange.clock(),
        position=ZERO,
    )


def _check_grid(exchange: Exchange, ticket: Ticket, legs: list[Ticket]) -> None:
    """Refuse what is not whole; a net price may be 0 or below it."""
    for leg in legs:
        exchange.check_grid(leg, exchange.market(leg.symbol).listing)
    tick = exchange.market(ticket.symbol).listing.tick
    if ticket.limit_price is not None and ticket.limit_price % tick:
        raise Refused(OFF_GRID, f"price {ticket.limit_price} is not a multiple of {tick}")


def _check_account(exchange: Exchange, ticket: Ticket, legs: list[Ticket]) -> None:
    """Refuse what closes more than is held, and what the money does not pay."""
    net, account = ZERO, exchange.account
    for leg in legs:
        market = exchange.market(leg.symbol)
        net += leg.side.sign * market.reference(leg.side) * (leg.ratio or ZERO)
        held = account.held(market.listing) * -leg.side.sign
        if leg.intent.endswith("_to_close") and held < leg.quantity:
            asked = f"(requested: {leg.quantity}, available: {max(held, ZERO)})"
            raise Refused(INSUFFICIENT, f"insufficient qty available for order {asked}")
    price = net if ticket.limit_price is None else ticket.limit_price
    listing = exchange.market(ticket.symbol).listing
    needed = price * ticket.quantity * listing.multiplier
    free = account.balances.get(listing.quote, ZERO)
    if needed > free - account.locked(listing.quote, exchange.holding_back()):
        raise Refused(INSUFFICIENT, "insufficient buying power")


def _ratio(leg: Order) -> Decimal:
    assert leg.ticket.ratio is not None
    return leg.ticket.ratio


def check_covered(legs: list[tuple[Side, Decimal, str]]) -> None:
    """Refuse a structure that sells what nothing in it covers.

    Legs that open: side, ratio and OCC symbol. A sold call is covered by a bought one that lives
    at least as long, and so is a put.
    """
    for right in "CP":
        of_right = [each for each in legs if each[2][-9] == right]
        for _, _, symbol in (each for each in of_right if each[0] is Side.SELL):
            living = [each for each in of_right if _expiry(each[2]) >= _expiry(symbol)]
            if sum(side.sign * ratio for side, ratio, _ in living) < 0:
                reason = "account not eligible to trade uncovered option contracts"
                raise Refused(INSUFFICIENT, reason)


def _expiry(symbol: str) -> str:
    return symbol[-15:-9]
