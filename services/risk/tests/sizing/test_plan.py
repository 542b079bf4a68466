"""The steps together: what an order is sized by, its stop, and what its verdict says about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderState
from tidegate_contracts.risk import BreakerState, Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.breakers.record import Record
from tidegate_risk.core.breakers.standing import Standing
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.sizing.plan import OFFERS, SCALES
from tidegate_risk.testing import SESSION, Desk, bar, code, instrument, ordered, parameters


def numbers(verdict: Verdict) -> dict[str, Decimal]:
    """Return a verdict's numbers by name."""
    return {each.name: each.value for each in verdict.numbers}


def ranging(high: int = 100, **limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk after twenty days, each of which has ranged over so many cents around 100."""
    desk = Desk(parameters(short_allowed=True, **limits))
    desk.ask(Direction.FLAT)
    for _ in range(20):
        desk.now_ns += NS_PER_DAY
        day = bar(end_ns=desk.now_ns)
        desk.tell(msgspec.structs.replace(day, high=10_000 + high // 2, low=10_000 - high // 2))
    return desk


def recorded(wins: int, losses: int, **limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk whose strategy has won and lost a tenth of what trades cost, so often."""
    desk = Desk(parameters(kelly_enabled=True, **limits))
    record = desk.machine.state.breakers.results.records.setdefault("ema", Record())
    for _ in range(wins):
        record.add(Decimal(10), Decimal(100))
    for _ in range(losses):
        record.add(Decimal(-10), Decimal(100))
    return desk


def test_the_stop_is_two_average_ranges_away_and_sizes_the_order() -> None:
    """2 % of 100,000 USD over a stop 40 USD away are 50 shares; the profit is three ranges away."""
    told: dict[str, Any] = {"stop_range_multiple": 2, "take_profit_range_multiple": 3}
    desk = ranging(2_000, risk_per_trade_fraction=Decimal("0.02"), **told)
    verdict = desk.ask()
    order, found = ordered(verdict), numbers(verdict)
    assert order.quantity == 50
    assert order.stop_price == 60
    assert order.take_profit_price == 160
    assert found["average_range"] == 20
    assert found["stop_distance"] == 40
    assert found["quantity_by_stop"] == found["target_quantity"] == 50


def test_a_shorts_stop_is_above_it() -> None:
    """And its take-profit below."""
    desk = ranging(200, stop_range_multiple=2, take_profit_range_multiple=3)
    order = ordered(desk.ask(Direction.SHORT))
    assert order.stop_price == 104
    assert order.take_profit_price == 94


def test_the_signals_own_stop_goes_before() -> None:
    """The strategy knows better."""
    order = ordered(ranging(200, stop_range_multiple=2).ask(stop_distance=Decimal(10)))
    assert order.stop_price == 90


def test_the_stop_hangs_on_the_limit_price() -> None:
    """An entry that waits at 98 is given up at 94."""
    desk = ranging(200, stop_range_multiple=2)
    order = ordered(desk.ask(entry_style=EntryStyle.LIMIT, limit_price=Decimal(98)))
    assert order.stop_price == 94


@pytest.mark.parametrize("days", [14, 13])
def test_without_enough_ranges_there_is_no_stop(days: int) -> None:
    """Of fourteen; live, the entry is refused until they are there."""
    told: dict[str, Any] = {"stop_range_multiple": 2, "stop_range_bars": days + (days == 13)}
    desk = Desk(parameters(**told))
    live = Desk(parameters(estimates_required=True, estimate_days_min=1, **told))
    for each in (desk, live):
        each.ask(Direction.FLAT)
        for _ in range(days + 1):
            each.now_ns += NS_PER_DAY
            each.tell(msgspec.structs.replace(bar(end_ns=each.now_ns), high=10_100))
    known = days == 14
    assert (ordered(desk.ask()).stop_price is not None) is known
    assert (code(live.ask()) == Code.ESTIMATE_MISSING) is not known


@pytest.mark.parametrize("lockstep", [False, True])
def test_on_the_walls_clock_the_first_signal_knows_what_came_before(*, lockstep: bool) -> None:
    """A live session need not ask once to be measured; in lockstep nobody measures unasked."""
    desk = Desk(parameters(lockstep=lockstep, stop_range_multiple=2))
    for _ in range(15):
        desk.now_ns += NS_PER_DAY
        desk.tell(msgspec.structs.replace(bar(end_ns=desk.now_ns), high=10_100))
    assert (ordered(desk.ask()).stop_price is None) is lockstep


def test_the_stop_is_what_heat_counts() -> None:
    """50 shares, 40 USD from their stop: 2,000 USD."""
    told: dict[str, Any] = {"stop_range_multiple": 2, "risk_per_trade_fraction": Decimal("0.02")}
    desk = ranging(2_000, **told)
    verdict = desk.ask()
    assert numbers(verdict)["portfolio_heat_after"] == 2_000
    assert desk.machine.state.portfolio.stops == {"ema|XNAS|AAPL": Decimal(60)}


@pytest.mark.parametrize(
    ("wins", "losses", "quantity"), [(51, 49, 50), (49, 51, 20), (60, 40, 100)]
)
def test_a_strategys_own_results_bound_its_size(wins: int, losses: int, quantity: int) -> None:
    """51 of 100 win a tenth: Kelly says 20 %, a quarter of it is 5 %; without an edge 2 %."""
    told: dict[str, Any] = {
        "kelly_fraction": Decimal("0.25"),
        "kelly_size_min_fraction": Decimal("0.02"),
    }
    assert ordered(recorded(wins, losses, **told).ask()).quantity == quantity


@pytest.mark.parametrize(("trades", "bound"), [(29, False), (30, True)])
def test_kelly_needs_its_trades(trades: int, *, bound: bool) -> None:
    """One fewer, and results say nothing yet."""
    verdict = recorded(
        0, trades, kelly_trades_min=30, kelly_size_min_fraction=Decimal("0.02")
    ).ask()
    assert (ordered(verdict).quantity == 20) is bound
    assert ("quantity_by_kelly" in numbers(verdict)) is bound


def test_a_strategy_that_never_lost_is_not_measured() -> None:
    """Kelly would say: everything."""
    assert "quantity_by_kelly" not in numbers(recorded(40, 0).ask())


def test_results_are_those_of_the_fills() -> None:
    """Bought at 100, sold at 110: a tenth of what it cost; a partial exit is no trade yet."""
    desk = Desk()
    desk.hold()
    flat = desk.ask(Direction.FLAT)
    desk.fill(flat, 40, price=110)
    records = desk.machine.state.breakers.results.records
    assert records == {}
    desk.fill(flat, 60, price=110)
    desk.report(flat, OrderState.FILLED, 100)
    assert records["ema"].returns == [Decimal("0.1")]
    assert (records["ema"].wins, records["ema"].losses) == (1, 0)


@pytest.mark.parametrize(("confidence", "quantity"), [(1.0, 100), (0.5, 62), (0.0, 25)])
def test_less_confidence_buys_less(confidence: float, quantity: int) -> None:
    """A quarter at none."""
    desk = Desk(parameters(confidence_size_min_fraction=Decimal("0.25")))
    assert ordered(desk.ask(confidence=confidence)).quantity == quantity


def test_near_the_limit_of_exposure_entries_shrink() -> None:
    """At 10 % of a limit of 20 %, half way from its half: 5/8 of 100 shares are 62."""
    told: dict[str, Any] = {
        "exposure_taper_start_fraction": Decimal(0),
        "taper_size_min_fraction": Decimal("0.25"),
    }
    desk = Desk(
        parameters(gross_exposure_max_fraction=Decimal("0.2"), **told), symbols=("AAPL", "MSFT")
    )
    desk.hold()
    verdict = desk.ask(symbol="MSFT")
    assert ordered(verdict).quantity == 62
    assert numbers(verdict)["scale_by_exposure"] == Decimal("0.625")


@pytest.mark.parametrize(
    ("close", "scale"), [(9_000, "1"), (8_999, "0.9992"), (8_500, "0.625"), (8_001, "0.2507")]
)
def test_near_the_days_loss_entries_shrink(close: int, scale: str) -> None:
    """The limit is 2,000 USD: nothing up to 1,000 of it, a quarter is left at the limit."""
    told: dict[str, Any] = {
        "loss_taper_start_fraction": Decimal("0.5"),
        "taper_size_min_fraction": Decimal("0.25"),
    }
    desk = Desk(parameters(daily_loss_max_percent=Decimal(2), **told), symbols=("AAPL", "MSFT"))
    desk.hold()
    desk.tell(bar(close=close, end_ns=desk.now_ns + 1))
    assert numbers(desk.ask(symbol="MSFT"))["scale_by_daily_loss"] == Decimal(scale)


def test_after_a_breaker_sizes_grow_back() -> None:
    """Half way through the ramp from a quarter, 5/8, rounded down to hundredths: 62 shares."""
    desk = Desk()
    desk.machine.state.breakers.standings["drawdown|"] = Standing(
        breaker="drawdown",
        scope=f"session:{SESSION}",
        member="",
        state=BreakerState.RECOVERING,
        level=0,
        trip=1,
        since_ns=desk.now_ns - NS_PER_DAY,
        reason="test",
        until_ns=desk.now_ns + NS_PER_DAY,
    )
    verdict = desk.ask()
    assert numbers(verdict)["scale_by_ramp"] == Decimal("0.62")
    assert ordered(verdict).quantity == 62


@pytest.mark.parametrize(("days", "quantity"), [(0, 50), (15, 75), (29, 98), (30, 100), (300, 100)])
def test_a_new_session_begins_small(days: int, quantity: int) -> None:
    """Half of the size at its first signal, the whole after 30 days, and so after a restart."""
    told: dict[str, Any] = {"launch_size_fraction": Decimal("0.5")}
    desk = Desk(parameters(launch_ramp_ns=30 * NS_PER_DAY, **told))
    assert code(desk.ask(Direction.FLAT)) == Code.NOTHING_TO_CLOSE
    desk.machine = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot())
    desk.now_ns += days * NS_PER_DAY
    assert ordered(desk.ask()).quantity == quantity


