"""Inside of its bands equity cannot have reached a breaker, and columns find the first way out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from tidegate_contracts.execution import Fill, Side
from tidegate_contracts.frame import Frame
from tidegate_contracts.risk import BreakerEvent
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.book.book import Book, new_book
from tidegate_risk.core.breakers.bands import NOWHERE, bands_of, first_outside
from tidegate_risk.testing import ASLEEP, FEED, START_NS, VENUE, Desk, bar, instrument, parameters

if TYPE_CHECKING:
    from tidegate_risk.core.breakers.bands import Band

SYMBOLS = ("AAPL", "MSFT", "TSLA")
NEVER = 2**62
INFINITE = Decimal("Infinity")
HOUR_NS = NS_PER_DAY // 24


def listing(symbol: str) -> str:
    """Name a symbol's listing."""
    return f"{VENUE}|{symbol}"


def book_of(holdings: dict[str, int], scale: int = 2) -> Book:
    """Return a book that bought and sold at 100 USD, the newest close of everything."""
    book = new_book(Decimal(100_000), "USD")
    for number, (symbol, quantity) in enumerate(holdings.items()):
        book.market.describe(instrument(symbol, price_scale=scale))
        book.market.mark(bar(symbol, 100 * 10**scale))
        fill = Fill(
            strategy="ema",
            signal_key="key",
            execution_id=f"x{number}",
            venue=VENUE,
            symbol=symbol,
            side=Side.BUY if quantity > 0 else Side.SELL,
            quantity=Decimal(abs(quantity)),
            price=Decimal(100),
            fee_currency="USD",
        )
        book.book_fill(fill, START_NS)
    return book


@pytest.mark.parametrize(
    ("holdings", "floor", "ceiling", "bands"),
    [
        ({"AAPL": 100}, 99_000, 101_000, {"AAPL": (9_000, 11_000)}),
        ({"AAPL": -100}, 99_000, 101_000, {"AAPL": (9_000, 11_000)}),
        ({"AAPL": 100}, 99_000, 102_000, {"AAPL": (9_000, 12_000)}),
        ({"AAPL": -100}, 99_000, 102_000, {"AAPL": (8_000, 11_000)}),
        ({"AAPL": 1}, 99_999, 100_001, {"AAPL": (9_900, 10_100)}),
        (
            {"AAPL": 100, "MSFT": -50},
            99_000,
            102_000,
            {"AAPL": (9_500, 11_000), "MSFT": (8_000, 11_000)},
        ),
        ({"AAPL": 3}, 99_990, 100_010, {"AAPL": (9_667, 10_333)}),
        ({"AAPL": 100}, 100_000, 101_000, {"AAPL": NOWHERE}),
        ({"AAPL": 100}, 99_000, 100_000, {"AAPL": NOWHERE}),
        ({"AAPL": 100}, -INFINITE, 101_000, {"AAPL": (-NEVER, 11_000)}),
        ({"AAPL": 100}, 99_000, INFINITE, {"AAPL": (9_000, NEVER)}),
        ({"AAPL": 100}, -INFINITE, INFINITE, {"AAPL": (-NEVER, NEVER)}),
        ({}, 0, 1, {}),
    ],
)
def test_a_band_is_what_a_listing_may_do_by_itself(
    holdings: dict[str, int],
    floor: Decimal | int,
    ceiling: Decimal | int,
    bands: dict[str, Band],
) -> None:
    """Its share of what equity may lose or gain, in whole units of its price towards the close."""
    found = bands_of(book_of(holdings), Decimal(100_000), Decimal(floor), Decimal(ceiling))
    assert found == {listing(symbol): band for symbol, band in bands.items()}


def test_a_listing_without_a_price_is_always_looked_at() -> None:
    """Nobody knows what it may do."""
    book = book_of({"AAPL": 100})
    book.market.bars.clear()
    book.market.describe(instrument())
    found = bands_of(book, Decimal(100_000), Decimal(99_000), Decimal(101_000))
    assert found == {listing("AAPL"): NOWHERE}


