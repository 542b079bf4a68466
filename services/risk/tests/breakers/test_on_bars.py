"""Breakers that look at the newest bars of a listing: one unit either side of each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_kernel.machine import TimerFired
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.breakers.volatility_shock import RANGES_MIN
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.testing import ASLEEP, START_NS, Desk, bar, code, parameters

CRASHED = "flash_crash|instrument:demo/AAPL"


def desk(name: str, **changes: Any) -> Desk:  # noqa: ANN401
    """Return a desk on which one breaker is on, and a strategy has asked for both symbols once."""
    switched_on = msgspec.structs.replace(getattr(ASLEEP, name), enabled=True, **changes)
    made = Desk(
        parameters(breakers=msgspec.structs.replace(ASLEEP, **{name: switched_on})),
        ("AAPL", "MSFT"),
    )
    for symbol in ("AAPL", "MSFT"):
        assert code(made.ask(symbol=symbol)) == "APPROVED"
    return made


def close(of: Desk, cents: int, **changes: Any) -> None:  # noqa: ANN401
    """Close the next day's bar at so many cents; it opened there too."""
    of.now_ns += NS_PER_DAY
    of.tell(msgspec.structs.replace(bar(close=cents, end_ns=of.now_ns), **changes))


def standing(of: Desk) -> dict[str, str]:
    """Return how breakers stand that are not armed."""
    standings = of.machine.state.breakers.standings
    return {name: each.state.name for name, each in standings.items()}


@pytest.mark.parametrize(
    ("cents", "tripped"), [(8_001, False), (8_000, True), (11_999, False), (12_000, True)]
)
def test_a_fifth_within_three_bars_shuts_the_symbol(cents: int, *, tripped: bool) -> None:
    """Up or down; the signal that finds it is refused already, and other symbols go on."""
    watched = desk("flash_crash")
    for step in (10_000, cents, cents):
        close(watched, step)
    refused = watched.ask()
    assert standing(watched) == ({CRASHED: "TRIPPED"} if tripped else {})
    assert code(refused) == ("BREAKER_OPEN" if tripped else "APPROVED")
    assert code(watched.ask(symbol="MSFT")) == "APPROVED"


def test_a_move_that_took_longer_is_none() -> None:
    """Four bars ago is not within three."""
    watched = desk("flash_crash")
    for step in (10_000, 9_400, 8_900, 8_400, 8_000):
        close(watched, step)
    assert code(watched.ask()) == "APPROVED"


def test_a_crash_is_over_when_its_bars_have_passed() -> None:
    """Looked at every hour; then people may lower it."""
    watched = desk("flash_crash")
    close(watched, 10_000)
    close(watched, 7_000)
    watched.ask()
    watched.tell(TimerFired(f"breaker:{CRASHED}", watched.now_ns))
    assert standing(watched) == {CRASHED: "TRIPPED"}
    for _ in range(3):
        close(watched, 7_000)
    watched.tell(TimerFired(f"breaker:{CRASHED}", watched.now_ns))
    assert standing(watched) == {CRASHED: "CLEARED"}


@pytest.mark.parametrize(("high", "tripped"), [(10_499, False), (10_500, True)])
def test_a_bar_of_five_times_the_usual_range_shuts_the_symbol(high: int, *, tripped: bool) -> None:
    """Days have moved by one dollar; the newest by five, or a cent less."""
    watched = desk("volatility_shock")
    for _ in range(RANGES_MIN + 1):
        close(watched, 10_000, high=10_100)
    close(watched, 10_000, high=high)
    refused = watched.ask()
    expected = {"volatility_shock|instrument:demo/AAPL": "TRIPPED"} if tripped else {}
    assert standing(watched) == expected
    assert code(refused) == ("BREAKER_OPEN" if tripped else "APPROVED")


@pytest.mark.parametrize(("high", "tripped"), [(10_099, False), (10_100, True)])
def test_after_a_still_past_a_small_move_is_no_shock(high: int, *, tripped: bool) -> None:
    """Days have moved by a cent; a move counts from 1 % of the close before."""
    watched = desk("volatility_shock", range_min_percent=Decimal(1))
    for _ in range(RANGES_MIN + 1):
        close(watched, 10_000, high=10_001)
    close(watched, 10_000, high=high)
    watched.ask()
    assert bool(standing(watched)) == tripped


def test_a_past_that_did_not_move_says_nothing() -> None:
    """A listing that was never traded is measured by what it does once it is."""
    watched = desk("volatility_shock")
    for _ in range(RANGES_MIN + 1):
        close(watched, 10_000)
    close(watched, 10_000, high=12_000)
    assert code(watched.ask()) == "APPROVED"


@pytest.mark.parametrize(("known", "tripped"), [(RANGES_MIN - 1, False), (RANGES_MIN, True)])
def test_without_enough_days_nothing_is_usual(known: int, *, tripped: bool) -> None:
    """So many true ranges must be known before a shock is one; a bar before the first has none."""
    watched = desk("volatility_shock")
    for _ in range(known + 1):
        close(watched, 10_000, high=10_100)
    close(watched, 10_000, high=20_000)
    watched.ask()
    assert bool(standing(watched)) == tripped


def test_a_shock_is_over_with_the_next_usual_bar() -> None:
    """Then people may lower it."""
    watched = desk("volatility_shock", multiple=Decimal(3))
    for _ in range(RANGES_MIN + 1):
        close(watched, 10_000, high=10_100)
    close(watched, 10_000, high=11_000)
    watched.ask()
    close(watched, 10_000, high=10_100)
    name = "volatility_shock|instrument:demo/AAPL"
    watched.tell(TimerFired(f"breaker:{name}", watched.now_ns))
    assert standing(watched) == {name: "CLEARED"}


def test_a_restart_between_bars_changes_nothing() -> None:
    """What the newest bars were like is in the snapshot."""
    watched = desk("flash_crash")
    for step in (10_000, 9_000, 8_000):
        close(watched, step)
    watched.machine = DecisionMachine.restore(
        watched.machine.parameters, watched.machine.snapshot()
    )
    assert watched.now_ns > START_NS
    assert code(watched.ask()) == "BREAKER_OPEN"
