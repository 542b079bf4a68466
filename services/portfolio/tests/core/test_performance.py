"""Round trips and drawdowns."""

from __future__ import annotations

from decimal import Decimal

from tidegate_kernel.money import ZERO
from tidegate_portfolio.core.performance import Book
from tidegate_portfolio.core.positions import book


def trade(owner: Book, quantity: int, price: int, fee: int = 0) -> None:
    """Book a trade of AAPL."""
    moved = book(
        owner.holding("XNAS", "AAPL", "USD"), Decimal(quantity), Decimal(price), Decimal(fee)
    )
    owner.record(moved, Decimal(fee))


def test_winning_and_losing_round_trips_are_summed_apart() -> None:
    """Two trips: one wins 19 after fees, one loses 11 after fees."""
    owner = Book("trend", peak_equity=Decimal(100))
    for quantity, price, fee in ((10, 10, 0), (-10, 12, 1), (10, 10, 0), (-10, 9, 1)):
        trade(owner, quantity, price, fee)
    report = owner.report("demo", 5)
    assert (report.trades_closed, report.trades_won) == (2, 1)
    assert (report.gross_profit, report.gross_loss) == (Decimal(19), Decimal(11))
    assert report.realized_pnl == Decimal(10)


def test_a_trip_that_only_pays_its_fees_is_not_won() -> None:
    """A round trip is won by what is left after fees."""
    owner = Book("trend", peak_equity=Decimal(100))
    trade(owner, 1, 10)
    trade(owner, -1, 11, 1)
    assert (owner.trades_closed, owner.trades_won, owner.gross_loss) == (1, 0, ZERO)


def test_a_partial_close_does_not_end_the_trip() -> None:
    """A position that is halved has not been closed."""
    owner = Book("trend", peak_equity=Decimal(100))
    trade(owner, 4, 10)
    trade(owner, -2, 12)
    assert owner.trades_closed == 0
    assert owner.realized_pnl == Decimal(4)


def test_the_deepest_drawdown_is_kept() -> None:
    """Drawdown counts from the highest equity so far and does not heal."""
    owner = Book("trend", peak_equity=Decimal(100))
    seen = [owner.observe(Decimal(equity)) for equity in (120, 90, 130, 117)]
    assert seen == [ZERO, Decimal("0.25"), ZERO, Decimal("0.1")]
    assert owner.max_drawdown == Decimal("0.25")
    assert owner.peak_equity == Decimal(130)
