"""In any book a condition refuses by its code, or by one asked earlier, and only if it holds.

With `test_plain` and the named properties every rule has one; a rule without one fails
`test_every_rule_has_a_property`.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import assume, given, settings, strategies as st

from tidegate_contracts.execution import OrderState
from tidegate_contracts.risk import GateLevel
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.schedules.blackouts import Blackout
from tidegate_risk.testing import START_NS, Desk, bar, code, instrument

from .cases import HOURS, account, limit_at, raised, stop_at
from .plain import SYMBOLS, Scene, Steps, scenes
from .test_plain import LIMITS, SMALL, under

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = list(Code)
HERE = Path(__file__).parents[1]


class When(NamedTuple):
    """Something that happens to a desk under some limits, and what is then asked."""

    events: tuple[Callable[[Desk], object], ...]
    asked: dict[str, Any]
    limits: dict[str, Any]

    def code_in(self, scene: Scene) -> str:
        """Return the code of the verdict in a copy of a scene."""
        desk = under(scene, **self.limits)
        for each in self.events:
            each(desk)
        return code(desk.ask(**{"symbol": "AAPL", "strategy": "fresh", **self.asked}))


def when(
    *events: Callable[[Desk], object],
    asked: dict[str, Any] | None = None,
    **limits: Any,  # noqa: ANN401 - any limit by its name
) -> When:
    """Name events, the fields of the signal, and limits."""
    return When(events, asked or {}, limits)


def described(**changes: Any) -> Callable[[Desk], object]:  # noqa: ANN401 - any field
    """Describe every symbol otherwise."""
    return lambda desk: [desk.tell(instrument(each, **changes)) for each in SYMBOLS]


def closed_at(cents: int) -> Callable[[Desk], object]:
    """Let every symbol close at so many cents, a moment later."""

    def told(desk: Desk) -> None:
        desk.now_ns += 1
        for each in SYMBOLS:
            desk.tell(bar(each, cents, desk.now_ns))

    return told


def wait(duration_ns: int) -> Callable[[Desk], object]:
    """Let time pass."""

    def passed(desk: Desk) -> None:
        desk.now_ns += duration_ns

    return passed


def asked_before(desk: Desk) -> None:
    """Let the strategy ask, and cancel its order."""
    verdict = desk.ask(symbol="AAPL", strategy="fresh")
    if verdict.specification is not None:
        desk.report(verdict, OrderState.CANCELLED)
        desk.now_ns += 1


def held(desk: Desk) -> None:
    """Let the strategy hold its target, where it can be paid."""
    verdict = desk.ask(symbol="AAPL", strategy="fresh")
    assume(verdict.specification is not None)
    desk.report(verdict, OrderState.FILLED, int(desk.fill(verdict).quantity))


def blackout(begins_ns: int) -> dict[str, Any]:
    """Return limits with a blackout that begins so long after the start."""
    return {"blackouts": (Blackout("FOMC", START_NS + begins_ns, START_NS + 10**6),)}


def unmeasured(desk: Desk) -> None:
    """Let a day's volume be known, and no estimate."""
    desk.ask(Direction.FLAT, "AAPL", "fresh")
    for _ in range(3):
        desk.now_ns += NS_PER_DAY
        for each in SYMBOLS:
            desk.tell(bar(each, 10_000, desk.now_ns))


