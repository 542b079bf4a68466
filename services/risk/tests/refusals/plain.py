"""A book that is kept the long way: a list of what was filled and ordered, and sums over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tidegate_contracts.execution import OrderState, Side
from tidegate_contracts.signals import Direction
from tidegate_risk.testing import CAPITAL, Desk, bar, ordered, parameters

from .cases import daily

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.risk import Verdict

SYMBOLS = ("AAPL", "MSFT", "TSLA", "XOM")
ASSUMED_STOP = Decimal("0.08")
Steps = list[tuple[str, int, int]]
"""What is done, to which, and how much."""


@dataclass
class Order:
    """An approved order, and how much of it is open."""

    verdict: Verdict
    rest: int
    # The newest close when it was approved.
    price: Decimal

    @property
    def sign(self) -> int:
        """1 if it buys, -1 if it sells."""
        return 1 if ordered(self.verdict).side == Side.BUY else -1


@dataclass
class Plain:
    """Everything that happened, in the order in which it did."""

    cash: Decimal = CAPITAL
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYMBOLS, 0))
    prices: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(SYMBOLS, Decimal(100)))
    # By strategy and symbol.
    owned: dict[tuple[str, str], int] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    approvals: int = 0

    def equity(self) -> Decimal:
        """Return the smaller of what the book is worth and what the account began with."""
        worth = self.cash + sum(self.held[each] * self.prices[each] for each in SYMBOLS)
        return min(worth, CAPITAL)

    def open(self, symbol: str, sign: int) -> int:
        """Return what open orders of one side could still trade."""
        return sum(o.rest for o in self.orders if o.verdict.symbol == symbol and o.sign == sign)

    def worst_quantity(self, symbol: str, bought: int = 0, sold: int = 0) -> int:
        """Return the largest position that open orders and one more could lead to."""
        up = self.held[symbol] + self.open(symbol, 1) + bought
        down = self.held[symbol] - self.open(symbol, -1) - sold
        return max(abs(up), abs(down))

    def exposed(self) -> set[str]:
        """Return the symbols that are held, or that an open entry may bring."""
        entries = {o.verdict.symbol for o in self.orders if not ordered(o.verdict).reduce_only}
        return {each for each in SYMBOLS if self.held[each]} | entries

    def gross(self, symbol: str, bought: int, sold: int) -> Decimal:
        """Return the worst case of all symbols together, with one more order."""
        others = (each for each in SYMBOLS if each != symbol)
        rest = sum((self.worst_quantity(each) * self.prices[each] for each in others), Decimal(0))
        return rest + self.worst_quantity(symbol, bought, sold) * self.prices[symbol]

    def free_cash(self) -> Decimal:
        """Return the cash that is left after margin of shorts, and after open entries."""
        shorts = sum((-q * self.prices[each] for each, q in self.held.items() if q < 0), Decimal(0))
        entries = (o for o in self.orders if not ordered(o.verdict).reduce_only)
        reserved = sum((o.rest * o.price for o in entries), Decimal(0))
        return self.cash - 2 * shorts - reserved

    def heat(self) -> Decimal:
        """Return what would be lost if every position and entry were given up at its stop."""
        shares = dict(self.owned)
        for order in self.orders:
            if not ordered(order.verdict).reduce_only:
                place = (order.verdict.strategy, order.verdict.symbol)
                shares[place] = shares.get(place, 0) + order.sign * order.rest
        values = (abs(quantity) * self.prices[symbol] for (_, symbol), quantity in shares.items())
        return ASSUMED_STOP * sum(values, Decimal(0))

    def net(self, symbol: str, quantity: int, sign: int) -> Decimal:
        """Return longs less shorts with every open order of one side filled and one more."""
        whole = sum(
            ((self.held[e] + sign * self.open(e, sign)) * self.prices[e] for e in SYMBOLS),
            Decimal(0),
        )
        return sign * whole + quantity * self.prices[symbol]


class Scene:
    """A desk under wide limits beside a plain book; what is done to one is done to the other."""

    def __init__(self) -> None:
        self.desk = Desk(parameters(short_allowed=True), SYMBOLS)
        self.plain = Plain()

    def play(self, steps: Iterable[tuple[str, int, int]]) -> None:
        """Do some steps: what, to which, how much."""
        for name, which, much in steps:
            self.desk.now_ns += 1
            getattr(self, f"_{name}")(which, much)

    def _enter(self, which: int, much: int) -> None:
        direction = Direction.LONG if much % 2 else Direction.SHORT
        self._ask(direction, SYMBOLS[which % 4], f"s{much % 3}")

    def _leave(self, which: int, much: int) -> None:
        self._ask(Direction.FLAT, SYMBOLS[which % 4], f"s{much % 3}")

    def _ask(self, direction: Direction, symbol: str, strategy: str) -> None:
        verdict = self.desk.ask(direction, symbol, strategy)
        specification = verdict.specification
        if specification is None:
            return
        if specification.quantity:
            self.plain.approvals += 1
            self.desk.report(verdict, OrderState.WORKING)
            self.plain.orders.append(
                Order(verdict, int(specification.quantity), self.plain.prices[symbol])
            )

    def _fill(self, which: int, much: int) -> None:
        if self.plain.orders:
            order = self.plain.orders[which % len(self.plain.orders)]
            done = min(order.rest, much)
            symbol = order.verdict.symbol
            price = self.plain.prices[symbol]
            self.desk.fill(order.verdict, done, price)  # type: ignore[arg-type]
            self.plain.held[symbol] += order.sign * done
            place = (order.verdict.strategy, symbol)
            self.plain.owned[place] = self.plain.owned.get(place, 0) + order.sign * done
            self.plain.cash -= order.sign * done * price
            order.rest -= done
            if not order.rest:
                self._end(order, OrderState.FILLED)

    def _cancel(self, which: int, _: int) -> None:
        if self.plain.orders:
            self._end(self.plain.orders[which % len(self.plain.orders)], OrderState.CANCELLED)

    def _end(self, order: Order, state: OrderState) -> None:
        filled = int(ordered(order.verdict).quantity) - order.rest
        self.desk.report(order.verdict, state, filled)
        self.plain.orders.remove(order)

    def _remember(self, _which: int, _much: int) -> None:
        """Give the first three symbols a history, and leave nothing in the fourth."""
        daily(self.desk)

    def _move(self, which: int, much: int) -> None:
        symbol, cents = SYMBOLS[which % 4], 9_000 + 20 * much
        self.desk.tell(bar(symbol, cents, self.desk.now_ns))
        self.plain.prices[symbol] = Decimal(cents) / 100


scenes = st.lists(
    st.tuples(
        st.sampled_from(["enter", "enter", "fill", "fill", "cancel", "leave", "move"]),
        st.integers(0, 20),
        st.integers(1, 100),
    ),
    max_size=25,
)
