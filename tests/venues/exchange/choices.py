"""A target and a stop of which only one fills, by themselves or behind an entry.

The target rests. The stop is `HELD`: it takes nothing away from the account and waits until the
market trades at it. What one of them fills is taken off the other; whole, it ends the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.venues.exchange.account import INSUFFICIENT
from tests.venues.exchange.market import touched
from tests.venues.exchange.orders import ZERO, Kind, Order, Refused, Status, Ticket

if TYPE_CHECKING:
    from decimal import Decimal

    from tests.venues.exchange.exchange import Exchange

EITHER = "oco"
"""The order class of both."""
PASSED = "passed"


def submit(exchange: Exchange, target: Ticket, stop: Ticket) -> Order:
    """Take both for what is held; the target is the stop's parent. `Refused` when not taken."""
    _check(exchange, target, stop)
    first = exchange.admit(target)
    second = exchange.new_order(stop, Status.HELD)
    first.rivals, second.rivals = [second], [first]
    first.legs = [second]
    first.order_class = second.order_class = EITHER
    exchange.place(first)
    if second.is_open:
        wait(exchange, second)
    return first


def submit_behind(
    exchange: Exchange, ticket: Ticket, exits: list[Ticket], order_class: str
) -> Order:
    """Take an entry whose exits wait for it; of two exits only one may fill."""
    _check_behind(exchange, ticket, exits)
    order = exchange.admit(ticket)
    order.order_class = order_class
    order.legs = [exchange.new_order(each, Status.HELD) for each in exits]
    for leg in order.legs:
        leg.order_class = order_class
        leg.rivals = [each for each in order.legs if each is not leg]
    exchange.place(order)
    return order


def _check_behind(exchange: Exchange, ticket: Ticket, exits: list[Ticket]) -> None:
    """Refuse exits off the grid, and those that are passed before their entry has begun."""
    market = exchange.market(ticket.symbol)
    base = ticket.limit_price or market.last
    for each in exits:
        exchange.check_grid(each, market.listing)
        stops = each.stop_price is not None
        price = each.stop_price or each.limit_price
        assert price is not None
        # A sale stops below the price and takes its profit above it; a purchase does the reverse.
        below = stops == (each.side.sign < 0)
        if base and (price >= base if below else price <= base):
            name = "stop_loss.stop_price" if stops else "take_profit.limit_price"
            bound = "<= base_price - 0.01" if below else ">= base_price + 0.01"
            raise Refused(PASSED, f"{name} must be {bound}")


def entry_of(exchange: Exchange, order: Order) -> Order | None:
    """Return the entry that an order waits for, if it is open: who cancels one cancels all."""
    entries = (each for each in exchange.open_orders() if each.order_class != EITHER)
    return next((each for each in entries if any(leg is order for leg in each.legs)), None)


def _check(exchange: Exchange, target: Ticket, stop: Ticket) -> None:
    """Only what is held can be left, and a stop that is passed already can protect nothing."""
    market = exchange.market(target.symbol)
    exchange.check_identifier(target.client_order_id)
    held = exchange.account.held(market.listing) * -target.side.sign
    leaving = [
        each.remaining
        for each in exchange.open_orders()
        if each.ticket.symbol == target.symbol
        and each.ticket.side is target.side
        and each.status is not Status.HELD
    ]
    free = held - sum(leaving, ZERO)
    if target.quantity > free:
        found = f"(requested: {target.quantity}, available: {max(free, ZERO)})"
        raise Refused(INSUFFICIENT, f"insufficient qty available for order {found}")
    exchange.check_grid(stop, market.listing)
    if market.last and touched(Order(stop, "", 0, 0, stop_now=stop.stop_price), market.last):
        bound = "<= base_price - 0.01" if target.side.sign < 0 else ">= base_price + 0.01"
        raise Refused(PASSED, f"stop_loss.stop_price must be {bound}")


def wait(exchange: Exchange, stop: Order) -> None:
    """Let a stop wait beside its target, and tell so."""
    stop.status = Status.HELD
    exchange.market(stop.ticket.symbol).resting.append(stop)
    exchange.tell("held", stop)


def begin(exchange: Exchange, exits: list[Order]) -> None:
    """Let exits work, because their entry has filled whole: a stop beside a target waits."""
    for each in exits:
        if not each.is_open:
            # Its rival has filled at once.
            continue
        if each.rivals and each.ticket.kind is not Kind.LIMIT:
            wait(exchange, each)
        else:
            exchange.place(each)


def wake(exchange: Exchange, stop: Order) -> None:
    """Let a stop that was touched work."""
    if stop.status is Status.HELD:
        stop.status = Status.NEW
        exchange.tell("new", stop)


def take_off_rivals(order: Order, quantity: Decimal) -> None:
    """Take what an order has filled, in part, off those of which only one may fill."""
    for rival in order.rivals:
        if rival.is_open:
            left = rival.ticket.quantity - quantity
            rival.ticket = replace(rival.ticket, quantity=left)