AGE_NS = 100_000
USUAL = when()
SHORT, FLAT = {"direction": Direction.SHORT}, {"direction": Direction.FLAT}
AROUND = {**limit_at("100"), "extended_hours": True}
COLLAR: dict[str, Any] = {"price_collar_fraction": Decimal("0.01")}
CONDITIONS: dict[Code, tuple[When, When]] = {
    Code.FOREIGN_SIGNAL: (when(asked={"session": "other"}), USUAL),
    Code.SIGNAL_INVALID: (when(asked={"confidence": 1.000001}), USUAL),
    Code.MODEL_NOT_APPROVED: (when(models_approved=("x",)), USUAL),
    Code.GATE_CLOSED: (when(raised(GateLevel.REDUCE_ONLY, "fresh")), USUAL),
    Code.INSTRUMENT_UNKNOWN: (when(asked={"symbol": "NVDA"}), USUAL),
    Code.INSTRUMENT_NOT_TRADABLE: (when(described(tradable=False)), USUAL),
    Code.RESTRICTED: (when(entries_allowed=False), USUAL),
    Code.EXTENDED_HOURS: (
        when(described(extended_intervals=HOURS), asked=AROUND),
        when(described(extended_intervals=HOURS), asked=AROUND, extended_hours_allowed=True),
    ),
    Code.VENUE_CLOSED: (when(described(open_intervals=HOURS), wait(10**6)), USUAL),
    Code.BLACKOUT: (when(**blackout(0)), when(**blackout(10**5))),
    Code.SHORT_NOT_ALLOWED: (when(asked=SHORT, short_allowed=False), when(asked=SHORT)),
    Code.SIGNAL_EXPIRED: (
        when(asked={"event_at_ns": START_NS - AGE_NS}, signal_age_max_ns=AGE_NS - 1),
        when(asked={"event_at_ns": START_NS - AGE_NS}, signal_age_max_ns=AGE_NS + 10**4),
    ),
    Code.PRICE_MISSING: (when(closed_at(0)), when(closed_at(1))),
    Code.PRICE_STALE: (
        when(closed_at(10_000), wait(AGE_NS + 1), price_age_max_ns=AGE_NS),
        when(closed_at(10_000), wait(AGE_NS), price_age_max_ns=AGE_NS),
    ),
    Code.PRICE_COLLAR: (when(closed_at(10_102), **COLLAR), when(closed_at(10_101), **COLLAR)),
    Code.TRIGGER_PASSED: (when(asked=stop_at("1")), when(asked=stop_at("1000"))),
    Code.ESTIMATE_MISSING: (when(estimates_required=True), USUAL),
    Code.ACCOUNT_STALE: (when(account("100000", marks_stale=True)), when(account("100000"))),
    Code.EQUITY_EXHAUSTED: (when(account("0")), when(account("0.01"))),
    Code.DAILY_LOSS: (
        when(account("98000"), daily_loss_max_percent=Decimal(2)),
        when(account("98000"), daily_loss_max_percent=Decimal(50)),
    ),
    Code.NOTHING_TO_CLOSE: (when(asked=FLAT), USUAL),
    Code.ALREADY_AT_TARGET: (when(held), USUAL),
    Code.MIN_QUANTITY: (when(described(min_quantity=Decimal(10**9))), USUAL),
    Code.MAX_QUANTITY: (when(described(max_quantity=Decimal(1))), USUAL),
    Code.MIN_NOTIONAL: (when(described(min_notional=Decimal(10**9))), USUAL),
    Code.ESTIMATE_STALE: (when(unmeasured, estimates_required=True), when(unmeasured)),
    Code.DUPLICATE: (
        when(asked_before, duplicate_window_ns=10**6),
        when(asked_before, duplicate_window_ns=1),
    ),
}


@pytest.mark.parametrize("refusal", CONDITIONS)
@settings(max_examples=15)
@given(steps=scenes)
def test_a_condition_refuses_in_every_book(refusal: Code, steps: Steps) -> None:
    """By its code, or by one that is asked before it; and never where it does not hold."""
    scene = Scene()
    scene.play(steps)
    holds, misses = CONDITIONS[refusal]
    found = holds.code_in(scene)
    assert found != "APPROVED"
    assert ORDER.index(Code(found)) <= ORDER.index(refusal)
    assert misses.code_in(scene) != refusal


@settings(max_examples=15)
@given(steps=scenes, price=st.integers(9_990, 10_010))
def test_an_order_meets_what_rests_on_the_other_side(steps: Steps, price: int) -> None:
    """Whatever else is open: a buy at 100 meets another strategy's sale at 100 or less."""
    scene = Scene()
    scene.play(step for step in steps if step[0] != "enter")
    resting = limit_at(f"{Decimal(price) / 100}")
    rests = when(
        lambda desk: desk.ask(Direction.SHORT, "AAPL", "other", **resting), asked=limit_at("100")
    )
    assert (rests.code_in(scene) == Code.SELF_TRADE) is (price <= 10_000)


