"""The feed's machine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.market import (
    AssetClass,
    Bar,
    FeedBatch,
    FeedFinished,
    FeedState,
    FeedStatus,
    Instrument,
    OptionGreeks,
    StatedGreeks,
)
from tidegate_kernel.machine import Body, Effect, Publish, TimerFired
from tidegate_market_data.core.feed import FeedMachine
from tidegate_market_data.core.option_greeks import GreeksModel
from tidegate_market_data.testing import (
    FEED,
    bar,
    batch,
    instrument,
    new_feed,
    option,
    parameters,
)


def _bodies(effects: Sequence[Effect]) -> list[Body]:
    return [effect.body for effect in effects if isinstance(effect, Publish)]


def _play(machine: FeedMachine, *batches: FeedBatch) -> list[Body]:
    return [body for each in batches for body in _bodies(machine.handle(each, each.instant_ns))]


def _end(machine: FeedMachine, at_ns: int = 9) -> FeedStatus:
    (status,) = _bodies(machine.handle(FeedFinished(feed=FEED, at_ns=at_ns), at_ns))
    assert isinstance(status, FeedStatus)
    return status


def test_the_first_batch_says_started_then_the_instrument_then_the_bar() -> None:
    """Readers know a bar's units before they see it."""
    assert [type(body) for body in _play(new_feed(), batch(bar(0)))] == [
        FeedStatus,
        Instrument,
        Bar,
    ]


def test_an_instrument_is_published_once() -> None:
    """The second bar comes alone."""
    machine = new_feed()
    _play(machine, batch(bar(0)))
    assert _play(machine, batch(bar(1))) == [bar(1)]


def test_an_instrument_waits_for_its_first_valid_bar() -> None:
    """A rejected bar announces nothing."""
    machine = new_feed()
    assert [type(body) for body in _play(machine, batch(bar(0, low=0)))] == [FeedStatus]
    assert [type(body) for body in _play(machine, batch(bar(1)))] == [Instrument, Bar]


def test_a_missing_bar_is_marked_on_the_next_one() -> None:
    """Crypto trades every day, so a step of two days is a gap."""
    machine = new_feed(instrument("AAPL", AssetClass.CRYPTO))
    published = _play(machine, batch(bar(0)), batch(bar(1)), batch(bar(3)), batch(bar(4)))
    gaps = [body.gap_before for body in published if isinstance(body, Bar)]
    assert gaps == [False, False, True, False]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (bar(1, feed="other"), "foreign_feed"),
        (bar(1, symbol="TSLA"), "unknown_instrument"),
        (bar(1, timeframe_ns=60), "wrong_timeframe"),
        (bar(1, start_ns=bar(0).start_ns), "wrong_end"),
        (bar(1, low=-1), "low_not_positive"),
        (bar(1, high=1), "high_below_prices"),
        (bar(1, volume=-1), "volume_negative"),
    ],
)
def test_a_rejected_bar_is_counted_under_its_reason(wrong: Bar, reason: str) -> None:
    """The feed's end tells how many bars were refused, and why."""
    machine = new_feed()
    published = _play(machine, batch(bar(0)), batch(wrong))
    assert len(published) == 3
    status = _end(machine)
    assert (status.bars, status.rejected, status.detail) == (1, 1, f"{reason}: 1")


def test_a_bar_that_is_not_after_the_last_one_is_rejected() -> None:
    """Another bar for a known start would rewrite the past."""
    machine = new_feed()
    conflict = bar(0, close=100_50)
    _play(machine, batch(bar(0)), FeedBatch(feed=FEED, instant_ns=bar(0).end_ns, bars=(conflict,)))
    assert _end(machine).detail == "not_after_last: 1"


def test_bars_must_end_at_their_batchs_instant() -> None:
    """An instant holds what became known then, and nothing else."""
    machine = new_feed()
    _play(machine, FeedBatch(feed=FEED, instant_ns=bar(0).end_ns, bars=(bar(0), bar(1))))
    assert _end(machine).detail == "not_at_instant: 1"


@given(st.lists(st.integers(0, 6), max_size=25))
def test_repeated_commands_change_nothing(days: list[int]) -> None:
    """However often batches come again, each bar is published once and none is rejected."""
    machine = new_feed()
    published = [body for day in days for body in _play(machine, batch(bar(day)))]
    bars = [body for body in published if isinstance(body, Bar)]
    starts = [each.start_ns for each in bars]
    assert starts == sorted(set(starts))
    assert _end(machine).rejected == 0
    assert machine.handle(FeedFinished(feed=FEED, at_ns=9), 9) == ()
    assert machine.handle(batch(bar(9)), 9) == ()


