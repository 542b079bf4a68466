"""The live feed's machine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from tidegate_contracts.market import Bar, FeedBatch, FeedState, FeedStatus, Instrument
from tidegate_kernel.machine import Answer, Body, Called, Effect, Publish, TermStarted
from tidegate_kernel.time import NS_PER_DAY
from tidegate_market_data.core.live_feed import LiveFeedMachine, LiveFeedParameters
from tidegate_market_data.testing import FEED, bar, batch, instrument

PARAMETERS = LiveFeedParameters(feed=FEED, timeframe_ns=NS_PER_DAY)


def new_feed(*listed: Instrument) -> LiveFeedMachine:
    """Return a feed to which these instruments were handed in, or AAPL."""
    machine = LiveFeedMachine.restore(PARAMETERS, None)
    for each in listed or (instrument(),):
        machine.handle(Called(f"list {each.symbol}", each), 1)
    return machine


def said(effects: Sequence[Effect]) -> list[Body]:
    """Return what was published."""
    return [effect.body for effect in effects if isinstance(effect, Publish)]


def hand_in(machine: LiveFeedMachine, body: Body, now_ns: int = 2) -> list[Body]:
    """Hand something in, and return what was published."""
    effects = machine.handle(Called(f"{now_ns} {body!r}", body), now_ns)
    assert isinstance(effects[-1], Answer)
    return said(effects)


def test_a_feed_starts_with_its_first_instrument() -> None:
    """Status, then the instrument; bars of it follow in the same channel."""
    machine = LiveFeedMachine.restore(PARAMETERS, None)
    found = hand_in(machine, instrument())
    assert [type(each) for each in found] == [FeedStatus, Instrument]
    assert hand_in(machine, batch(bar(0))) == [bar(0)]


def test_an_instrument_is_said_again_when_it_changes_and_once_a_day() -> None:
    """Who begins to read after the stream has forgotten it learns it too."""
    machine = new_feed()
    assert hand_in(machine, instrument(), 2) == []
    changed = replace(instrument(), tradable=False)
    assert hand_in(machine, changed, 3) == [changed]
    assert hand_in(machine, changed, 3 + NS_PER_DAY - 1) == []
    assert hand_in(machine, changed, 3 + NS_PER_DAY) == [changed]


def test_symbols_are_filled_up_independently() -> None:
    """One may be behind the other: its bars are older than what was published last."""
    machine = new_feed(instrument("AAPL"), instrument("IBM"))
    assert hand_in(machine, batch(bar(5, "AAPL"))) == [bar(5, "AAPL")]
    assert hand_in(machine, batch(bar(1, "IBM"))) == [bar(1, "IBM")]


def test_only_the_source_marks_a_gap() -> None:
    """What it could not ask for; minutes in which nothing was traded have no bar."""
    machine = new_feed()
    hand_in(machine, batch(bar(0)))
    assert hand_in(machine, batch(bar(3))) == [bar(3)]
    assert hand_in(machine, batch(bar(5, gap_before=True))) == [bar(5, gap_before=True)]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (bar(0, feed="other"), "foreign_feed"),
        (bar(0, "IBM"), "unknown_instrument"),
        (bar(0, venue="other"), "unknown_instrument"),
        (bar(0, timeframe_ns=1), "wrong_timeframe"),
        (bar(0, low=0), "low_not_positive"),
        (bar(0, volume=-1), "volume_negative"),
    ],
)
def test_what_cannot_be_true_is_counted_and_dropped(wrong: Bar, reason: str) -> None:
    """The answer says how often, and why."""
    machine = new_feed()
    body = FeedBatch(feed=FEED, instant_ns=wrong.end_ns, bars=(wrong,))
    *published, answered = machine.handle(Called("1", body), 2)
    assert published == []
    assert isinstance(answered, Answer)
    assert isinstance(answered.body, FeedStatus)
    assert (answered.body.rejected, answered.body.detail) == (1, f"{reason}: 1")


def test_a_bar_changes_nothing_when_it_comes_again_or_late() -> None:
    """Repeats are no fault; an older one, or another one of the same start, is."""
    machine = new_feed()
    hand_in(machine, batch(bar(1)))
    for again in (bar(1), bar(0), bar(1, close=100_01)):
        assert hand_in(machine, batch(again)) == []
    status = machine.handle(Called("x", instrument()), 9)[-1]
    assert isinstance(status, Answer)
    assert isinstance(status.body, FeedStatus)
    assert status.body.detail == "not_after_last: 2"


def test_states_are_said_once() -> None:
    """Stale, and heard again."""
    machine = new_feed()
    stale = FeedStatus(feed=FEED, state=FeedState.STALE, detail="mute")
    (told,) = hand_in(machine, stale)
    assert isinstance(told, FeedStatus)
    assert (told.state, told.detail) == (FeedState.STALE, "mute")
    assert hand_in(machine, stale) == []
    assert len(hand_in(machine, replace(stale, state=FeedState.RESUMED))) == 1


def test_a_foreign_instrument_is_not_listed() -> None:
    """It would be another feed's."""
    machine = LiveFeedMachine.restore(PARAMETERS, None)
    assert hand_in(machine, replace(instrument(), feed="other")) == []


@pytest.mark.parametrize("event", [TermStarted(1), Called("1", bar(0))])
def test_anything_else_is_an_error_of_the_host(event: TermStarted | Called) -> None:
    """It crashes the shard."""
    with pytest.raises(TypeError, match="expected"):
        new_feed().handle(event, 1)


@given(
    days=st.lists(st.integers(0, 6), max_size=12),
    symbols=st.lists(st.sampled_from(["AAPL", "IBM"]), min_size=12, max_size=12),
    cut=st.integers(0, 12),
)
def test_a_restored_feed_goes_on_equally(days: list[int], symbols: list[str], cut: int) -> None:
    """Whatever was handed in before, the same is said after a restart."""
    handed = [batch(bar(day, symbol)) for day, symbol in zip(days, symbols, strict=False)]
    one = new_feed(instrument("AAPL"), instrument("IBM"))
    other = new_feed(instrument("AAPL"), instrument("IBM"))
    for number, each in enumerate(handed):
        if number == cut:
            other = LiveFeedMachine.restore(PARAMETERS, other.snapshot())
        call = Called(str(number), each)
        assert one.handle(call, number) == other.handle(call, number)
    assert one.snapshot() == other.snapshot()
