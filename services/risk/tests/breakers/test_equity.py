"""Breakers that watch equity: where exactly they trip, by which message, and how they come back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import (
    BreakerEvent,
    BreakerState,
    GateAction,
    GateEvent,
    GateLevel,
    Verdict,
)
from tidegate_contracts.signals import Direction
from tidegate_kernel.gate import Coverage, Level
from tidegate_kernel.machine import Publish, SetTimer, TimerFired
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.breakers.limits import Percent, Plain
from tidegate_risk.core.breakers.recovery import ramp_of
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.testing import (
    ACCOUNT,
    ASLEEP,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    bar,
    code,
    parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tidegate_kernel.machine import Effect

HERE = Coverage(SESSION, ACCOUNT, VENUE, "ema", "AAPL")
TIMER = "breaker:{}|session:demo"


def desk(*, lockstep: bool = True, resumes: bool = True, **breakers: Any) -> Desk:  # noqa: ANN401
    """Return a desk that holds 100 shares at 100 USD, of a capital of 100,000."""
    told = msgspec.structs.replace(ASLEEP, resumes_next_day=resumes, **breakers)
    made = Desk(parameters(lockstep=lockstep, daily_loss_max_percent=Decimal(2), breakers=told))
    made.hold()
    return made


def daily_loss(level: Level = Level.REDUCE_ONLY) -> dict[str, Any]:
    """Switch on the breaker of the day's loss."""
    return {"daily_loss": Plain(enabled=True, level=level)}


def drawdown(percent: int = 2) -> dict[str, Any]:
    """Switch on the breaker of the drawdown."""
    return {"drawdown": Percent(enabled=True, level=Level.HALTED, percent=Decimal(percent))}


def pnl_jump(percent: int = 2) -> dict[str, Any]:
    """Switch on the breaker of jumps."""
    return {"pnl_jump": Percent(enabled=True, level=Level.HALTED, percent=Decimal(percent))}


def said(effects: Iterable[Effect]) -> list[BreakerEvent]:
    """Return what breakers said."""
    bodies = [effect.body for effect in effects if isinstance(effect, Publish)]
    return [body for body in bodies if isinstance(body, BreakerEvent)]


def price(of: Desk, cents: int) -> list[BreakerEvent]:
    """Let a bar close at so many cents, a moment later."""
    of.now_ns += 1
    return said(of.tell(bar(close=cents, end_ns=of.now_ns)))


def raise_gate(of: Desk, event: BreakerEvent) -> None:
    """Let the gate carry a trip out."""
    of.tell(
        GateEvent(
            action=GateAction.RAISED,
            scope=event.scope,
            level=event.level,
            gate_epoch=1,
            principal=f"breaker:{event.breaker}",
            breaker_session=event.session,
        )
    )


def lower_gate(of: Desk, scope: str = "session:demo") -> list[BreakerEvent]:
    """Let two principals lower the gate."""
    lowered = GateEvent(
        action=GateAction.LOWERED,
        scope=scope,
        level=GateLevel.OPEN,
        gate_epoch=1,
        principal="operator",
        approver="approver",
    )
    return said(of.tell(lowered))


def fire(of: Desk, breaker: str) -> list[BreakerEvent]:
    """Let a breaker's timer come due now."""
    return said(of.tell(TimerFired(TIMER.format(breaker), of.now_ns)))


def account(of: Desk, equity: int, **changes: Any) -> list[BreakerEvent]:  # noqa: ANN401
    """Let the portfolio tell its account."""
    told = AccountSnapshot(
        session=SESSION,
        account=ACCOUNT,
        currency="USD",
        equity=Decimal(equity),
        day_start_equity=Decimal(equity),
        event_at_ns=of.now_ns,
        fills_booked=1,
    )
    return said(of.tell(msgspec.structs.replace(told, **changes)))


@pytest.mark.parametrize(
    ("switched_on", "last_good", "first_bad"),
    [(daily_loss(), 8_001, 8_000), (drawdown(), 8_001, 8_000), (pnl_jump(), 8_001, 8_000)],
)
def test_the_first_cent_that_costs_two_percent_trips(
    switched_on: dict[str, Any], last_good: int, first_bad: int
) -> None:
    """100 shares of a capital of 100,000: 20 USD less each is 2 %, a cent more is not."""
    watched = desk(**switched_on)
    assert price(watched, last_good) == []
    (event,) = price(watched, first_bad)
    assert (event.state, event.previous_state) == (BreakerState.TRIPPED, BreakerState.ARMED)
    assert (event.scope, event.trip) == ("session:demo", 1)
    assert event.breaker in switched_on
    assert price(watched, first_bad - 1) == [], "what has tripped does not trip again"


def test_a_gift_trips_like_a_loss() -> None:
    """Equity that jumps up is as suspicious as one that falls."""
    watched = desk(**pnl_jump())
    assert price(watched, 11_999) == []
    assert [event.breaker for event in price(watched, 12_000)] == ["pnl_jump"]


def test_a_jump_is_measured_from_the_account_s_last_word() -> None:
    """Two moves of 1 % with a snapshot between them are no jump."""
    watched = desk(**pnl_jump())
    assert price(watched, 9_000) == []
    assert account(watched, 99_000) == []
    assert price(watched, 8_000) == []


