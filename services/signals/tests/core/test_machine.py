"""The machine of a session's signals."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import TimeInForce
from tidegate_contracts.market import Bar
from tidegate_contracts.signals import Direction, EntryStyle, Signal
from tidegate_kernel.machine import TimerFired
from tidegate_signals.core.machine import SignalsMachine, SignalsParameters
from tidegate_signals.testing import FEED, START_NS, bar, instrument, parameters, signals

DAY_NS = 86_400 * 10**9
CROSSING = [1000, 1000, 1000, 1100, 900, 1200]


def _machine(*texts: str, symbols: tuple[str, ...] = ()) -> SignalsMachine:
    machine = SignalsMachine.restore(parameters(*texts, symbols=symbols), None)
    assert machine.handle(instrument(), START_NS) == ()
    return machine


def _bars(closes: list[int], symbol: str = "AAPL", **changes: object) -> list[Bar]:
    return [bar(day, close, symbol, **changes) for day, close in enumerate(closes)]


def test_a_change_of_target_is_a_signal_with_its_reasons() -> None:
    """Event time is the bar's end, the reference is its close."""
    text = "donchian-breakout:entry=3,exit=2,entry.style=limit,entry.offset=33bps,stop_atr=2,atr=3"
    first, second = signals(_machine(text), *_bars(CROSSING[:5]))
    assert first == Signal(
        session="demo",
        strategy="s0",
        feed=FEED,
        venue="paper",
        symbol="AAPL",
        event_at_ns=START_NS + 4 * DAY_NS,
        ordinal=0,
        direction=Direction.LONG,
        strength=1.0,
        confidence=1.0,
        horizon_ns=0,
        entry_style=EntryStyle.LIMIT,
        reference_price=Decimal("11.00"),
        limit_price=Decimal("10.96"),
        time_in_force=TimeInForce.GTC,
        stop_distance=Decimal("2.00"),
        model_version=first.model_version,
        reasons=("close 11 above the 3-bar high 10.5", "stop at 2 x ATR(3) 1"),
    )
    assert first.model_version.startswith("donchian-breakout@")
    assert (second.direction, second.entry_style) == (Direction.FLAT, EntryStyle.MARKET)
    assert (second.limit_price, second.stop_distance) == (None, None)


def test_a_bar_that_changes_nothing_returns_nothing() -> None:
    """Not even an empty list of its own."""
    machine = _machine()
    assert machine.handle(bar(0, 1000), 1) == ()


def test_instances_run_beside_each_other_in_the_order_of_the_configuration() -> None:
    """Each has its own state, name and version."""
    machine = _machine("ema-crossover:fast=1,slow=3", "ema-crossover:fast=1,slow=2")
    found = signals(machine, *_bars([1000, 1000, 1000, 1100]))
    assert [signal.strategy for signal in found] == ["s0", "s1"]
    assert len({signal.model_version for signal in found}) == 2


def test_symbols_do_not_touch_each_other() -> None:
    """Two symbols mixed give what each gives alone."""
    closes = {"AAPL": CROSSING, "MSFT": [*reversed(CROSSING)]}
    mixed = _machine()
    mixed.handle(instrument("MSFT"), START_NS)
    pairs = zip(_bars(closes["AAPL"]), _bars(closes["MSFT"], "MSFT"), strict=True)
    found = signals(mixed, *(each for pair in pairs for each in pair))
    for symbol, prices in closes.items():
        alone = SignalsMachine.restore(parameters(), None)
        alone.handle(instrument(symbol), START_NS)
        expected = signals(alone, *_bars(prices, symbol))
        assert [signal for signal in found if signal.symbol == symbol] == expected


def test_foreign_feeds_and_symbols_are_ignored() -> None:
    """The session trades what it names, from its own feed."""
    machine = _machine(symbols=("AAPL",))
    machine.handle(instrument("MSFT"), START_NS)
    machine.handle(instrument("AAPL", feed="other", price_scale=4), START_NS)
    assert signals(machine, *_bars(CROSSING, "MSFT")) == []
    assert signals(machine, *_bars(CROSSING, feed="other")) == []
    assert len(signals(machine, *_bars(CROSSING))) == 3


def test_a_bar_before_its_instrument_is_a_programmers_error() -> None:
    """The feed publishes the instrument first; without it prices have no meaning."""
    with pytest.raises(AssertionError, match="an instrument precedes its first bar"):
        _machine().handle(bar(0, 1000, "MSFT"), 1)


def test_an_instrument_said_again_changes_nothing_but_new_units_start_anew() -> None:
    """Averages of cents mean nothing in tenths of cents."""
    machine = _machine()
    signals(machine, *_bars(CROSSING[:3]))
    before = machine.snapshot()
    machine.handle(instrument(), START_NS)
    assert machine.snapshot() == before
    machine.handle(instrument(price_scale=3), START_NS)
    assert signals(machine, bar(3, 1100)) == []


def test_the_same_symbol_at_two_venues_gets_two_ordinals() -> None:
    """Session, strategy, symbol and event time alone would not tell the two signals apart."""
    machine = _machine()
    machine.handle(instrument(venue="arca"), START_NS)
    first = _bars(CROSSING, venue="arca")
    found = signals(
        machine, *(each for pair in zip(first, _bars(CROSSING), strict=True) for each in pair)
    )
    assert [(signal.venue, signal.ordinal) for signal in found] == [("arca", 0), ("paper", 1)] * 3
    assert len({(signal.event_at_ns, signal.ordinal) for signal in found}) == 6


