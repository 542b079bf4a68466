"""Breakers that watch trades, orders, the venue and the account: one unit either side of each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderState, Reconciliation
from tidegate_contracts.market import Quote
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import BreakerEvent, BreakerState
from tidegate_contracts.signals import Direction
from tidegate_kernel.machine import Publish, SetTimer, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, day_of
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.testing import (
    ACCOUNT,
    ASLEEP,
    FEED,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    bar,
    code,
    order_event,
    parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_kernel.machine import Effect

HOUR_NS = 3_600 * NS_PER_SECOND


def desk(name: str, symbols: tuple[str, ...] = ("AAPL",), **changes: Any) -> Desk:  # noqa: ANN401
    """Return a desk on which one breaker is switched on."""
    switched_on = msgspec.structs.replace(getattr(ASLEEP, name), enabled=True, **changes)
    told = msgspec.structs.replace(ASLEEP, **{name: switched_on})
    return Desk(parameters(breakers=told), symbols)


def said(effects: Iterable[Effect]) -> list[BreakerEvent]:
    """Return what breakers said."""
    bodies = [effect.body for effect in effects if isinstance(effect, Publish)]
    return [body for body in bodies if isinstance(body, BreakerEvent)]


def standing(of: Desk) -> list[tuple[str, str, str]]:
    """Return which breakers are not armed, where, and how they stand."""
    standings = of.machine.state.breakers.standings.values()
    return [(each.breaker, each.scope, each.state.name) for each in standings]


def lose(of: Desk, cents: str, strategy: str = "ema", symbol: str = "AAPL") -> None:
    """Buy ten at 100 and sell them at another price."""
    of.now_ns += 1
    bought = of.ask(symbol=symbol, strategy=strategy)
    of.fill(bought, quantity=10)
    of.report(bought, OrderState.CANCELLED, filled=10)
    sold = of.ask(Direction.FLAT, symbol=symbol, strategy=strategy)
    of.fill(sold, quantity=10, price=Decimal(cents))  # type: ignore[arg-type]
    of.report(sold, OrderState.FILLED, filled=10)


def test_the_third_loss_in_a_row_stops_a_strategy() -> None:
    """Two do not, and a trade that is no loss begins the row anew; others go on."""
    watched = desk("losing_streak")
    for price in ("99.99", "99", "100", "99", "99"):
        lose(watched, price)
    assert standing(watched) == []
    lose(watched, "99.99")
    assert standing(watched) == [("losing_streak", "strategy:demo/ema", "TRIPPED")]
    assert code(watched.ask()) == "BREAKER_OPEN"
    assert code(watched.ask(strategy="other")) == "APPROVED"


def test_after_its_recovery_a_strategy_may_lose_three_times_again() -> None:
    """Losses are counted anew when it is over."""
    watched = desk("losing_streak")
    for _ in range(3):
        lose(watched, "99")
    watched.now_ns = (day_of(watched.now_ns) + 1) * NS_PER_DAY
    watched.tell(TimerFired("breaker:losing_streak|strategy:demo/ema", watched.now_ns))
    assert standing(watched) == [("losing_streak", "strategy:demo/ema", "CLEARED")]
    assert watched.machine.state.breakers.results.losses_of_strategy == {}


def test_a_symbol_rests_after_two_losses_of_anybody() -> None:
    """For a day, in this session, for everybody; then it goes on by itself."""
    watched = desk("cooldown", ("AAPL", "MSFT"))
    lose(watched, "99", strategy="one")
    assert standing(watched) == []
    lose(watched, "99", strategy="two")
    assert standing(watched) == [("cooldown", "instrument:demo/AAPL", "PAUSED")]
    refused = watched.ask()
    assert code(refused) == "BREAKER_OPEN"
    assert refused.refusal is not None
    assert "it passes from 2024-10-05" in refused.refusal.message
    assert code(watched.ask(symbol="MSFT")) == "APPROVED"
    ends_ns = watched.now_ns + NS_PER_DAY
    timer = TimerFired("breaker:cooldown|instrument:demo/AAPL", ends_ns)
    watched.now_ns = ends_ns - 1
    assert said(watched.tell(timer)) == []
    watched.now_ns = ends_ns
    (armed,) = said(watched.tell(timer))
    assert (armed.state, armed.previous_state) == (BreakerState.ARMED, BreakerState.PAUSED)
    assert code(watched.ask()) == "APPROVED"


def test_the_third_entry_of_a_day_ends_it_for_a_strategy() -> None:
    """The fourth is refused until the next UTC day; exits are not counted."""
    watched = desk("overtrading")
    for _ in range(3):
        lose(watched, "99")
    (only,) = watched.machine.state.breakers.standings.values()
    assert (only.breaker, only.state) == ("overtrading", BreakerState.PAUSED)
    assert only.until_ns == (day_of(watched.now_ns) + 1) * NS_PER_DAY
    assert code(watched.ask()) == "BREAKER_OPEN"


def rejected(of: Desk, code_: str = "VENUE_REJECTED") -> list[BreakerEvent]:
    """Let the venue reject an order, a moment later."""
    of.now_ns += 1
    event = order_event(of.ask(), OrderState.REJECTED)
    return said(of.tell(msgspec.structs.replace(event, reason_code=code_)))


def test_the_third_rejection_in_a_row_stops_the_session() -> None:
    """By the venue itself; an order that it takes ends the row."""
    watched = desk("venue_rejects")
    assert rejected(watched) + rejected(watched) == []
    watched.now_ns += 1
    watched.report(watched.ask(), OrderState.WORKING)
    watched.machine.state.book.orders.by_id.clear()
    assert rejected(watched) + rejected(watched) == []
    assert rejected(watched, "GATE_CLOSED") == []
    (event,) = rejected(watched)
    assert (event.breaker, event.scope) == ("venue_rejects", "session:demo")


def reconciliation(of: Desk, *, reconciled: bool) -> list[Effect]:
    """Let execution say how the account stands."""
    reason = "" if reconciled else "HOLDINGS_DIFFER"
    told = Reconciliation(
        session=SESSION, account=ACCOUNT, term=1, reconciled=reconciled, reason=reason
    )
    return list(of.tell(told))


def test_an_account_that_differs_for_a_minute_stops_the_session() -> None:
    """Not before, and not when it has agreed again meanwhile."""
    watched = desk("unreconciled")
    (timer,) = reconciliation(watched, reconciled=False)
    assert timer == SetTimer("breaker:unreconciled", START_NS + 60 * NS_PER_SECOND)
    assert reconciliation(watched, reconciled=False) == []
    reconciliation(watched, reconciled=True)
    watched.now_ns = timer.at_ns
    assert said(watched.tell(TimerFired(timer.name, timer.at_ns))) == []
    reconciliation(watched, reconciled=False)
    watched.now_ns += 60 * NS_PER_SECOND - 1
    assert said(watched.tell(TimerFired(timer.name, watched.now_ns))) == []
    watched.now_ns += 1
    (event,) = said(watched.tell(TimerFired(timer.name, watched.now_ns)))
    assert (event.breaker, event.state) == ("unreconciled", BreakerState.TRIPPED)
    assert "HOLDINGS_DIFFER" in event.reason


def test_it_is_over_when_execution_says_that_the_account_agrees() -> None:
    """Looked at every minute."""
    watched = desk("unreconciled")
    reconciliation(watched, reconciled=False)
    watched.now_ns += 60 * NS_PER_SECOND
    watched.tell(TimerFired("breaker:unreconciled", watched.now_ns))
    timer = TimerFired("breaker:unreconciled|session:demo", watched.now_ns)
    assert watched.tell(timer) == (SetTimer(timer.name, watched.now_ns + 60 * NS_PER_SECOND),)
    reconciliation(watched, reconciled=True)
    (event,) = said(watched.tell(timer))
    assert event.state == BreakerState.CLEARED


@pytest.mark.parametrize(("price", "trips"), [("90.01", False), ("90", True), ("110", True)])
def test_a_fill_ten_percent_from_the_close_stops_its_symbol(price: str, *, trips: bool) -> None:
    """On either side."""
    watched = desk("price_divergence")
    watched.fill(watched.ask(), price=Decimal(price))  # type: ignore[arg-type]
    expected = [("price_divergence", "instrument:demo/AAPL", "TRIPPED")] if trips else []
    assert standing(watched) == expected


def account(of: Desk) -> list[BreakerEvent]:
    """Let the portfolio tell its account."""
    told = AccountSnapshot(
        session=SESSION,
        account=ACCOUNT,
        currency="USD",
        equity=Decimal(100_000),
        event_at_ns=of.now_ns,
        fills_booked=1,
    )
    return said(of.tell(told))


@pytest.mark.parametrize(("days", "trips"), [(2, False), (3, True)])
def test_a_held_symbol_that_is_silent_while_its_venue_goes_on_is_stopped(
    days: int, *, trips: bool
) -> None:
    """From three of its bars behind on; it is over when it has caught up."""
    watched = desk("stale_prices", ("AAPL", "MSFT"))
    watched.hold()
    watched.now_ns += days * NS_PER_DAY
    watched.tell(bar("MSFT", end_ns=watched.now_ns))
    assert [event.breaker for event in account(watched)] == ["stale_prices"] * trips
    if trips:
        timer = TimerFired("breaker:stale_prices|instrument:demo/AAPL", watched.now_ns)
        assert watched.tell(timer) == (SetTimer(timer.name, watched.now_ns + HOUR_NS),)
        watched.tell(bar(end_ns=watched.now_ns))
        assert [event.state.name for event in said(watched.tell(timer))] == ["CLEARED"]


def test_a_venue_that_is_closed_is_behind_nothing() -> None:
    """All its symbols are as old."""
    watched = desk("stale_prices", ("AAPL", "MSFT"))
    watched.hold()
    watched.now_ns += 9 * NS_PER_DAY
    assert account(watched) == []


@pytest.mark.parametrize(
    ("bid", "ask", "trips"),
    [(9_751, 10_250, False), (9_750, 10_250, True), (10_001, 10_000, True), (0, 10_000, True)],
)
def test_a_spread_of_five_percent_stops_its_symbol(bid: int, ask: int, *, trips: bool) -> None:
    """500 of 10,000 is the limit; a crossed or empty book is worse than wide."""
    watched = desk("spread")
    quote = Quote(feed=FEED, venue=VENUE, symbol="AAPL", bid_price=bid, ask_price=ask)
    assert [event.breaker for event in said(watched.tell(quote))] == ["spread"] * trips


def test_a_repeated_fill_is_no_second_loss() -> None:
    """What is booked once counts once."""
    watched = desk("cooldown")
    bought = watched.ask()
    watched.fill(bought, quantity=10)
    sold = watched.ask(Direction.FLAT)
    fill = watched.fill(sold, quantity=10, price=99)
    watched.tell(fill)
    assert watched.machine.state.breakers.results.losses_in_listing == {f"{VENUE}|AAPL": 1}


def test_a_snapshot_holds_what_is_counted() -> None:
    """Trades, losses, entries, rejections and differences survive a restart."""
    watched = desk("cooldown")
    lose(watched, "99")
    rejected(watched)
    reconciliation(watched, reconciled=False)
    machine = watched.machine
    restored = DecisionMachine.restore(machine.parameters, machine.snapshot())
    assert restored.state.breakers == machine.state.breakers
    assert restored.snapshot() == machine.snapshot()
