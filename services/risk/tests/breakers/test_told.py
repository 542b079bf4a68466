"""Every breaker, one unit before it trips and where it does: whom it stops, and what it tells.

A breaker that has no case here fails `test_every_breaker_has_a_case`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from tidegate_contracts.execution import OrderState
from tidegate_contracts.market import Quote
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import BreakerEvent, BreakerState, GateLevel
from tidegate_contracts.signals import Direction
from tidegate_kernel.machine import Publish, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.core.breakers.registry import BREAKERS
from tidegate_risk.core.breakers.volatility_shock import RANGES_MIN
from tidegate_risk.testing import (
    ACCOUNT,
    ASLEEP,
    FEED,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    bar,
    order_event,
    parameters,
    reconciliation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_kernel.machine import Effect, Event


class Watched(Desk):
    """A desk of the wall's clock that keeps what breakers say; it holds 100 AAPL at 100 USD."""

    def __init__(self, name: str) -> None:
        self.heard: list[BreakerEvent] = []
        switched_on = msgspec.structs.replace(getattr(ASLEEP, name), enabled=True)
        told = msgspec.structs.replace(ASLEEP, **{name: switched_on})
        limits = {"breakers": told, "daily_loss_max_percent": Decimal(2)}
        super().__init__(parameters(lockstep=False, **limits), ("AAPL", "MSFT"))
        self.hold()

    def tell(self, event: Event) -> Sequence[Effect]:
        """Give the machine an event, and keep what breakers say."""
        effects = super().tell(event)
        bodies = [effect.body for effect in effects if isinstance(effect, Publish)]
        self.heard += [body for body in bodies if isinstance(body, BreakerEvent)]
        return effects

    def close(self, cents: int, high: int = 0, days: int = 1) -> None:
        """Let AAPL's next daily bar close at so many cents."""
        self.now_ns += days * NS_PER_DAY
        closed = bar(close=cents, end_ns=self.now_ns)
        self.tell(msgspec.structs.replace(closed, high=max(cents, high)))

    def mark(self, cents: int) -> None:
        """Let a bar of AAPL close at so many cents, a moment later."""
        self.now_ns += 1
        self.tell(bar(close=cents, end_ns=self.now_ns))

    def account(self, equity: int = 100_000) -> None:
        """Let the portfolio tell its account."""
        told = AccountSnapshot(
            session=SESSION,
            account=ACCOUNT,
            currency="USD",
            equity=Decimal(equity),
            day_start_equity=Decimal(100_000),
            event_at_ns=self.now_ns,
            fills_booked=9,
        )
        self.tell(told)

    def lose(self, times: int, strategy: str = "other") -> None:
        """Buy ten of MSFT at 100 USD and sell them at 99, so many times."""
        for _ in range(times):
            self.now_ns += 1
            for direction, price in ((Direction.LONG, 100), (Direction.FLAT, 99)):
                verdict = self.ask(direction, "MSFT", strategy)
                self.fill(verdict, 10, price)
                self.report(verdict, OrderState.CANCELLED, filled=10)

    def reject(self, times: int) -> None:
        """Let the venue reject so many orders."""
        for _ in range(times):
            self.now_ns += 1
            event = order_event(self.ask(symbol="MSFT", strategy="other"), OrderState.REJECTED)
            self.tell(msgspec.structs.replace(event, reason_code="VENUE_REJECTED"))

    def differ(self, seconds: int) -> None:
        """Let the account differ for so many more seconds."""
        self.tell(reconciliation(term=1, reconciled=False))
        self.now_ns += seconds * NS_PER_SECOND
        self.tell(TimerFired("breaker:unreconciled", self.now_ns))

    def crash(self, cents: int) -> None:
        """Let AAPL close at 100 USD and then elsewhere, and a strategy ask for it."""
        self.ask(strategy="other")
        for close in (10_000, 10_000, 10_000, cents):
            self.close(close)
        self.ask(strategy="third")

    def shock(self, high: int) -> None:
        """Let AAPL move a dollar a day and then further, and a strategy ask for it."""
        self.ask(strategy="other")
        for _ in range(RANGES_MIN + 1):
            self.close(10_000, 10_100)
        self.close(10_000, high)
        self.ask(strategy="third")

    def quote(self, bid: int, ask: int) -> None:
        """Let the feed quote MSFT."""
        self.tell(Quote(feed=FEED, venue=VENUE, symbol="MSFT", bid_price=bid, ask_price=ask))

    def fall_silent(self, days: int) -> None:
        """Let MSFT go on while AAPL is silent, and the account be told."""
        self.now_ns += days * NS_PER_DAY
        self.tell(bar("MSFT", end_ns=self.now_ns))
        self.account()

    def enter(self, times: int) -> None:
        """Let a strategy enter MSFT so many times, in vain."""
        for _ in range(times):
            self.now_ns += 1
            self.report(self.ask(symbol="MSFT", strategy="other"), OrderState.CANCELLED)

    def enter_at(self, price: str) -> None:
        """Let one of MSFT be bought at a price."""
        self.now_ns += 1
        verdict = self.ask(symbol="MSFT", strategy="other")
        self.fill(verdict, 1, Decimal(price))  # type: ignore[arg-type]
        self.report(verdict, OrderState.CANCELLED, filled=1)


@dataclass(frozen=True)
class Case:
    """What almost trips a breaker, what then trips it, and what it says."""

    good: Callable[[Watched], object]
    bad: Callable[[Watched], object]
    scope: str
    reason: str
    numbers: str
    level: GateLevel = GateLevel.REDUCE_ONLY
    pause_until: Callable[[int], int] | None = None