MEASURES = {
    Code.STRESS_LOSS: ("stress_loss", "stress_loss_max_fraction"),
    Code.CORRELATED_EXPOSURE: ("correlated_exposure", "correlated_exposure_max_fraction"),
    Code.VAR_LIMIT: ("var", "var_max_fraction"),
    Code.CVAR_LIMIT: ("cvar", "cvar_max_fraction"),
}


@pytest.mark.parametrize("refusal", MEASURES)
@settings(max_examples=8)
@given(steps=scenes, direction=st.sampled_from([Direction.LONG, Direction.SHORT]))
def test_a_measure_binds_where_its_figure_stands(
    refusal: Code, steps: Steps, direction: Direction
) -> None:
    """At the figure that the verdict tells it passes; below it only an order that adds nothing."""
    scene = Scene()
    scene.play([*steps, ("remember", 0, 0)])
    name, setting = MEASURES[refusal]
    free = under(scene).ask(direction, "AAPL", "fresh")
    found = {each.name: each.value for each in free.numbers}
    after = found[f"{name}_after"]
    assume(after > 1)
    adds = after > found[f"{name}_before"]
    for limit, refuses in ((after + SMALL, False), (after - Decimal("0.01"), adds)):
        desk = under(scene, **{setting: limit / found["equity"]})
        assert (code(desk.ask(direction, "AAPL", "fresh")) == refusal) is refuses


ELSEWHERE = {
    Code.ORDER_INVALID: "manual/test_judging.py::"
    "test_whatever_a_person_asks_for_fits_or_is_refused",
    Code.BREAKER_OPEN: "breakers/test_results.py::test_losses_in_a_row_are_those_at_the_end",
    Code.REPEATED_EXECUTIONS: "rules/test_execution_rules.py::"
    "test_a_run_is_the_equal_executions_at_the_end",
    Code.STRUCTURE_LOSS: "structures/test_deciding.py::"
    "test_no_structure_passes_that_could_lose_more_than_its_limit",
    Code.STRUCTURE_UNEVEN: "structures/test_strategies.py::"
    "test_a_structure_is_opened_only_where_its_legs_are_held_alike",
    Code.SIZE_ZERO: "sizing/test_plan.py::test_no_step_makes_a_position_larger",
    Code.TICK_SIZE: "sizing/test_terms.py::test_prices_lie_on_the_tick_and_never_become_worse",
    Code.LOT_SIZE: "sizing/test_plan.py::test_no_step_makes_a_position_larger",
    Code.VOLUME_SHARE: "book/test_recent.py::test_columns_leave_the_same_as_bar_by_bar",
    Code.SELF_TRADE: "refusals/test_conditions.py::"
    "test_an_order_meets_what_rests_on_the_other_side",
}
"""What these refuse by is worked out elsewhere, where it has its property."""
WITHOUT = {
    Code.OPTION_DATA_MISSING: "no session lists options yet; each input is left out by itself",
    Code.OPTION_EXPIRY: "a comparison of two times",
    Code.OPTION_RISK_UNDEFINED: "covers of every kind are listed in rules/test_option_rules.py",
    Code.OPTION_GREEKS: "sums are listed in rules/test_option_rules.py",
}


def test_every_rule_has_a_property() -> None:
    """One of these tables, or a reason to have none; a new rule belongs into the first."""
    named = {**LIMITS, **CONDITIONS, **MEASURES, **ELSEWHERE, **WITHOUT}
    assert set(named) == set(Code) - {Code.CAUSE_MISSING}


@pytest.mark.parametrize("place", ELSEWHERE.values())
def test_a_property_that_is_named_is_there(place: str) -> None:
    """And it is one: Hypothesis gives it its examples."""
    path, _, name = place.partition("::")
    before = (HERE / path).read_text(encoding="utf-8").partition(f"def {name}(")
    assert before[1], f"expected {name} in {path}"
    assert "@given(" in before[0].rpartition("\n\n")[2]
