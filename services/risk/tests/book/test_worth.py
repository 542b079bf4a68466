"""What the book keeps from one decision to the next is what a new count would give."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderState
from tidegate_contracts.risk import Decision
from tidegate_contracts.signals import Direction
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.book.book import new_book
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.portfolio.heat import heat_of
from tidegate_risk.testing import Desk, bar, instrument, ordered, parameters

if TYPE_CHECKING:
    from tidegate_contracts.risk import Verdict
    from tidegate_risk.core.book.book import Book

SYMBOLS = ("A", "B", "C")
WISHES = (Direction.LONG, Direction.LONG, Direction.SHORT, Direction.FLAT)

symbols = st.sampled_from(SYMBOLS)
days = st.tuples(st.just("day"), st.lists(st.integers(9_000, 11_000), min_size=3, max_size=3))
steps = st.one_of(
    days,
    days,
    st.tuples(st.just("ask"), symbols, st.sampled_from(WISHES), st.sampled_from((None, 3))),
    st.tuples(st.just("ask"), symbols, st.sampled_from(WISHES), st.sampled_from((None, 3))),
    st.tuples(st.just("fill"), st.integers(0, 9), st.integers(1, 120), st.integers(90, 110)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("describe"), symbols, st.sampled_from((2, 3))),
)


class History:
    """A desk that checks after every step what its book has kept."""

    def __init__(self) -> None:
        self.told = parameters(short_allowed=True, estimate_days_min=2)
        self.desk = Desk(self.told, SYMBOLS)
        self.open: list[Verdict] = []

    def day(self, closes: list[int]) -> None:
        """Let a day pass."""
        self.desk.now_ns += NS_PER_DAY
        for symbol, close in zip(SYMBOLS, closes, strict=True):
            self.desk.tell(bar(symbol, close, self.desk.now_ns))

    def describe(self, symbol: str, scale: int) -> None:
        """Describe an instrument, perhaps in another scale."""
        self.desk.tell(instrument(symbol, price_scale=scale))

    def ask(self, symbol: str, direction: Direction, stop: int | None) -> None:
        """Ask, and ask a machine that was restored and so has kept nothing."""
        desk = self.desk
        restored = Desk(self.told, ())
        restored.machine = DecisionMachine.restore(self.told, desk.machine.snapshot())
        restored.now_ns, restored.ordinal = desk.now_ns, desk.ordinal
        distance = None if stop is None else Decimal(stop)
        answers = [each.ask(direction, symbol, stop_distance=distance) for each in (desk, restored)]
        assert answers[0] == answers[1]
        if answers[0].decision == Decision.APPROVED and ordered(answers[0]).quantity > 0:
            self.open.append(answers[0])

    def fill(self, index: int, quantity: int, price: int) -> None:
        """Fill an order that is open, or report a fill that is too late."""
        if self.open:
            verdict = self.open[index % len(self.open)]
            self.desk.fill(verdict, min(quantity, int(ordered(verdict).quantity)), price)

    def cancel(self, index: int) -> None:
        """End an order."""
        if self.open:
            verdict = self.open.pop(index % len(self.open))
            self.desk.report(verdict, OrderState.CANCELLED)

    def check(self) -> None:
        """Compare everything that is kept with a new count."""
        state = self.desk.machine.state
        book, worth = state.book, state.book.worth
        values = _values(book)
        assert worth.values == values
        assert list(worth.values) == list(values)
        assert worth.equity == book.holdings.cash + sum(values.values())
        assert worth.net == sum(values.values())
        assert worth.gross == sum(abs(each) for each in values.values())
        assert worth.short == -sum(each for each in values.values() if each < 0)
        assert worth.is_priced
        for symbol in SYMBOLS:
            assert worth.gross_of(symbol) == abs(values.get(f"XNAS|{symbol}", ZERO))
        fraction = Decimal("0.08")
        assert state.portfolio.heat.of(book, fraction) == heat_of(
            book, state.portfolio.stops, fraction
        )


def _values(book: Book) -> dict[str, Decimal]:
    return {
        listing: quantity * (book.market.price_of(listing) or ZERO)
        for listing, quantity in book.holdings.positions.items()
    }


@settings(max_examples=25)
@given(st.lists(steps, min_size=5, max_size=25))
def test_what_is_kept_is_what_a_new_count_gives(history: list[tuple[object, ...]]) -> None:
    """Whatever the order of bars, fills, cancels and descriptions; a restart decides alike."""
    played = History()
    for close in (10_000, 10_100, 9_900):
        played.day([close, 10_000, 20_000 - close])
    for name, *given_values in history:
        getattr(played, str(name))(*given_values)
        played.check()


def test_a_position_without_a_price_counts_nothing_until_it_has_one() -> None:
    """The price is found when it comes, though nobody has asked for one before."""
    book = new_book(Decimal(1_000), "USD")
    book.holdings.positions["XNAS|A"] = Decimal(2)
    book.market.mark(bar("A"))
    assert book.worth.net == 0
    assert not book.worth.is_priced
    book.market.describe(instrument("A"))
    assert book.worth.net == 200
    assert book.worth.equity == 1_200
    assert book.worth.is_priced