def test_scales_together_leave_less_than_a_lot() -> None:
    """The refusal says which step has taken how much."""
    desk = Desk(parameters(confidence_size_min_fraction=Decimal("0.25")))
    desk.tell(instrument(lot_size=Decimal(50)))
    verdict = desk.ask(confidence=0.0)
    assert code(verdict) == Code.SIZE_ZERO
    assert verdict.refusal is not None
    assert "scale_by_confidence 0.25" in verdict.refusal.message
    assert numbers(verdict)["target_quantity"] == 0


def test_why_this_size_is_answered_by_the_verdict() -> None:
    """The smallest offer times every scale, rounded down to the lot, is the target."""
    told: dict[str, Any] = {"confidence_size_min_fraction": Decimal("0.25")}
    verdict = ranging(2_000, stop_range_multiple=2, **told).ask(confidence=0.3)
    found = numbers(verdict)
    size = min(value for name, value in found.items() if name.startswith("quantity_by_"))
    for name, value in found.items():
        if name.startswith("scale_by_"):
            size *= value
    assert int(size) == found["target_quantity"] == found["quantity"]


@given(
    high=st.integers(2, 4_000),
    hundredths=st.integers(0, 100),
    wins=st.integers(0, 40),
    losses=st.integers(1, 40),
    direction=st.sampled_from([Direction.LONG, Direction.SHORT]),
)
@settings(max_examples=40)
def test_no_step_makes_a_position_larger(
    high: int, hundredths: int, wins: int, losses: int, direction: Direction
) -> None:
    """Whatever is measured, the target is at most the fraction, on the lot, and restorable."""
    measured: dict[str, Any] = {"stop_range_multiple": 2, "kelly_enabled": True}
    desk = ranging(high, confidence_size_min_fraction=Decimal("0.25"), **measured)
    record = desk.machine.state.breakers.results.records.setdefault("ema", Record())
    for result in [7] * wins + [-5] * losses:
        record.add(Decimal(result), Decimal(100))
    twin = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot())
    verdict = desk.ask(direction, confidence=hundredths / 100)
    desk.machine, desk.ordinal = twin, desk.ordinal - 1
    assert verdict == desk.ask(direction, confidence=hundredths / 100)
    found = numbers(verdict)
    assert found["target_quantity"] <= found["quantity_by_fraction"]
    assert found["target_quantity"] % 1 == 0


def test_every_step_is_named_in_its_order() -> None:
    """Offers first, scales after them."""
    assert [each.__module__.rpartition(".")[2] for each in (*OFFERS, *SCALES)] == [
        "fixed_fraction",
        "stop_distance",
        "volatility_target",
        "kelly",
        "confidence",
        "exposure",
        "daily_loss",
        "correlation",
        "drawdown",
        "ramp",
        "launch",
    ]
