"""Bars that wait until somebody asks for the past leave what bars taken at once leave."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, auto
from itertools import pairwise

import numpy as np
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import AccountEntry, AccountEntryKind
from tidegate_contracts.frame import Frame
from tidegate_contracts.risk import Decision
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.testing import (
    ACCOUNT,
    FEED,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    instrument,
    parameters,
)

SYMBOLS = ("AAPL", "BTC", "MSFT")
MINUTE_NS = 60 * NS_PER_SECOND
PARTS = 1_000
"""A frame is cut after so many parts of it."""


class Way(Enum):
    """How a stretch of a frame comes."""

    COLUMNS = auto()
    SINGLE = auto()
    DROPPED = auto()


class Then(Enum):
    """What happens after a stretch."""

    NOTHING = auto()
    SIGNAL = auto()
    TRADE = auto()
    SPLIT = auto()
    SCALE = auto()
    SNAPSHOT = auto()


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Draw random bars of some symbols, with holes; some symbols begin late."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, symbols = draw(st.integers(1, 150)), draw(st.integers(1, len(SYMBOLS)))
    there = generator.random((count, symbols)) < draw(st.sampled_from([1.0, 0.7, 0.1]))
    there &= np.arange(count)[:, None] >= generator.integers(0, count // 2 + 1, symbols)
    there[0, 0] = True
    rows, codes = np.nonzero(there)
    step = draw(st.sampled_from([7 * MINUTE_NS, 60 * MINUTE_NS, 300 * MINUTE_NS, NS_PER_DAY]))
    values = np.empty((6, len(rows)), np.int64)
    values[0] = START_NS + rows * step
    values[1:] = generator.integers(9_000, 11_000, len(rows))
    values[2] = values[1:5].max(axis=0)
    values[3] = values[1:5].min(axis=0)
    return Frame(
        feed=FEED,
        timeframe_ns=step,
        instruments=tuple(instrument(each) for each in SYMBOLS[:symbols]),
        codes=codes.astype(np.int32),
        values=values,
    )


def new_desk() -> Desk:
    """Return a session that sizes by what the newest bars were like."""
    told = parameters(stop_range_multiple=2, stop_range_bars=2, estimate_hours_min=3)
    desk = Desk(told, symbols=())
    for symbol in SYMBOLS:
        desk.tell(instrument(symbol))
    return desk


def happen(desk: Desk, then: Then, symbol: str) -> object:
    """Let something happen; return what can be seen of it."""
    if then == Then.SIGNAL:
        return desk.ask(symbol=symbol)
    if then == Then.TRADE:
        verdict = desk.ask(symbol=symbol)
        if verdict.decision == Decision.APPROVED:
            desk.fill(verdict)
        return verdict
    if then == Then.SPLIT:
        return desk.tell(split_of(symbol, desk.now_ns))
    if then == Then.SCALE:
        return desk.tell(instrument(symbol, price_scale=3))
    return desk.machine.snapshot() if then == Then.SNAPSHOT else None


def split_of(symbol: str, now_ns: int) -> AccountEntry:
    """Return a split that gives as many units as one bought."""
    return AccountEntry(
        session=SESSION,
        account=ACCOUNT,
        entry_id=f"{symbol}-{now_ns}",
        kind=AccountEntryKind.SPLIT,
        venue=VENUE,
        symbol=symbol,
        quantity=Decimal(10),
        event_at_ns=now_ns,
    )


@given(
    frame=frames(),
    steps=st.lists(
        st.tuples(
            st.integers(0, PARTS),
            st.sampled_from([Way.COLUMNS, Way.COLUMNS, Way.SINGLE, Way.DROPPED]),
            st.sampled_from([Then.NOTHING] * 8 + list(Then)),
            st.sampled_from(SYMBOLS),
        ),
        min_size=3,
        max_size=14,
    ),
)
@settings(max_examples=300)
def test_bars_that_wait_leave_what_bars_taken_at_once_leave(
    frame: Frame, steps: list[tuple[int, Way, Then, str]]
) -> None:
    """However they come and whatever happens between: equal verdicts, samples and newest bars."""
    plain, waiting = new_desk(), new_desk()
    places = sorted(len(frame) * part // PARTS for part, *_ in steps)
    cuts = [frame.instant_of(each) for each in places]
    stretches = pairwise([0, *cuts, len(frame)])
    ways = [(way, then, symbol) for _, way, then, symbol in steps]
    ways.append((Way.COLUMNS, Then.NOTHING, SYMBOLS[0]))
    for (first, last), (way, then, symbol) in zip(stretches, ways, strict=True):
        if first < last and way != Way.DROPPED:
            for each in frame.bars(first, last):
                plain.machine.handle(each, each.end_ns)
                if way == Way.SINGLE:
                    waiting.machine.handle(each, each.end_ns)
            if way == Way.COLUMNS:
                waiting.machine.advance(frame, first, last)
            plain.now_ns = waiting.now_ns = frame.end_ns(last - 1)
        seen = happen(plain, then, symbol), happen(waiting, then, symbol)
        assert then == Then.SNAPSHOT or seen[0] == seen[1]
    ours, theirs = waiting.machine.state, plain.machine.state
    assert ours.book.recent == theirs.book.recent
    assert ours.book.market.bars == theirs.book.market.bars
    assert ours.book.day_start_equity == theirs.book.day_start_equity
    samples, others = ours.portfolio.samples, theirs.portfolio.samples
    assert samples.snapshot() == others.snapshot()
    assert samples.due_ns == others.due_ns


def half_hours(symbols: str) -> Frame:
    """Return bars of half an hour, one after the other, of the symbols with these first letters."""
    values = np.empty((6, len(symbols)), np.int64)
    values[0] = START_NS + np.arange(len(symbols)) * 30 * MINUTE_NS
    values[1:] = 10_000 + np.arange(len(symbols))
    return Frame(
        feed=FEED,
        timeframe_ns=30 * MINUTE_NS,
        instruments=tuple(instrument(each) for each in SYMBOLS),
        codes=np.array(["ABM".index(each) for each in symbols], np.int32),
        values=values,
    )


def test_listings_that_become_known_in_two_orders_keep_their_closes() -> None:
    """The market hears of the last bars of a stretch, samples of those before each boundary."""
    frame = half_hours("AAMBMBAABMAA")
    plain, waiting = new_desk(), new_desk()
    for each in frame.bars(0, len(frame)):
        plain.machine.handle(each, each.end_ns)
    waiting.tell(frame.bar(0))
    waiting.machine.advance(frame, 1, 5)
    waiting.tell(instrument())
    for each in frame.bars(5, len(frame)):
        waiting.machine.handle(each, each.end_ns)
    ours, theirs = waiting.machine.state, plain.machine.state
    assert list(ours.book.market.bars) != list(theirs.book.market.bars)
    assert ours.portfolio.samples.snapshot() == theirs.portfolio.samples.snapshot()


def test_a_machine_that_was_looked_into_has_taken_everything() -> None:
    """What waits is in the state that is read, and in the snapshot."""
    frame = half_hours("A" * 96)
    desk, other = new_desk(), new_desk()
    desk.machine.advance(frame, 0, 96)
    other.machine.advance(frame, 0, 96)
    begin, end = desk.machine.state.portfolio.samples.hourly.rows()
    assert end - begin == 47
    assert other.machine.snapshot() == desk.machine.snapshot()