def test_the_end_says_how_much_was_published() -> None:
    """A feed without rejections says so."""
    machine = new_feed()
    _play(machine, batch(bar(0)), batch(bar(1)))
    assert _end(machine, at_ns=77) == FeedStatus(
        feed=FEED,
        state=FeedState.ENDED,
        at_ns=77,
        bars=2,
        rejected=0,
        detail="every bar was valid",
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.integers(0, 20))
def test_a_restored_feed_goes_on_as_if_nothing_had_happened(days: list[int], cut: int) -> None:
    """A snapshot at any point changes neither messages nor later snapshots."""
    whole, first = new_feed(), new_feed()
    low = {day: 0 if day == 5 else 99_00 for day in days}
    commands = [batch(bar(day, low=low[day])) for day in days]
    expected = [_play(whole, command) for command in commands]
    found = [_play(first, command) for command in commands[:cut]]
    second = FeedMachine.restore(parameters(), first.snapshot())
    found += [_play(second, command) for command in commands[cut:]]
    assert found == expected
    assert second.snapshot() == whole.snapshot()


def test_what_is_no_command_of_the_source_is_a_programmers_error() -> None:
    """A feed reads nothing from the bus."""
    with pytest.raises(TypeError, match="expected FeedBatch or FeedFinished, found TimerFired"):
        new_feed().handle(TimerFired("x", 1), 1)


CALL = "AAPL240119C00100000"
MODEL = GreeksModel(Decimal("0.04"))
STATED = StatedGreeks(
    venue="paper", symbol=CALL, greeks=OptionGreeks(delta=Decimal("0.6"), at_ns=bar(0).end_ns)
)


def _call(day: int, close: int = 350) -> Bar:
    return bar(day, CALL, open=close, high=close, low=close, close=close)


def _options(greeks: GreeksModel | None = MODEL) -> FeedMachine:
    return new_feed(instrument(), option(CALL), greeks=greeks)


def _greeks(published: Sequence[Body]) -> list[OptionGreeks | None]:
    return [each.greeks for each in published if isinstance(each, Instrument) and each.option]


def test_each_bar_of_an_option_is_preceded_by_its_greeks() -> None:
    """They are as of the bar's end, from the close of the underlying at the same moment."""
    machine = _options()
    _, *first = _play(machine, batch(bar(0), _call(0)))
    assert [type(each) for each in first] == [Instrument, Bar, Instrument, Bar]
    second = _play(machine, batch(bar(1, close=110_00, high=110_00), _call(1, 1_100)))
    assert [type(each) for each in second] == [Bar, Instrument, Bar]
    earlier, later = _greeks([*first, *second])
    assert earlier is not None
    assert later is not None
    assert (earlier.at_ns, later.at_ns) == (bar(0).end_ns, bar(1).end_ns)
    assert Decimal("0.5") < earlier.delta < later.delta < 1


def test_an_option_without_an_answer_has_no_greeks_any_more() -> None:
    """It is said once: what was true of an earlier bar is not left standing."""
    machine = _options()
    _play(machine, batch(bar(0), _call(0)))
    assert _greeks(_play(machine, batch(_call(1)))) == [None]
    assert _play(machine, batch(_call(2))) == [_call(2)]
    [again] = _greeks(_play(machine, batch(bar(3), _call(3))))
    assert again is not None


def test_without_a_model_options_have_no_greeks() -> None:
    """They are published once, as everything else."""
    machine = _options(None)
    assert _greeks(_play(machine, batch(bar(0), _call(0)), batch(bar(1), _call(1)))) == [None]


@pytest.mark.parametrize("model", [None, MODEL])
def test_what_the_source_states_comes_before_the_model(model: GreeksModel | None) -> None:
    """With a model or without; of what is no option nothing is believed."""
    machine = _options(model)
    others = msgspec.structs.replace(STATED, symbol="AAPL")
    stated = msgspec.structs.replace(batch(bar(0), _call(0)), greeks=(STATED, others))
    published = _play(machine, stated)
    assert _greeks(published) == [STATED.greeks]
    assert all(each.greeks is None for each in published[1:3] if isinstance(each, Instrument))


def test_a_rejected_bar_states_nothing() -> None:
    """Its option keeps what was said before."""
    machine = _options()
    _play(machine, batch(bar(0), _call(0)))
    wrong = msgspec.structs.replace(_call(1), low=0)
    stated = msgspec.structs.replace(batch(bar(1), wrong), greeks=(STATED,))
    assert _play(machine, stated) == [bar(1)]


def test_a_restored_feed_knows_whose_greeks_were_said() -> None:
    """It takes them back as the one that was not interrupted does."""
    machine = _options()
    _play(machine, batch(bar(0), _call(0)))
    held = parameters(instrument(), option(CALL), greeks=MODEL)
    restored = FeedMachine.restore(held, machine.snapshot())
    assert restored.snapshot() == machine.snapshot()
    assert _greeks(_play(restored, batch(_call(1)))) == [None]


def test_a_snapshot_from_before_there_were_greeks_is_restored() -> None:
    """Nothing was said of Greeks then."""
    machine = new_feed()
    _play(machine, batch(bar(0)))
    saved = msgspec.msgpack.decode(machine.snapshot())
    del saved["with_greeks"]
    restored = FeedMachine.restore(parameters(), msgspec.msgpack.encode(saved))
    assert restored.snapshot() == machine.snapshot()
