"""The rules over columns say what they say bar by bar."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import given, strategies as st

from tidegate_contracts.frame import NO_GREEK, Frame
from tidegate_contracts.market import AssetClass, FeedBatch, FeedState, FeedStatus
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.core.feed import FeedMachine
from tidegate_market_data.core.option_greeks import GreeksModel
from tidegate_market_data.testing import (
    FEED,
    START_NS,
    instrument,
    new_feed,
    option,
    parameters,
)

INSTRUMENTS = (
    instrument("AAPL"),
    option("AAPL240301C00000003"),
    instrument("BTC/USD", AssetClass.CRYPTO),
)
MODELS = st.sampled_from([None, GreeksModel(Decimal("0.04"))])
_prices = st.lists(st.integers(0, 6), min_size=4, max_size=4)
_rows = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 1, 1, 2, 6]), st.integers(0, 2), _prices, st.integers(-1, 9)
    ),
    max_size=40,
)


def _frame(rows: list[tuple[int, int, list[int], int]], *, states_greeks: bool = False) -> Frame:
    """Return bars of three symbols, each some days after the one before.

    Of an even volume Greeks may be stated.
    """
    days = np.cumsum([step for step, *_ in rows], dtype=np.int64)
    values = [START_NS + days * NS_PER_DAY]
    values += [np.array([each[2][n] for each in rows], np.int64) for n in range(4)]
    values.append(np.array([each[3] for each in rows], np.int64))
    codes = np.array([each[1] for each in rows], np.int32)
    greeks = np.where(values[-1] % 2, NO_GREEK, np.stack([values[-1]] * 4))
    stated = greeks if states_greeks else None
    return Frame(FEED, NS_PER_DAY, INSTRUMENTS, codes, np.stack(values), stated)


def _give(feed: FeedMachine, frame: Frame, row: int) -> bool:
    """Handle one row's bar; tell whether it was published just as it is, and nothing else."""
    bar = frame.bar(row)
    return list(feed.handle(frame.batch(row, [bar]), bar.end_ns)) == [Publish(bar)]


@given(rows=_rows, model=MODELS, states_greeks=st.booleans())
def test_a_scan_ends_at_the_first_bar_that_is_not_published_as_it_is(
    *, rows: list[tuple[int, int, list[int], int]], model: GreeksModel | None, states_greeks: bool
) -> None:
    """Advancing to each exception and handling it gives the state of handling every bar."""
    frame = _frame(rows, states_greeks=states_greeks)
    has_greeks = model is not None or states_greeks
    plain = new_feed(*INSTRUMENTS, greeks=model)
    as_it_is = [_give(plain, frame, row) for row in range(len(frame))]
    feed = new_feed(*INSTRUMENTS, greeks=model)
    first = 0
    while first < len(frame):
        found = feed.scan(frame, first, len(frame))
        assert all(as_it_is[first:found])
        feed.advance(frame, first, found)
        if found < len(frame):
            may_repeat = found > 0 and frame.end_ns(found) == frame.end_ns(found - 1)
            may_have_greeks = has_greeks and frame.codes[found] == 1
            assert not as_it_is[found] or may_repeat or may_have_greeks
            assert _give(feed, frame, found) == as_it_is[found]
        first = found + 1
    assert feed.snapshot() == plain.snapshot()


def test_a_frame_of_another_feed_is_left_to_the_machine() -> None:
    """Nothing of it is plain: each bar is judged, and rejected, by itself."""
    feed = FeedMachine.restore(parameters(*INSTRUMENTS), None)
    rows = [(1, 0, [3, 3, 3, 3], 0), (1, 0, [3, 3, 3, 3], 0)]
    assert _give(feed, _frame(rows), 0) is False
    ours, theirs = _frame(rows), _frame(rows)
    object.__setattr__(theirs, "feed", "another")
    assert feed.scan(ours, 1, 2) == 2
    assert feed.scan(theirs, 1, 2) == 1


def test_a_feed_that_has_not_started_says_so_first() -> None:
    """The first instant is never plain: the status and the instruments come with it."""
    feed = FeedMachine.restore(parameters(*INSTRUMENTS), None)
    frame = _frame([(1, 0, [3, 3, 3, 3], 0)])
    assert feed.scan(frame, 0, 1) == 0
    bar = frame.bar(0)
    batch = FeedBatch(feed=FEED, instant_ns=bar.end_ns, bars=(bar,))
    status, *rest = feed.handle(batch, bar.end_ns)
    assert isinstance(status, Publish)
    assert isinstance(status.body, FeedStatus)
    assert status.body.state is FeedState.STARTED
    assert rest == [Publish(INSTRUMENTS[0]), Publish(bar)]
