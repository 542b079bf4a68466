"""A naive paper venue for tests: one symbol, whole cents, plain loops.

It shares no code with the venue. Each bar is walked point by point, and at each point every order
is asked in turn; nothing is skipped because it could not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

DAY_NS = 86_400 * 10**9
NEVER_NS = 2**63


@dataclass
class NaiveOrder:
    """An order in cents and units, and what has become of it."""

    name: str
    kind: str
    buys: bool
    quantity: int
    force: str
    caused_ns: int
    limit: int | None = None
    trigger: int | None = None
    trail: int | None = None
    trail_percent: Decimal | None = None
    expires_ns: int = 0
    post_only: bool = False
    group: str = ""
    reduce_only: bool = False
    number: int = 0
    left: int = 0
    ended: str = ""
    triggered_ns: int = 0
    best: int | None = None
    first_bar_ns: int | None = None
    # (quantity, price, event time, is maker)
    fills: list[tuple[int, Decimal, int, bool]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Units that have been filled."""
        return sum(each[0] for each in self.fills)


@dataclass(frozen=True)
class NaiveBar:
    """A bar in cents and units."""

    start_ns: int
    end_ns: int
    opened: int
    high: int
    low: int
    closed: int
    volume: int


@dataclass
class NaiveVenue:
    """What the rules of matching say, taken literally."""

    path: str = "pessimistic"
    slippage_bps: int = 0
    latency_ns: int = 0
    touch: bool = False
    share: Decimal = Decimal(0)
    queues: bool = False
    held: int = 0
    orders: list[NaiveOrder] = field(default_factory=list)

    def place(self, order: NaiveOrder) -> str:
        """Take an order, or return the code of its refusal."""
        taken = sum(each.done for each in self.orders if each.group and each.group == order.group)
        self.orders.append(order)
        order.number = len(self.orders)
        order.left = order.quantity - taken
        code = ""
        if order.force == "GTD" and order.expires_ns <= order.caused_ns + self.latency_ns:
            code = "DATE_PASSED"
        elif order.left <= 0:
            code = "CHOICE_FILLED"
        elif order.reduce_only and (self.held >= 0 if order.buys else self.held <= 0):
            code = "NOTHING_TO_REDUCE"
        order.ended = "REJECTED" if code else ""
        return code

    def see(self, bar: NaiveBar, after_open: Callable[[], None] = lambda: None) -> None:
        """Let a bar act on all open orders; something may happen after its open."""
        may_act = [order for order in self.orders if self._may_act(order, bar)]
        budget = None if self.share == 0 else int(bar.volume * self.share)
        ranks = {order.name: self._rank(order) for order in may_act}
        for point in range(4):
            if point == 1:
                after_open()
            for order in sorted(may_act, key=lambda o: (ranks[o.name], *self._claim(o))):
                if order.ended:
                    continue
                found = self._reach(order, bar, point)
                if found is not None:
                    price, at_ns, maker = found
                    reached = self._reached(order, bar) if maker and point else order.left
                    offered = reached if budget is None else min(reached, budget)
                    units = self._fill(order, offered, price, at_ns, maker=maker)
                    budget = None if budget is None else budget - units
                if point == 0 and order.force in ("IOC", "FOK") and not order.ended:
                    order.ended = "EXPIRED"
        for order in may_act:
            if not order.ended and self._ends_ns(order) <= bar.end_ns:
                order.ended = "EXPIRED"

    def _may_act(self, order: NaiveOrder, bar: NaiveBar) -> bool:
        if not order.ended and bar.start_ns >= self._ends_ns(order):
            order.ended = "EXPIRED"
        arrives_ns = order.caused_ns + self.latency_ns
        if order.kind == "MARKET" and self.latency_ns < bar.end_ns - bar.start_ns:
            arrives_ns = order.caused_ns
        if order.ended or bar.start_ns < arrives_ns:
            return False
        order.first_bar_ns = order.first_bar_ns or bar.start_ns
        return True

    def _ends_ns(self, order: NaiveOrder) -> int:
        if order.force == "GTD":
            return order.expires_ns
        if order.force == "DAY" and order.first_bar_ns is not None:
            return (order.first_bar_ns // DAY_NS + 1) * DAY_NS
        return NEVER_NS

    def _rank(self, order: NaiveOrder) -> int:
        if order.kind == "MARKET":
            return 0
        if order.triggered_ns:
            return 2 if order.kind == "STOP_LIMIT" else 0
        return 2 if order.kind == "LIMIT" else 1

    def _claim(self, order: NaiveOrder) -> tuple[int, int, int, str]:
        better = (order.limit or 0) * (-1 if order.buys else 1)
        return better, order.caused_ns, order.number, order.name

    def _point(self, order: NaiveOrder, bar: NaiveBar, point: int) -> int:
        low_first = {
            "pessimistic": not order.buys,
            "low_first": True,
            "high_first": False,
            "nearest_first": bar.opened - bar.low <= bar.high - bar.opened,
        }[self.path]
        middle = [bar.low, bar.high] if low_first else [bar.high, bar.low]
        return [bar.opened, *middle, bar.closed][point]

    def _reach(
        self, order: NaiveOrder, bar: NaiveBar, point: int
    ) -> tuple[Decimal, int, bool] | None:
        """Return price, time and whether it is a maker, if this point fills the order."""
        dated = order.force == "GTD" and bar.end_ns - 1 >= order.expires_ns
        if point and (dated or order.force in ("IOC", "FOK")):
            return None
        traded = self._point(order, bar, point)
        at_ns = bar.end_ns - 1 if point else bar.start_ns
        is_stop = order.kind in ("STOP", "TRAILING_STOP")
        if order.kind == "MARKET" or (is_stop and order.triggered_ns):
            return None if point else (self._worse(order, Decimal(traded)), at_ns, False)
        if order.kind != "LIMIT" and not order.triggered_ns:
            return self._reach_trigger(order, traded, point, at_ns)
        if self.path == "pessimistic" and point == 2 and order.triggered_ns == at_ns:
            return None
        return self._reach_limit(order, bar, traded, point)

    def _reach_trigger(
        self, order: NaiveOrder, traded: int, point: int, at_ns: int
    ) -> tuple[Decimal, int, bool] | None:
        trigger = self._trigger(order)
        if trigger is None or not (traded >= trigger if order.buys else traded <= trigger):
            if order.best is None or (traded < order.best if order.buys else traded > order.best):
                order.best = traded
            return None
        order.triggered_ns = at_ns
        market_price = trigger if point else Decimal(traded)
        price = self._worse(order, market_price)
        if order.kind == "STOP_LIMIT":
            assert order.limit is not None
            if not self._through(order, market_price):
                return None
            limit = Decimal(order.limit)
            price = min(price, limit) if order.buys else max(price, limit)
        return price, at_ns, False

    def _reach_limit(
        self, order: NaiveOrder, bar: NaiveBar, traded: int, point: int
    ) -> tuple[Decimal, int, bool] | None:
        assert order.limit is not None
        if not self._through(order, Decimal(traded)):
            return None
        if point:
            return Decimal(order.limit), bar.end_ns - 1, True
        if order.post_only and order.first_bar_ns == bar.start_ns:
            order.ended = "REJECTED"
            return None
        if order.post_only:
            return Decimal(order.limit), bar.start_ns, True
        return Decimal(bar.opened), bar.start_ns, False

    def _trigger(self, order: NaiveOrder) -> Decimal | None:
        if order.trigger is not None:
            return Decimal(order.trigger)
        if order.best is None:
            return None
        away = Decimal(order.trail) if order.trail is not None else None
        if away is None:
            assert order.trail_percent is not None
            away = order.best * order.trail_percent / 100
        return order.best + away if order.buys else order.best - away

    def _through(self, order: NaiveOrder, traded: Decimal) -> bool:
        assert order.limit is not None
        if traded == order.limit:
            return self.touch
        return traded < order.limit if order.buys else traded > order.limit

    def _worse(self, order: NaiveOrder, price: Decimal) -> Decimal:
        exact = price + price * self.slippage_bps / 10_000 * (1 if order.buys else -1)
        cents = exact.to_integral_value(ROUND_CEILING if order.buys else ROUND_FLOOR)
        return max(cents, Decimal(1))

    def _reached(self, order: NaiveOrder, bar: NaiveBar) -> int:
        """Return how many units of a bar come to an order that rests."""
        if not self.queues:
            return order.left
        assert order.limit is not None
        if any(maker and at_ns == bar.end_ns - 1 for _, _, at_ns, maker in order.fills):
            return 0
        prices = range(bar.low, order.limit) if order.buys else range(order.limit, bar.high)
        return bar.volume * len(prices) // max(bar.high - bar.low, 1)

    def _fill(
        self, order: NaiveOrder, offered: int, price: Decimal, at_ns: int, *, maker: bool
    ) -> int:
        """Fill an order with what it is offered; return how many units it took."""
        wanted = min(order.left, offered)
        if wanted <= 0 or (order.force == "FOK" and wanted < order.left):
            return 0
        against = -self.held if order.buys else self.held
        units = min(wanted, max(against, 0)) if order.reduce_only else wanted
        if units > 0:
            order.fills.append((units, price, at_ns, maker))
            order.left -= units
            self.held += units if order.buys else -units
        if units < wanted:
            order.ended = "EXPIRED"
        elif order.left == 0:
            order.ended = "FILLED" if order.done == order.quantity else "CANCELLED"
        for other in self.orders:
            if order.group and other.group == order.group and other is not order:
                self._lose(other, units)
        return units

    def _lose(self, other: NaiveOrder, units: int) -> None:
        if not other.ended:
            other.left -= min(units, other.left)
            if other.left == 0:
                other.ended = "CANCELLED"