def test_a_gap_before_a_bar_is_no_reason_to_forget() -> None:
    """The features go on with the bars that there are."""
    with_gaps = signals(_machine(), *_bars(CROSSING, gap_before=True))
    assert with_gaps == signals(_machine(), *_bars(CROSSING))


def test_a_stop_or_limit_below_one_step_is_not_sent_as_zero() -> None:
    """A price of one step is the least there is; a distance of less than half a step is none."""
    text = "ema-crossover:fast=1,slow=2,stop_atr=0.1,atr=1,entry.style=limit,entry.offset=5000bps"
    bars = [bar(day, close, high=close, low=close) for day, close in enumerate((1, 1, 2))]
    (signal,) = signals(_machine(text), *bars)
    assert (signal.limit_price, signal.stop_distance) == (Decimal("0.01"), None)


@given(st.lists(st.integers(900, 1300), min_size=1, max_size=40), st.integers(0, 40))
def test_a_restored_machine_goes_on_as_if_nothing_had_happened(closes: list[int], cut: int) -> None:
    """A snapshot at any point changes neither signals nor later snapshots."""
    texts = (
        "ema-crossover:fast=2,slow=3,stop_atr=2,atr=2",
        "donchian-breakout:entry=4,exit=2,stop_atr=1,entry.style=limit,entry.offset=10bps",
    )
    bars = _bars(closes)
    whole, first = _machine(*texts), _machine(*texts)
    expected = signals(whole, *bars)
    found = signals(first, *bars[:cut])
    second = SignalsMachine.restore(parameters(*texts), first.snapshot())
    assert second.snapshot() == first.snapshot()
    found += signals(second, *bars[cut:])
    assert found == expected
    assert second.snapshot() == whole.snapshot()


def test_what_no_strategy_can_use_is_a_programmers_error() -> None:
    """The session reads instruments and bars, and sets no timers."""
    with pytest.raises(TypeError, match="expected Instrument or Bar, found TimerFired"):
        _machine().handle(TimerFired("x", 1), 1)


def test_another_way_to_place_entries_changes_no_memory() -> None:
    """Averages mean the same; only the version under which signals are sent is another."""
    first, last = _bars(CROSSING)[:3], _bars(CROSSING)[3:]
    text = "ema-crossover:fast=1,slow=3"
    whole = signals(_machine(text), *first, *last)
    machine = _machine(text)
    signals(machine, *first)
    after = parameters(f"{text},entry.style=limit,entry.offset=10bps")
    found = signals(SignalsMachine.restore(after, machine.snapshot()), *last)
    assert [(each.direction, each.event_at_ns) for each in found] == [
        (each.direction, each.event_at_ns) for each in whole
    ]
    assert found[0].entry_style is EntryStyle.LIMIT
    assert found[0].model_version != whole[0].model_version


def test_what_an_older_release_remembers_goes_on() -> None:
    """Its parameters also said how entries are placed; what they said of averages is the same."""
    text = "ema-crossover:fast=1,slow=3"
    machine = _machine(text)
    signals(machine, *_bars(CROSSING)[:3])
    memory = msgspec.msgpack.decode(machine.snapshot())
    (place,) = memory["places"]
    (slot,) = place["slots"]
    slot["state"]["parameters"] |= {"order": "limit", "limit_offset_bps": 5.0}
    slot["version"] = "ema-crossover@00000000"
    restored = SignalsMachine.restore(parameters(text), msgspec.msgpack.encode(memory))
    assert signals(restored, *_bars(CROSSING)[3:]) == signals(machine, *_bars(CROSSING)[3:])


def test_changed_parameters_warm_up_anew_and_the_others_go_on() -> None:
    """What one version remembers is never given out under another version's name."""
    before = parameters("ema-crossover:fast=1,slow=2", "ema-crossover:fast=1,slow=3")
    after = parameters("ema-crossover:fast=1,slow=2", "ema-crossover:fast=2,slow=3")
    first, last = _bars(CROSSING)[:3], _bars(CROSSING)[3:]
    machine = SignalsMachine.restore(before, None)
    machine.handle(instrument(), START_NS)
    assert signals(machine, *first) == []
    found = signals(SignalsMachine.restore(after, machine.snapshot()), *last)
    assert "s0" in {signal.strategy for signal in found}
    assert [signal for signal in found if signal.strategy == "s1"] == [
        signal for signal in signals(_started(after), *last) if signal.strategy == "s1"
    ]


def test_instances_come_and_go_with_the_parameters() -> None:
    """A restored machine runs what is configured now: no instance more, none less."""
    two = parameters("ema-crossover:fast=1,slow=2", "donchian-breakout:entry=3,exit=2")
    machine = _started(two)
    signals(machine, *_bars(CROSSING))
    one = parameters("ema-crossover:fast=1,slow=2")
    fewer = SignalsMachine.restore(one, machine.snapshot())
    more = SignalsMachine.restore(two, fewer.snapshot())
    assert len(msgspec.msgpack.decode(fewer.snapshot())["places"][0]["slots"]) == 1
    assert len(msgspec.msgpack.decode(more.snapshot())["places"][0]["slots"]) == 2
    gone = SignalsMachine.restore(parameters(symbols=("MSFT",)), machine.snapshot())
    assert msgspec.msgpack.decode(gone.snapshot())["places"] == []


def _started(settings: SignalsParameters) -> SignalsMachine:
    machine = SignalsMachine.restore(settings, None)
    machine.handle(instrument(), START_NS)
    return machine
