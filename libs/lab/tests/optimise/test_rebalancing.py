"""Orders on the way to target weights, each with the answer that a session would get."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.risk import GateAction, GateEvent, GateLevel
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.optimise.desk import Desk, desk_of_recording
from tidegate_lab.optimise.errors import OptimiseError
from tidegate_lab.optimise.history import history_of
from tidegate_lab.optimise.plan import Aim, plan
from tidegate_lab.optimise.rebalancing import Answered, rebalance
from tidegate_lab.testing import SESSION, record, toy_configuration
from tidegate_risk.testing import (
    START_NS,
    VENUE,
    Desk as Trading,
    bar,
    code,
    instrument,
    parameters,
)

NAMES = ("AAA", "BBB", "CCC")
STRATEGY = "ema"


def trading(days: int = 100, **limits: Any) -> Trading:  # noqa: ANN401 - any limit by its name
    """Return a session that has seen some days of three symbols, all at 100 USD on the last."""
    desk = Trading(parameters(**limits), symbols=())
    generator = np.random.default_rng(5)
    growth = np.cumprod(1 + generator.normal(0, 0.02, (len(NAMES), days)), axis=1)
    cents = np.rint(1_000_000 * growth / growth[:, -1:]).astype(int)
    for name in NAMES:
        desk.tell(instrument(name, price_scale=4))
    for day in range(days):
        desk.now_ns = START_NS + (day - days + 1) * NS_PER_DAY
        for row, name in enumerate(NAMES):
            desk.tell(bar(name, int(cents[row, day]), desk.now_ns))
    desk.now_ns += NS_PER_DAY
    for name in NAMES:
        desk.tell(bar(name, 1_000_000, desk.now_ns))
    return desk


def asked(desk: Trading, **shares: str) -> list[Answered]:
    """Ask for target shares of equity by symbol."""
    targets = {f"{VENUE}|{name}": Decimal(share) for name, share in shares.items()}
    return rebalance(Desk(desk.machine, desk.now_ns), STRATEGY, targets)


def said(answers: list[Answered]) -> dict[str, tuple[str, str, str]]:
    """Return side, approved quantity and answer by symbol."""
    return {e.symbol: (e.side, e.quantity_approved, e.code or e.decision) for e in answers}


def test_targets_become_entries_largest_first() -> None:
    """Of 100,000 USD at 100 each: a share is as many units as thousandths."""
    answers = asked(trading(), AAA="0.1", BBB="0.25", CCC="0.05")
    assert [each.symbol for each in answers] == ["BBB", "AAA", "CCC"]
    assert said(answers) == {
        "BBB": ("BUY", "250", "APPROVED"),
        "AAA": ("BUY", "100", "APPROVED"),
        "CCC": ("BUY", "50", "APPROVED"),
    }
    assert answers[0].notional == "25000"


def test_each_answer_knows_the_orders_before_it() -> None:
    """With room for two positions the third, smallest one is refused, with the reason."""
    answers = asked(trading(open_positions_max=2), AAA="0.1", BBB="0.25", CCC="0.05")
    found = said(answers)
    assert found["CCC"] == ("BUY", "0", "OPEN_POSITIONS")
    assert found["AAA"][2] == "APPROVED"
    assert "open_positions_max" in answers[2].message


def test_the_answer_is_the_one_that_the_session_gives() -> None:
    """A session whose positions have the target's size answers the signal alike."""
    limit = Decimal("0.2")
    proposed = trading(symbol_exposure_max_fraction=limit)
    live = trading(symbol_exposure_max_fraction=limit, position_fraction=Decimal("0.25"))
    (answer,) = asked(proposed, BBB="0.25")
    verdict = live.ask(symbol="BBB", strategy=STRATEGY)
    assert verdict.refusal is not None
    assert (answer.code, answer.message) == (verdict.refusal.code, verdict.refusal.message)
    assert answer.code == "SYMBOL_EXPOSURE"


def test_nothing_of_it_reaches_the_session() -> None:
    """Its state is the same to the byte, and its next verdict too."""
    desk, alike = trading(), trading()
    before = desk.machine.snapshot()
    asked(desk, AAA="0.3", BBB="0.3")
    assert desk.machine.snapshot() == before
    assert desk.ask(symbol="AAA") == alike.ask(symbol="AAA")


def test_what_is_held_too_much_is_reduced_and_what_has_no_target_closed() -> None:
    """Reductions come first; nothing is said about what is at its target."""
    desk = trading()
    for name in NAMES:
        desk.hold(name, STRATEGY)
    answers = asked(desk, AAA="0.1", BBB="0.04")
    assert said(answers) == {
        "CCC": ("SELL", "100", "APPROVED"),
        "BBB": ("SELL", "60", "APPROVED"),
    }
    assert [each.held for each in answers] == ["100", "100"]


def test_only_what_the_strategy_holds_counts() -> None:
    """Another strategy's position is neither closed nor counted."""
    desk = trading()
    desk.hold("AAA", "other")
    assert said(asked(desk, BBB="0.1")) == {"BBB": ("BUY", "100", "APPROVED")}


@pytest.mark.parametrize(
    ("level", "entry", "reduction"),
    [
        (GateLevel.REDUCE_ONLY, "GATE_CLOSED", "APPROVED"),
        (GateLevel.HALTED, "GATE_CLOSED", "GATE_CLOSED"),
    ],
)
def test_the_gate_decides_as_over_any_order(level: GateLevel, entry: str, reduction: str) -> None:
    """Under REDUCE_ONLY one gets out; under HALTED nothing goes."""
    desk = trading()
    desk.hold("AAA", STRATEGY)
    desk.tell(
        GateEvent(
            action=GateAction.RAISED,
            scope="all",
            level=level,
            gate_epoch=1,
            at_ns=desk.now_ns,
            principal="operator",
            reason="test",
        )
    )
    found = said(asked(desk, AAA="0.05", BBB="0.1"))
    assert (found["BBB"][2], found["AAA"][2]) == (entry, reduction)