@given(
    quantities=st.lists(st.integers(-50, 50).filter(bool), min_size=1, max_size=3),
    room=st.tuples(st.integers(1, 5_000), st.integers(1, 5_000)),
    places=st.lists(st.floats(0.001, 0.999), min_size=3, max_size=3),
)
def test_inside_of_all_bands_equity_is_inside_too(
    quantities: list[int], room: tuple[int, int], places: list[float]
) -> None:
    """Whatever closes are, each inside of its own band."""
    holdings = dict(zip(SYMBOLS, quantities, strict=False))
    book = book_of(holdings)
    floor, ceiling = Decimal(100_000 - room[0]), Decimal(100_000 + room[1])
    bands = bands_of(book, Decimal(100_000), floor, ceiling)
    for symbol, place in zip(holdings, places, strict=False):
        low, high = bands[listing(symbol)]
        close = round(low + place * (high - low))
        assume(low < close < high)
        book.market.mark(bar(symbol, close, START_NS + 1))
    assert floor < book.marked_equity() < ceiling


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Draw hours of up to three symbols, with holes."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 700))
    symbols = draw(st.integers(1, len(SYMBOLS)))
    there = generator.random((count, symbols)) < draw(st.sampled_from([1.0, 0.5]))
    there[0] = True
    rows, codes = np.nonzero(there)
    values = np.empty((6, len(rows)), np.int64)
    values[0] = START_NS + rows * HOUR_NS
    moves = np.cumsum(generator.integers(-40, 41, len(rows)))
    values[1:5] = 10_000 + np.clip(moves, -5_000, 5_000)
    values[5] = 1_000
    return Frame(
        feed=FEED,
        timeframe_ns=HOUR_NS,
        instruments=tuple(instrument(each) for each in SYMBOLS[:symbols]),
        codes=codes.astype(np.int32),
        values=values,
    )


@settings(max_examples=60)
@given(
    frame=frames(),
    first=st.integers(0, 400),
    length=st.integers(0, 1_500),
    width=st.integers(1, 900),
)
def test_the_first_row_outside_is_found(frame: Frame, first: int, length: int, width: int) -> None:
    """As by looking at each row; a symbol without a band is not looked at."""
    first = min(first, len(frame))
    last = min(first + length, len(frame))
    bands = {listing(each): (10_000 - width, 10_000 + width) for each in SYMBOLS[:2]}
    expected = last
    for row in reversed(range(first, last)):
        low, high = bands.get(listing(frame.bar(row).symbol), (-NEVER, NEVER))
        if not low < frame.bar(row).close < high:
            expected = row
    assert first_outside(bands, frame, first, last) == expected


def watched() -> Desk:
    """Return a desk that watches equity and holds 100 AAPL."""
    told = msgspec.structs.replace(
        ASLEEP,
        drawdown=msgspec.structs.replace(ASLEEP.drawdown, enabled=True, percent=Decimal(2)),
        daily_loss=msgspec.structs.replace(ASLEEP.daily_loss, enabled=True),
        pnl_jump=msgspec.structs.replace(ASLEEP.pnl_jump, enabled=True, percent=Decimal(1)),
    )
    limits: dict[str, Any] = {"breakers": told, "daily_loss_max_percent": Decimal(1)}
    desk = Desk(parameters(**limits), ("AAPL", "TSLA"))
    desk.hold()
    return desk


def said(desk: Desk, event: Any) -> list[tuple[str, int]]:  # noqa: ANN401 - any input
    """Return which breakers an input trips, and when."""
    bodies = [each.body for each in desk.tell(event) if isinstance(each, Publish)]
    return [(each.breaker, each.at_ns) for each in bodies if isinstance(each, BreakerEvent)]


@settings(max_examples=40)
@given(frame=frames(), held=st.booleans())
def test_columns_trip_where_single_bars_trip(frame: Frame, held: bool) -> None:  # noqa: FBT001
    """Scanned and advanced, or bar by bar: the same trips, and the same state to the byte."""
    plain, quick = watched(), watched()
    if not held:
        plain, quick = Desk(symbols=("AAPL", "TSLA")), Desk(symbols=("AAPL", "TSLA"))
        for desk in (plain, quick):
            desk.ask()
    tripped: list[list[tuple[str, int]]] = [[], []]
    for row in range(len(frame)):
        plain.now_ns = frame.end_ns(row)
        tripped[0] += said(plain, frame.bar(row))
    row = 0
    while row < len(frame):
        instant = frame.instant_of(quick.machine.scan(frame, row, len(frame)))
        stop = max(row, instant)
        quick.machine.advance(frame, row, stop)
        after = frame.instant_after(stop) if stop < len(frame) else stop
        for each in range(stop, after):
            quick.now_ns = frame.end_ns(each)
            tripped[1] += said(quick, frame.bar(each))
        row = after
    assert tripped[0] == tripped[1]
    assert quick.machine.snapshot() == plain.machine.snapshot()
