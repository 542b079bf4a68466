"""The exchange: takes orders, matches them, tells what happened.

Every public call is one step under one lock, so that servers and tests may share it. What happens
is told to listeners within the step, with orders as they were at that moment.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.venues.exchange import choices, structures
from tests.venues.exchange.account import Account
from tests.venues.exchange.habits import Habits, Identifiers
from tests.venues.exchange.hours import Hours, is_over, may_trade
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.market import Market, touched
from tests.venues.exchange.orders import (
    MULTI_LEG,
    ZERO,
    Execution,
    Force,
    Kind,
    Order,
    Refused,
    Side,
    Status,
    Ticket,
    Update,
)

DUPLICATE = "duplicate"
NOT_FOUND = "not_found"
NOT_OPEN = "not_open"
OFF_GRID = "off_grid"
LATER = "later"
"""A refusal that comes as an update, after the order has been taken."""
Listener = Callable[[Update], None]
Watcher = Callable[[str, Market], None]
"""Told of every change of a book: ``quote`` or ``trade``."""


@dataclass
class Exchange:
    """One venue for one account."""

    habits: Habits
    account: Account
    clock: Callable[[], int] = time.time_ns
    # The largest share of an order that one step executes; None for all.
    fill_share: Callable[[], Decimal | None] = lambda: None
    # Why the next order is refused, if it is: (code, sentence).
    refusal: Callable[[], tuple[str, str] | None] = lambda: None
    orders: dict[str, Order] = field(default_factory=dict)
    markets: dict[str, Market] = field(default_factory=dict)
    executions: list[tuple[Order, Execution]] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    updates: int = 0
    # True: shares and options are traded day and night, whatever day a test is run on.
    open_always: bool = False
    hours: Hours = Hours.REGULAR
    lock: threading.RLock = field(default_factory=threading.RLock)
    identifiers: random.Random = field(default_factory=lambda: random.Random(7))

    def list_symbol(self, listing: Listing) -> None:
        """Open a symbol for trading."""
        with self.lock:
            self.markets[listing.symbol] = Market(listing)

    # --- what clients do --------------------------------------------------------------------

    def submit(self, ticket: Ticket) -> Order:
        """Take an order and match it; `Refused` when it is not taken."""
        with self.lock:
            order = self.admit(ticket)
            self.place(order)
            return order

    def submit_bracket(self, ticket: Ticket, exits: list[Ticket], order_class: str) -> Order:
        """Take an entry whose exits wait for it; of two exits only one may fill."""
        with self.lock:
            return choices.submit_behind(self, ticket, exits, order_class)

    def submit_either(self, target: Ticket, stop: Ticket) -> Order:
        """Take two exits of which only one may fill; the target is the stop's parent."""
        with self.lock:
            return choices.submit(self, target, stop)

    def submit_legs(self, ticket: Ticket, legs: list[Ticket]) -> Order:
        """Take a multi-leg order: its legs are executed in whole structures, or not at all."""
        with self.lock:
            return structures.submit(self, ticket, legs)

    def cancel(self, order_id: str) -> Order:
        """Cancel an open order."""
        with self.lock:
            order = self._find_whole(order_id)
            if not order.is_open:
                raise Refused(NOT_OPEN, f"order is already in {order.status.value!r} state")
            entry = choices.entry_of(self, order)
            self.end(order if entry is None else entry, Status.CANCELED)
            return order

    def replace(self, order_id: str, changes: dict[str, object], client_order_id: str) -> Order:
        """Put a changed order in the place of an open one, under a new id."""
        with self.lock:
            old = self._find_whole(order_id)
            if not old.is_open or old.status is Status.HELD:
                raise Refused(NOT_OPEN, f"order is already in {old.status.value!r} state")
            ticket = replace(old.ticket, client_order_id=client_order_id, **changes)  # type: ignore[arg-type]
            self.check_identifier(client_order_id)
            if old.order_class == MULTI_LEG:
                return structures.change(self, old, ticket)
            self.check_grid(ticket, self.market(ticket.symbol).listing)
            new = self.new_order(ticket, Status.NEW)
            new.replaces, old.replaced_by = old.order_id, new.order_id
            new.filled, new.value = old.filled, old.value
            self.end(old, Status.REPLACED)
            self.place(new)
            return new

    def find(self, order_id: str) -> Order:
        """Return an order by the venue's id."""
        with self.lock:
            order = self.orders.get(order_id)
            if order is None:
                raise Refused(NOT_FOUND, f"order not found for {order_id}")
            return order

    def _find_whole(self, order_id: str) -> Order:
        """Return an order that is not the leg of another."""
        order = self.find(order_id)
        if order.parent_id:
            raise Refused(NOT_OPEN, "a leg of a multi-leg order cannot be changed by itself")
        return order

    def find_client(self, client_order_id: str) -> Order:
        """Return the newest order of a client's id."""
        with self.lock:
            for order in reversed(self.orders.values()):
                if order.ticket.client_order_id == client_order_id:
                    return order
            raise Refused(NOT_FOUND, f"order not found for {client_order_id}")

    def open_orders(self) -> list[Order]:
        """Return open orders, oldest first."""
        with self.lock:
            return [order for order in self.orders.values() if order.is_open]

    def market(self, symbol: str) -> Market:
        """Return a symbol's market."""
        market = self.markets.get(symbol)
        if market is None:
            raise Refused(NOT_FOUND, f"asset {symbol!r} not found")
        return market

    # --- what the world does ----------------------------------------------------------------

    def quote(
        self, symbol: str, bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]
    ) -> None:
        """Replace a symbol's outside liquidity: (price, quantity), best first. Orders match it."""
        with self.lock:
            market = self.market(symbol)
            market.bids = [[Decimal(price), Decimal(size)] for price, size in bids]
            market.asks = [[Decimal(price), Decimal(size)] for price, size in asks]
            if not market.last and market.bids and market.asks:
                market.last = (market.bids[0][0] + market.asks[0][0]) / 2
            self._changed("quote", market)
            self._trigger(market)
            self._rematch(market)

    def trade(self, symbol: str, price: str) -> None:
        """Let a trade of others happen at a price; stops look at it."""
        with self.lock:
            market = self.market(symbol)
            market.last = Decimal(price)
            self._changed("trade", market)
            self._trigger(market)
            self._rematch(market)

    def end_day(self) -> None:
        """Expire what lives for the day."""
        with self.lock:
            for order in self.open_orders():
                if order.is_open and order.ticket.force is Force.DAY:
                    self.end(order, Status.EXPIRED)

    def turn(self, hours: Hours) -> None:
        """Let other hours begin: days end, and what may be traded now is matched."""
        with self.lock:
            self.hours = hours
            for order in self.open_orders():
                listing = self.market(order.ticket.symbol).listing
                if order.is_open and is_over(hours, order, listing):
                    self.end(order, Status.EXPIRED)
            for market in self.markets.values():
                self._trigger(market)
                self._rematch(market)

    def close_by_itself(self, symbol: str) -> Order:
        """Close a position as a broker does before expiry: by an order that no client sent."""
        with self.lock:
            held = self.account.positions[symbol].quantity
            ticket = Ticket(
                symbol=symbol,
                side=Side.SELL if held > 0 else Side.BUY,
                quantity=abs(held),
                force=Force.DAY,
                client_order_id=str(self.new_id()),
            )
            order = self.new_order(ticket, Status.NEW)
            self.place(order)
            return order

    # --- how it works -----------------------------------------------------------------------

    def admit(self, ticket: Ticket) -> Order:
        """Check an order and write it down; it does not rest yet."""
        market = self.market(ticket.symbol)
        self.check_identifier(ticket.client_order_id)
        refusal = self.refusal()
        if refusal is not None and refusal[0] == LATER:
            return self._refuse_later(ticket, refusal[1])
        if refusal is not None:
            raise Refused(*refusal)
        self.check_grid(ticket, market.listing)
        order = self.new_order(ticket, Status.NEW, keep=False)
        self.account.check(order, market.listing, self._price(order), self.holding_back())
        if ticket.post_only and market.reachable(order):
            raise Refused("would_match", "Order would immediately match and take.")
        if ticket.stop_price and self.habits.stops_must_wait and touched(order, market.last):
            raise Refused("would_trigger", "Stop price would trigger immediately.")
        self.orders[order.order_id] = order
        return order

    def holding_back(self) -> list[tuple[Order, Listing, Decimal]]:
        """Return the open orders that hold something back, with listing and price."""
        return [
            (each, self.market(each.ticket.symbol).listing, self._price(each))
            for each in self.open_orders()
            if each.status is not Status.HELD and not _is_structure(each)
        ]

    def _refuse_later(self, ticket: Ticket, reason: str) -> Order:
        order = self.new_order(ticket, Status.REJECTED)
        order.reason = reason
        return order

    def check_identifier(self, client_order_id: str) -> None:
        """Refuse a client's id that is taken."""
        among_open = self.habits.identifiers is Identifiers.AMONG_OPEN
        for order in self.orders.values():
            if order.ticket.client_order_id == client_order_id and (
                order.is_open or not among_open
            ):
                raise Refused(DUPLICATE, "client_order_id must be unique")

    def check_grid(self, ticket: Ticket, listing: Listing) -> None:
        """Refuse quantities and prices that are off the grid."""
        if ticket.quantity <= 0 or ticket.quantity % listing.lot:
            raise Refused(
                OFF_GRID, f"quantity {ticket.quantity} is not a multiple of {listing.lot}"
            )
        if ticket.quantity < listing.min_quantity:
            raise Refused(OFF_GRID, f"quantity must be at least {listing.min_quantity}")
        for price in (ticket.limit_price, ticket.stop_price):
            if price is not None and (price <= 0 or price % listing.tick):
                raise Refused(OFF_GRID, f"price {price} is not a multiple of {listing.tick}")

    def _price(self, order: Order) -> Decimal:
        limit = order.ticket.limit_price or order.ticket.stop_price
        return limit or self.market(order.ticket.symbol).reference(order.ticket.side)

    def new_order(self, ticket: Ticket, status: Status, *, keep: bool = True) -> Order:
        """Write an order down under a new id."""
        now_ns = self.clock()
        order = Order(
            ticket=ticket
            if ticket.client_order_id
            else replace(ticket, client_order_id=str(self.new_id())),
            order_id=str(self.new_id()),
            number=len(self.orders) + 1,
            created_at_ns=now_ns,
            updated_at_ns=now_ns,
            status=status,
            triggered=ticket.kind in (Kind.MARKET, Kind.LIMIT),
            stop_now=ticket.stop_price,
        )
        if keep:
            self.orders[order.order_id] = order
        return order

    def place(self, order: Order) -> None:
        """Let an order rest, and match it."""
        market = self.market(order.ticket.symbol)
        if order.status is Status.REJECTED:
            self.tell("pending_new", order)
            self.end(order, Status.REJECTED)
            return
        order.status = Status.PARTIALLY_FILLED if order.filled else Status.NEW
        self.tell("pending_new", order)
        self.tell("new", order)
        if order.ticket.kind is Kind.TRAILING_STOP:
            touched(order, market.last)
        market.resting.append(order)
        self._match(market, order, maker=False)
        if order.is_open and self._is_impatient(order):
            ended = Status.CANCELED if order.ticket.kind is not Kind.MARKET else Status.EXPIRED
            self.end(order, ended)

    def _is_impatient(self, order: Order) -> bool:
        if order.ticket.force in (Force.IOC, Force.FOK):
            return True
        return order.ticket.kind is Kind.MARKET and not self.habits.market_orders_wait

    def _match(self, market: Market, order: Order, *, maker: bool) -> None:
        if not order.triggered or not order.is_open:
            return
        if not may_trade(self.hours, order, market.listing):
            return
        fok = order.ticket.force is Force.FOK
        if fok and market.reachable(order) < order.remaining:
            return
        share = None if fok else self.fill_share()
        at_most = order.remaining if share is None else _part(order, share, market.listing.lot)
        for price, quantity in market.take(order, at_most):
            self.execute(market, order, (price, quantity), maker=maker)

    def _executed_at_ns(self, order: Order, *, maker: bool) -> int:
        """Return when an execution happens: no order that rests is hit in the same instant."""
        now_ns = self.clock()
        return max(now_ns, order.created_at_ns + self.habits.rests_at_least_ns) if maker else now_ns

    def execute(
        self, market: Market, order: Order, part: tuple[Decimal, Decimal], *, maker: bool
    ) -> None:
        """Execute a part of an order: (price, quantity)."""
        ticket, listing = order.ticket, market.listing
        price, quantity = part
        if maker and ticket.limit_price is not None:
            price = ticket.limit_price
        fee, fee_asset = self.account.fee(listing, ticket.side, (price, quantity), maker=maker)
        execution = Execution(
            execution_id=str(self.new_id()),
            number=len(self.executions) + 1,
            price=price,
            quantity=quantity,
            cumulative=order.filled + quantity,
            fee=fee,
            fee_asset=fee_asset,
            maker=maker,
            at_ns=self._executed_at_ns(order, maker=maker),
            position=ZERO,
        )
        self.account.book(listing, ticket.side, execution)
        execution = replace(execution, position=self.account.held(listing))
        order.filled += quantity
        order.value += quantity * price
        order.executions.append(execution)
        self.executions.append((order, execution))
        market.last = price
        if order.remaining:
            order.status = Status.PARTIALLY_FILLED
            choices.take_off_rivals(order, quantity)
            self.tell("partial_fill", order, execution)
        else:
            self.end(order, Status.FILLED, execution)
        self._changed("trade", market)

    def end(self, order: Order, status: Status, execution: Execution | None = None) -> None:
        """End an order, and what goes with it."""
        order.status = status
        order.ended_at_ns = self.clock()
        resting = self.market(order.ticket.symbol).resting
        if order in resting:
            resting.remove(order)
        if _is_structure(order):
            structures.end_legs(self, order)
        what = "fill" if status is Status.FILLED else status.value
        self.tell(what, order, execution)
        for rival in order.rivals:
            if rival.is_open and status in (Status.FILLED, Status.CANCELED):
                self.end(rival, Status.CANCELED)
        exits = [leg for leg in order.legs if leg.status is Status.HELD]
        if status is Status.FILLED:
            choices.begin(self, exits)
        else:
            for leg in exits:
                self.end(leg, Status.CANCELED)

    def _trigger(self, market: Market) -> None:
        for order in market.waiting_stops():
            trades = may_trade(self.hours, order, market.listing)
            if trades and market.last and touched(order, market.last):
                order.triggered = True
                choices.wake(self, order)
                self._match(market, order, maker=False)

    def _rematch(self, market: Market) -> None:
        for order in market.in_priority():
            self._match(market, order, maker=order.ticket.kind is Kind.LIMIT)
        for parent in self.open_orders():
            about = {leg.ticket.symbol for leg in parent.legs}
            if _is_structure(parent) and market.listing.symbol in about:
                structures.match(self, parent)

    def tell(self, what: str, order: Order, execution: Execution | None = None) -> None:
        """Tell the listeners what happened to an order."""
        now_ns = self.clock()
        order.updated_at_ns = now_ns
        if order.parent_id:
            # The stream speaks of the whole order only.
            return
        self.updates += 1
        update = Update(what, order.seen_now(), now_ns, self.updates, execution)
        for listener in self.listeners:
            listener(update)

    def _changed(self, what: str, market: Market) -> None:
        market.changes += 1
        for watcher in self.watchers:
            watcher(what, market)

    def new_id(self) -> uuid.UUID:
        """Return an id that nothing has."""
        return uuid.UUID(int=self.identifiers.getrandbits(128), version=4)


def _is_structure(order: Order) -> bool:
    """Tell whether it is an order of several legs: they hold back what it needs."""
    return order.order_class == MULTI_LEG and not order.parent_id


def _part(order: Order, share: Decimal, lot: Decimal) -> Decimal:
    """Return a share of an order in whole lots, at least one."""
    wanted = order.ticket.quantity * share
    return min(order.remaining, max(lot, wanted - wanted % lot))