@given(st.lists(st.integers(0, 60), min_size=3, max_size=3), st.integers(20, 120))
@settings(max_examples=25, deadline=None)
def test_whatever_is_wished_the_limits_hold(percents: list[int], gross_percent: int) -> None:
    """All that is approved together stays within the gross limit, and never exceeds its target."""
    limit = Decimal(gross_percent) / 100
    desk = _KNOWN.setdefault(limit, trading(gross_exposure_max_fraction=limit))
    shares = {name: str(Decimal(each) / 100) for name, each in zip(NAMES, percents, strict=True)}
    answers = asked(desk, **shares)
    approved = sum(Decimal(each.quantity_approved) for each in answers)
    assert approved * 100 <= limit * 100_000
    assert all(Decimal(each.quantity_approved) <= Decimal(each.quantity) for each in answers)
    assert sum(1 for each in percents if each) == len(answers)


_KNOWN: dict[Decimal, Trading] = {}


def test_a_plan_holds_weights_their_past_and_the_answers() -> None:
    """Weights within the limits' bounds, of the returns that risk decides by."""
    desk = trading(symbol_exposure_max_fraction=Decimal("0.4"), cash_buffer_fraction=Decimal(0))
    made = plan(Desk(desk.machine, desk.now_ns), Aim(method="risk-parity", strategy=STRATEGY))
    assert (made.samples, made.step, made.left_out) == (99, "1d", ())
    assert sum(float(each.weight) for each in made.weights) == pytest.approx(1.0, abs=1e-5)
    assert max(Decimal(each.weight) for each in made.weights) <= Decimal("0.4001")
    history = history_of(Desk(desk.machine, desk.now_ns))
    weights = {f"{VENUE}|{each.symbol}": float(each.weight) for each in made.weights}
    profits = np.array([weights[each] for each in history.listings]) @ history.returns
    assert made.volatility == pytest.approx(profits.std() * np.sqrt(365.25), rel=1e-3)
    assert made.sharpe == pytest.approx(made.mean / made.volatility, abs=1e-5)
    assert {each.symbol for each in made.orders} == set(NAMES)


def test_named_symbols_are_the_only_ones() -> None:
    """The others get no weight, and what is held of them is closed."""
    desk = trading()
    desk.hold("CCC", STRATEGY)
    aim = Aim(method="hrp", strategy=STRATEGY, symbols=("AAA", "BBB"))
    made = plan(Desk(desk.machine, desk.now_ns), aim)
    assert {each.symbol for each in made.weights} == {"AAA", "BBB"}
    assert said(list(made.orders))["CCC"][:2] == ("SELL", "100")


@pytest.mark.parametrize(
    ("aim", "expected"),
    [
        (Aim(method="best"), "one of maximum-sharpe"),
        (Aim(method="hrp", symbols=("ZZZ",)), "some of AAA, BBB, CCC, found ZZZ"),
        (Aim(method="hrp", weight_max=Decimal("0.1"), invested=Decimal(1)), "at least 1/3"),
        (Aim(method="hrp", weight_max=Decimal(2)), "above 0, to 1, found 2"),
        (Aim(method="hrp", invested=Decimal(0)), "above 0, to 1, found 0"),
    ],
)
def test_what_cannot_be_planned_says_why(aim: Aim, expected: str) -> None:
    """What was expected, and what came."""
    desk = trading()
    with pytest.raises(OptimiseError, match=expected):
        plan(Desk(desk.machine, desk.now_ns), aim)


def test_too_little_history_is_refused() -> None:
    """The error says how much is needed, and which limits say so."""
    desk = trading(days=30)
    with pytest.raises(OptimiseError, match=r"60 daily or 240 hourly returns.*estimate_days_min"):
        plan(Desk(desk.machine, desk.now_ns), Aim(method="hrp"))


def test_a_recorded_session_is_asked_with_its_book(tmp_path: Path) -> None:
    """What its strategy holds at the end of its journal is what the targets are compared with."""
    recording = record(toy_configuration(tmp_path, days=90))
    desk = desk_of_recording(recording, SESSION)
    state = desk.machine.state
    assert state.book.holdings.fills_count > 0
    held = {key.partition("|")[2]: each for key, each in state.book.holdings.owned.items()}
    made = plan(desk, Aim(method="minimum-variance", strategy="trend"))
    assert made.samples > 60
    assert {each.symbol: each.held for each in made.orders} == {
        each.symbol: str(held.get(f"{each.venue}|{each.symbol}", 0)) for each in made.orders
    }
    before = desk.machine.snapshot()
    rebalance(desk, "trend", {})
    assert desk.machine.snapshot() == before
    unknown = rebalance(desk, "trend", dict.fromkeys(history_of(desk).listings, Decimal("0.01")))
    assert all(each.code != "MODEL_NOT_APPROVED" for each in unknown)


def test_a_short_position_is_bought_back() -> None:
    """By an order that only reduces; targets are never below nothing."""
    desk = trading(short_allowed=True)
    desk.fill(desk.ask(Direction.SHORT, "AAA", STRATEGY))
    assert said(asked(desk)) == {"AAA": ("BUY", "100", "APPROVED")}
    assert code(desk.ask(symbol="BBB")) == "APPROVED"
