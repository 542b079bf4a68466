"""A vertical spread is wanted while the averages of its underlying agree with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import OrderLeg, Side, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.core.strategies import parse_strategy
from tidegate_signals.core.strategies.definition import StrategyError
from tidegate_signals.testing import bar, instrument, parameters, signals, started, wishes

LOWER, HIGHER = "AAPL991217C00190000", "AAPL991217C00200000"
LOWER_PUT, HIGHER_PUT = "AAPL991217P00190000", "AAPL991217P00200000"
SOON, LATER_STRIKE = "AAPL240109C00190000", "AAPL240109C00200000"
RISES = [100, 100, 100, 110, 120, 130, 140]
FALLS = [100, 100, 100, 90, 80, 70, 60]
LONG, FLAT = Direction.LONG, Direction.FLAT


def spread(bought: str = LOWER, sold: str = HIGHER, more: str = "") -> str:
    """Return a spread with short averages, as on the command line."""
    return f"vertical-spread:bought={bought},sold={sold},fast=2,slow=3{more}"


@pytest.mark.parametrize(
    ("bought", "sold", "rises"),
    [
        (LOWER, HIGHER, True),
        (LOWER_PUT, HIGHER_PUT, True),
        (HIGHER, LOWER, False),
        (HIGHER_PUT, LOWER_PUT, False),
    ],
)
def test_whoever_buys_the_lower_strike_wants_it_to_rise(
    bought: str, sold: str, *, rises: bool
) -> None:
    """Of calls and of puts; it is left where the averages cross back."""
    there, back = (RISES, FALLS) if rises else (FALLS, RISES)
    found = wishes(started(spread(bought, sold)), [*there, *back[3:]])
    assert [wish.direction for wish in found.values()] == [LONG, FLAT]
    first, last = found.values()
    legs = (
        OrderLeg(symbol=bought, side=Side.BUY, ratio=1),
        OrderLeg(symbol=sold, side=Side.SELL, ratio=1),
    )
    assert first.legs == last.legs == legs
    assert next(iter(found)) == 3
    verbs = ["crossed above", "fell below"]
    said = [wish.reasons[0] for wish in (first, last)]
    assert [verb in text for verb, text in zip(verbs, said, strict=True)] == [rises, rises]


def test_during_its_warm_up_and_on_other_symbols_it_says_nothing() -> None:
    """A crossing before ``slow`` bars is not made up for; prices of its options are no view."""
    assert wishes(started(spread(more=",fast=1,slow=6").replace("fast=2,slow=3,", "")), RISES) == {}
    machine = SignalsMachine.restore(parameters(spread()), None)
    machine.handle(instrument(LOWER), 0)
    days = [bar(day, close, symbol=LOWER) for day, close in enumerate(RISES)]
    assert signals(machine, *days) == []


def test_a_net_price_is_wanted_for_the_day() -> None:
    """The signal carries the legs and the price as it was named; without one it is the market."""
    machine = SignalsMachine.restore(parameters(spread(more=",net_price=-1.25")), None)
    machine.handle(instrument(), 0)
    (signal,) = signals(machine, *(bar(day, close) for day, close in enumerate(RISES)))
    assert (signal.entry_style, signal.limit_price) == (EntryStyle.LIMIT, Decimal("-1.25"))
    assert signal.time_in_force is TimeInForce.DAY
    assert [leg.symbol for leg in signal.legs] == [LOWER, HIGHER]
    assert (signal.symbol, signal.direction) == ("AAPL", LONG)
    (wish,) = wishes(started(spread()), RISES).values()
    assert (wish.style, wish.net_price) == (EntryStyle.MARKET, None)


@pytest.mark.parametrize(("days", "left"), [(1, 7), (3, 5), (0, 8)])
def test_it_is_left_before_its_expiry_and_not_wanted_again(days: int, left: int) -> None:
    """From the start of that day on, whatever the averages say."""
    strategy = started(spread(SOON, LATER_STRIKE, f",leave_days={days}"))
    found = wishes(strategy, [*RISES, *range(150, 250, 10), *FALLS, *RISES])
    assert [wish.direction for wish in found.values()] == [LONG, FLAT]
    ends = [bar(day, 100).end_ns for day in found]
    # It expires on January 9, 2024.
    assert datetime.fromtimestamp(ends[1] / 1e9, UTC).day == left + 1
    assert "before the day of the expiry" in list(found.values())[1].reasons[0]


def test_it_goes_on_from_a_snapshot_at_any_bar() -> None:
    """Bit for bit, with the spread that it wants."""
    closes = [*RISES, *FALLS, *RISES]
    bars = [bar(day, close) for day, close in enumerate(closes)]
    for cut in range(len(bars)):
        whole = SignalsMachine.restore(parameters(spread()), None)
        whole.handle(instrument(), 0)
        signals(whole, *bars[:cut])
        parted = SignalsMachine.restore(parameters(spread()), whole.snapshot())
        assert signals(parted, *bars[cut:]) == signals(whole, *bars[cut:])
        assert parted.snapshot() == whole.snapshot()


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (f"bought={LOWER}", "sold", "an option"),
        (f"bought=AAPL,sold={LOWER}", "bought", "an option"),
        (f"bought={LOWER},sold={LOWER}", "sold", "another strike"),
        (f"bought={LOWER},sold={HIGHER_PUT}", "sold", "right of"),
        (f"bought={LOWER},sold={LATER_STRIKE}", "sold", "expiry"),
        (f"bought={LOWER},sold=MSFT991217C00200000", "sold", "underlying"),
        (f"bought={LOWER},sold={HIGHER},fast=20", "fast", "fewer bars than slow"),
        (f"bought={LOWER},sold={HIGHER},leave_days=-1", "leave_days", "a whole number >= 0"),
    ],
)
def test_what_is_no_vertical_spread_is_a_fault(text: str, name: str, expected: str) -> None:
    """It names the parameter, and what it may be."""
    with pytest.raises(StrategyError) as caught:
        parse_strategy(f"vertical-spread:{text}")
    faults = {fault.name: fault.expected for fault in caught.value.faults}
    assert expected in faults[name]


def test_its_state_is_plain_data() -> None:
    """What is written is what is read."""
    strategy = started(spread())
    wishes(strategy, RISES)
    kind = type(strategy)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(strategy), type=kind)
    assert again == strategy