def test_a_drawdown_is_measured_from_the_highest_account() -> None:
    """The peak is what the account was worth at most when it was told."""
    watched = desk(**drawdown(10))
    price(watched, 15_000)
    account(watched, 105_000)
    assert price(watched, 4_501) == []
    assert [event.breaker for event in price(watched, 4_500)] == ["drawdown"]


def test_the_account_s_own_loss_counts() -> None:
    """What the portfolio says has the same force as our own count."""
    watched = desk(**daily_loss())
    assert account(watched, 98_001, day_start_equity=Decimal(100_000)) == []
    (event,) = account(watched, 98_000, day_start_equity=Decimal(100_000))
    assert event.breaker == "daily_loss"


def test_what_has_tripped_refuses_by_its_name_and_numbers() -> None:
    """REDUCE_ONLY lets exits through, HALTED nothing."""
    watched = desk(**daily_loss())
    price(watched, 7_900)
    refused = watched.ask(symbol="AAPL", strategy="other")
    assert code(refused) == "BREAKER_OPEN"
    assert refused.refusal is not None
    assert "daily_loss at REDUCE_ONLY" in refused.refusal.message
    assert {"breaker_level", "breaker_trip"} <= {number.name for number in refused.numbers}
    assert code(watched.ask(Direction.FLAT)) == "APPROVED"
    halted = desk(**daily_loss(Level.HALTED))
    price(halted, 7_900)
    assert code(halted.ask(Direction.FLAT)) == "BREAKER_OPEN"


def test_a_breaker_that_is_switched_off_never_trips() -> None:
    """Nothing watches."""
    assert price(desk(), 1) == []