CASES = {
    "daily_loss": Case(
        lambda desk: desk.mark(8_001),
        lambda desk: desk.mark(8_000),
        "session:demo",
        "expected a loss today below 2000 USD (2 % of 100000 USD), found 2000 USD",
        "daily_loss 2000.00 USD, limit_daily_loss 2000 USD, day_start_equity 100000 USD",
    ),
    "drawdown": Case(
        lambda desk: desk.account(75_001),
        lambda desk: desk.account(75_000),
        "session:demo",
        "expected equity above 75000 USD (25 % below its highest, 100000 USD), found 75000 USD",
        "equity 75000 USD, peak_equity 100000 USD, drawdown 25.0000 percent, "
        "limit_drawdown 25 percent",
        GateLevel.HALTED,
    ),
    "pnl_jump": Case(
        lambda desk: desk.mark(19_999),
        lambda desk: desk.mark(20_000),
        "session:demo",
        "expected equity within 10 % of 100000 USD, which it was when the account was told last, "
        "found 110000 USD",
        "equity 110000.00 USD, equity_before 100000 USD, limit_pnl_jump 10 percent",
        GateLevel.HALTED,
    ),
    "losing_streak": Case(
        lambda desk: desk.lose(2),
        lambda desk: desk.lose(1),
        "strategy:demo/other",
        "expected fewer than 3 losses in a row, found 3 of other",
        "losses 3 trades, limit_losses 3 trades",
    ),
    "cooldown": Case(
        lambda desk: desk.lose(1),
        lambda desk: desk.lose(1, "third"),
        "instrument:demo/MSFT",
        "expected fewer than 2 losses in a row in MSFT, found 2",
        "losses 2 trades, limit_losses 2 trades",
        pause_until=lambda now_ns: now_ns + NS_PER_DAY,
    ),
    "overtrading": Case(
        lambda desk: desk.enter(2),
        lambda desk: desk.enter(1),
        "strategy:demo/other",
        "expected fewer than 3 entries of other in a UTC day, found 3",
        "entries 3 orders, limit_entries 3 orders",
        pause_until=lambda _: START_NS + NS_PER_DAY,
    ),
    "flash_crash": Case(
        lambda desk: desk.crash(8_001),
        lambda desk: desk.crash(8_000),
        "instrument:demo/AAPL",
        "expected AAPL to move less than 20 % within 3 bars, found -20 %",
        "moved -20.00 percent, limit_flash_crash 20 percent, bars 3 bars",
    ),
    "volatility_shock": Case(
        lambda desk: desk.shock(10_499),
        lambda desk: desk.shock(10_532),
        "instrument:demo/AAPL",
        "expected a true range of AAPL below 5 times the mean of the 63 before it, or below 0 % of "
        "the close before, found 5.00 times",
        "times 5.00 times, limit_volatility_shock 5 times",
    ),
    "spread": Case(
        lambda desk: desk.quote(9_751, 10_250),
        lambda desk: desk.quote(9_750, 10_250),
        "instrument:demo/MSFT",
        "expected the spread of MSFT below 5 % of its middle, found bid 9750 and ask 10250 in its "
        "own units",
        "spread 5.0000 percent, limit_spread 5 percent",
    ),
    "stale_prices": Case(
        lambda desk: desk.fall_silent(2),
        lambda desk: desk.fall_silent(1),
        "instrument:demo/AAPL",
        "expected AAPL, which is held, fewer than 3 bars behind XNAS, found 3",
        "bars_behind 3 bars, limit 3 bars",
    ),
    "price_divergence": Case(
        lambda desk: desk.enter_at("90.01"),
        lambda desk: desk.enter_at("90"),
        "instrument:demo/MSFT",
        "expected fills of MSFT within 10 % of 100 USD, found one at 90 USD",
        "fill_price 90 USD, price 100.00 USD, limit_price_divergence 10 percent",
    ),
    "venue_rejects": Case(
        lambda desk: desk.reject(2),
        lambda desk: desk.reject(1),
        "session:demo",
        "expected fewer than 3 rejections by the venue in a row, found 3",
        "rejects 3 orders, limit_rejects 3 orders",
    ),
    "unreconciled": Case(
        lambda desk: desk.differ(59),
        lambda desk: desk.differ(1),
        "session:demo",
        "expected an account that agrees with the venue's again within 60 s, found a difference: "
        "HOLDINGS_DIFFER: AAPL: expected 1, found 2; MSFT",
        "unreconciled 60 s, limit_unreconciled 60 s",
    ),
}


def test_every_breaker_has_a_case() -> None:
    """A breaker that is added is told here too."""
    assert list(CASES) == [each.name for each in BREAKERS]


@pytest.mark.parametrize("name", CASES)
def test_a_breaker_trips_at_its_limit_and_tells_what_it_saw(name: str) -> None:
    """One unit before nothing is said; there everything that people and the gate go by."""
    case, desk = CASES[name], Watched(name)
    case.good(desk)
    assert desk.heard == []
    case.bad(desk)
    (event,) = desk.heard
    told = ", ".join(f"{each.name} {each.value} {each.unit}" for each in event.numbers)
    assert told == case.numbers
    assert msgspec.structs.replace(event, numbers=()) == BreakerEvent(
        session=SESSION,
        account=ACCOUNT,
        breaker=name,
        scope=case.scope,
        previous_state=BreakerState.ARMED,
        state=BreakerState.PAUSED if case.pause_until else BreakerState.TRIPPED,
        level=case.level,
        trip=1,
        at_ns=desk.now_ns,
        until_ns=case.pause_until(desk.now_ns) if case.pause_until else 0,
        reason=case.reason,
    )