def test_the_policy_lowers_the_daily_loss_on_the_next_day() -> None:
    """It is over, lowered, and sizes grow back from a quarter to the whole within a day."""
    watched = desk(**daily_loss())
    effects = watched.tell(bar(close=7_900, end_ns=watched.now_ns + 1))
    (timer,) = [effect for effect in effects if isinstance(effect, SetTimer)]
    assert timer == SetTimer(TIMER.format("daily_loss"), START_NS + NS_PER_DAY)
    watched.now_ns = timer.at_ns
    cleared, recovering = fire(watched, "daily_loss")
    assert (cleared.state, cleared.level) == (BreakerState.CLEARED, GateLevel.REDUCE_ONLY)
    assert (recovering.state, recovering.level) == (BreakerState.RECOVERING, GateLevel.OPEN)
    assert recovering.principal == "policy:next_day"
    assert recovering.until_ns == watched.now_ns + NS_PER_DAY
    state, limits = watched.machine.state.breakers, watched.machine.parameters.limits.breakers
    shares = [
        ramp_of(state, limits, HERE, watched.now_ns + passed)
        for passed in (0, NS_PER_DAY // 2, NS_PER_DAY - 1, NS_PER_DAY)
    ]
    assert [str(share) for share in shares] == ["0.25", "0.62", "0.99", "1"]
    watched.now_ns += NS_PER_DAY
    (armed,) = fire(watched, "daily_loss")
    assert armed.state == BreakerState.ARMED
    assert watched.machine.state.breakers.standings == {}


@pytest.mark.parametrize(("lockstep", "resumes"), [(True, False), (False, True)])
def test_without_a_policy_people_lower_it(*, lockstep: bool, resumes: bool) -> None:
    """`never` and the wall's clock: it clears, and waits for the gate."""
    watched = desk(lockstep=lockstep, resumes=resumes, **daily_loss())
    (tripped,) = price(watched, 7_900)
    watched.now_ns += NS_PER_DAY
    (cleared,) = fire(watched, "daily_loss")
    assert cleared.state == BreakerState.CLEARED
    assert lower_gate(watched) == [], "the gate has not raised for it: that lowering is older"
    raise_gate(watched, tripped)
    (recovering,) = lower_gate(watched)
    assert recovering.principal == "operator and approver"


def test_no_policy_lowers_a_drawdown() -> None:
    """It clears on the next day, and the next one is measured from there."""
    watched = desk(**drawdown(5))
    price(watched, 100)
    assert len(watched.machine.state.breakers.standings) == 1
    watched.now_ns += NS_PER_DAY
    assert [event.state for event in fire(watched, "drawdown")] == [BreakerState.CLEARED]
    assert price(watched, 90) == []
    assert code(watched.ask(Direction.FLAT)) == "BREAKER_OPEN"


def test_what_has_cleared_may_trip_again() -> None:
    """People have not lowered it yet, and the next day loses as much: that is its second trip."""
    watched = desk(resumes=False, **daily_loss())
    price(watched, 8_000)
    watched.now_ns += NS_PER_DAY
    fire(watched, "daily_loss")
    (event,) = price(watched, 6_000)
    assert (event.previous_state, event.state) == (BreakerState.CLEARED, BreakerState.TRIPPED)
    assert event.trip == 2


def test_moves_are_dated_named_and_timed() -> None:
    """Clearing and lowering say when and by whom, and when the ramp ends."""
    watched = desk(resumes=False, **daily_loss())
    (tripped,) = price(watched, 8_000)
    raise_gate(watched, tripped)
    watched.now_ns += NS_PER_DAY
    (cleared,) = fire(watched, "daily_loss")
    assert (cleared.at_ns, cleared.principal, cleared.numbers) == (watched.now_ns, "", ())
    assert (cleared.account, cleared.lockstep, cleared.reason) == (ACCOUNT, True, tripped.reason)
    watched.now_ns += 1
    lowered = GateEvent(
        action=GateAction.LOWERED,
        scope="session:demo",
        level=GateLevel.OPEN,
        principal="operator",
        approver="approver",
    )
    said_, timer = watched.tell(lowered)
    assert isinstance(said_, Publish)
    assert isinstance(said_.body, BreakerEvent)
    assert said_.body.at_ns == watched.now_ns
    ends_ns = watched.now_ns + NS_PER_DAY
    assert timer == SetTimer(TIMER.format("daily_loss"), ends_ns)
    watched.now_ns = ends_ns
    (armed,) = fire(watched, "daily_loss")
    assert (armed.at_ns, armed.until_ns) == (ends_ns, 0)


@pytest.mark.parametrize("level", [GateLevel.REDUCE_ONLY, GateLevel.OPEN])
def test_only_a_lowering_below_its_level_ends_a_breaker(level: GateLevel) -> None:
    """To what it holds itself is no lowering of it."""
    watched = desk(resumes=False, **daily_loss())
    (tripped,) = price(watched, 8_000)
    raise_gate(watched, tripped)
    watched.now_ns += NS_PER_DAY
    fire(watched, "daily_loss")
    lowered = GateEvent(action=GateAction.LOWERED, scope="session:demo", level=level)
    assert bool(said(watched.tell(lowered))) is (level is GateLevel.OPEN)


def test_one_lowering_ends_every_breaker_of_its_scope() -> None:
    """The day's loss and the drawdown hold the same session."""
    watched = desk(resumes=False, **daily_loss(), **drawdown())
    for event in price(watched, 8_000):
        raise_gate(watched, event)
    watched.now_ns += NS_PER_DAY
    for name in ("daily_loss", "drawdown"):
        fire(watched, name)
    assert {each.breaker for each in lower_gate(watched)} == {"daily_loss", "drawdown"}


@pytest.mark.parametrize("principal", ["operator", "breaker:drawdown"])
def test_a_raise_of_somebody_else_is_not_a_breakers_own(principal: str) -> None:
    """So the lowering of that one does not lower this one."""
    watched = desk(resumes=False, **daily_loss())
    price(watched, 8_000)
    raised = GateEvent(
        action=GateAction.RAISED,
        scope="session:demo",
        level=GateLevel.HALTED,
        principal=principal,
        breaker_session=SESSION,
    )
    watched.tell(raised)
    watched.tell(
        msgspec.structs.replace(raised, principal="breaker:daily_loss", breaker_session="x")
    )
    watched.now_ns += NS_PER_DAY
    fire(watched, "daily_loss")
    assert lower_gate(watched) == []


def test_a_lowering_while_it_has_tripped_changes_nothing() -> None:
    """The gate does not let that happen; if it were to, the breaker still holds."""
    watched = desk(**daily_loss())
    (tripped,) = price(watched, 7_900)
    raise_gate(watched, tripped)
    assert lower_gate(watched) == []
    assert code(watched.ask(strategy="other")) == "BREAKER_OPEN"


def test_in_lockstep_the_gate_s_own_raise_changes_no_decision() -> None:
    """It comes whenever it comes: neither its level nor its epoch reaches a verdict."""
    watched, unheard = desk(**daily_loss()), desk(**daily_loss())
    for each in (watched, unheard):
        price(each, 7_900)
    (event,) = watched.machine.state.breakers.standings.values()
    raise_gate(
        watched,
        BreakerEvent(
            session=SESSION,
            breaker=event.breaker,
            scope=event.scope,
            level=GateLevel.REDUCE_ONLY,
        ),
    )
    verdicts: list[Verdict] = [each.ask(Direction.FLAT) for each in (watched, unheard)]
    assert verdicts[0] == verdicts[1]


def test_on_the_wall_s_clock_the_gate_s_raise_counts() -> None:
    """Whichever comes first acts."""
    watched = desk(lockstep=False, **daily_loss())
    (tripped,) = price(watched, 7_900)
    raise_gate(watched, tripped)
    assert watched.machine.state.gate.level_for(HERE) is Level.REDUCE_ONLY


def test_a_snapshot_holds_all_of_it() -> None:
    """What was restored trips, refuses and recovers as what was snapshotted."""
    watched = desk(**daily_loss(), **drawdown(9), **pnl_jump())
    price(watched, 7_900)
    machine = watched.machine
    watched.machine = DecisionMachine.restore(machine.parameters, machine.snapshot())
    assert watched.machine.snapshot() == machine.snapshot()
    assert code(watched.ask(strategy="other")) == "BREAKER_OPEN"
    assert price(watched, 100)[0].breaker == "drawdown"
