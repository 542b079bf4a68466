"""Limits on the whole book: each binds one unit beyond itself, by what an order adds.

Every symbol costs 100 USD, the desk buys 10 % of 100,000 USD: 100 shares.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.market import AssetClass
from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.portfolio.stress import scenarios_of
from tidegate_risk.core.portfolio.tails import LEVELS
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, bar, code, instrument

from .markets import Market, desk_of, noise, numbers, widening_of

CENT = Decimal("0.01")
ALIKE = ("AAA", "BBB")


def alike() -> Market:
    """Return 120 days of two symbols that move together, and of one that does not."""
    one, other = noise(2, 120)
    return Market(np.stack([one, one, other]), (*ALIKE, "CCC"))


def bought(desk: Desk, *symbols: str) -> None:
    """Let the desk buy its 100 shares of some symbols."""
    for each in symbols:
        desk.hold(each)


def know_volumes(desk: Desk, *symbols: str) -> None:
    """Let the desk see whole days of some symbols after they have been asked about."""
    for symbol in symbols:
        desk.ask(Direction.FLAT, symbol=symbol)
    for _ in range(3):
        desk.now_ns += NS_PER_DAY
        for symbol in symbols:
            desk.tell(bar(symbol, 1_000_000, desk.now_ns))


def test_an_approval_carries_every_measure_before_and_after_and_its_limit() -> None:
    """So that a person can ask why; the worst of the methods is the figure, at present's width."""
    market = alike()
    desk = desk_of(market)
    bought(desk, "AAA")
    verdict = desk.ask(symbol="CCC")
    assert code(verdict) == "APPROVED"
    found = numbers(verdict)
    profits = 10_000 * market.returns[0]
    with_it = profits + 10_000 * market.returns[2]
    for name, book in (("var_before", profits), ("var_after", with_it)):
        historical = -np.sort(book)[1]
        assumed = max(LEVELS[99].quantile, LEVELS[99].student_quantile) * book.std()
        expected = max(historical, assumed) * widening_of(book)
        assert float(found[name]) == pytest.approx(expected, rel=0.02)
    assert float(found["estimate_widening"]) == pytest.approx(widening_of(with_it), abs=1e-4)
    assert [found["var_confidence"], found["var_horizon"]] == [99, 1]
    assert found["var_after"] >= found["var_before"]
    assert found["limit_var"] == 100 * found["equity"]
    assert found["estimate_samples"] == 120
    assert found["estimate_age"] == 86_400
    for name in ("asset_exposure", "asset_class_exposure", "portfolio_heat", "stress_loss"):
        assert found[f"{name}_after"] - found[f"{name}_before"] > 0


MEASURES = [
    ("var", "var_max_fraction", Code.VAR_LIMIT),
    ("cvar", "cvar_max_fraction", Code.CVAR_LIMIT),
    ("correlated_exposure", "correlated_exposure_max_fraction", Code.CORRELATED_EXPOSURE),
    ("portfolio_heat", "portfolio_heat_max_fraction", Code.PORTFOLIO_HEAT),
    ("stress_loss", "stress_loss_max_fraction", Code.STRESS_LOSS),
    ("asset_exposure", "asset_exposure_max_fraction", Code.CONCENTRATION),
    ("asset_class_exposure", "asset_class_exposure_max_fraction", Code.CONCENTRATION),
]


def holding(*symbols: str, **limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk under limits that holds 100 shares of some symbols already."""
    loose = desk_of(alike(), short_allowed=True)
    for each in symbols:
        loose.hold(each)
    desk = desk_of(alike(), **{"short_allowed": True, **limits})
    desk.machine.state.book = loose.machine.state.book
    desk.machine.state.decided = loose.machine.state.decided
    desk.machine = DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot())
    desk.ordinal = loose.ordinal
    return desk


def asked_for_the_other(**limits: Any) -> Verdict:  # noqa: ANN401
    """Hold AAA and ask for BBB, under limits."""
    return holding("AAA", **limits).ask(symbol="BBB")


@pytest.mark.parametrize(("name", "setting", "refusal"), MEASURES)
def test_a_limit_binds_one_cent_beyond_itself(name: str, setting: str, refusal: Code) -> None:
    """At the figure it passes, a cent below it is refused with the figure and the limit."""
    free = numbers(asked_for_the_other())
    after, equity = free[f"{name}_after"], free["equity"]
    assert code(asked_for_the_other(**{setting: after / equity})) == "APPROVED"
    refused = asked_for_the_other(**{setting: (after - CENT) / equity})
    assert code(refused) == refusal
    found = numbers(refused)
    assert found[f"{name}_after"] == after
    assert found[f"{name}_before"] == free[f"{name}_before"]
    assert found[f"limit_{name}"] == pytest.approx(after - CENT)
    assert refused.refusal is not None
    assert setting in refused.refusal.message


@pytest.mark.parametrize(("name", "setting"), [each[:2] for each in MEASURES])
def test_the_quantity_that_would_pass_passes_and_one_more_lot_does_not(
    name: str, setting: str
) -> None:
    """The refusal names the largest quantity under the limit."""
    free = numbers(asked_for_the_other())
    middle = (free[f"{name}_before"] + free[f"{name}_after"]) / 2
    refused = asked_for_the_other(**{setting: middle / free["equity"]})
    fits = numbers(refused)["quantity_that_would_pass"]
    assert 0 < fits < 100
    for quantity, passes in ((fits, True), (fits + 1, False)):
        verdict = asked_for_the_other(
            **{setting: middle / free["equity"]}, position_fraction=quantity * 100 / free["equity"]
        )
        assert numbers(verdict)["quantity"] == quantity
        assert (code(verdict) == "APPROVED") is passes


def test_what_does_not_move_with_the_order_is_not_counted() -> None:
    """CCC is correlated with nothing; BBB moves like AAA."""
    desk = desk_of(alike())
    bought(desk, "AAA")
    assert numbers(desk.ask(symbol="CCC"))["correlated_exposure_before"] == 0
    assert numbers(desk.ask(symbol="BBB"))["correlated_exposure_before"] == 10_000


def test_a_short_against_a_long_is_counted_only_where_they_move_oppositely() -> None:
    """Selling what moves like the position is no more of the same; selling its mirror is."""
    one, other = noise(2, 120)
    market = Market(np.stack([one, one, -one + 0 * other]), (*ALIKE, "CCC"))
    desk = desk_of(market, short_allowed=True)
    bought(desk, "AAA")
    sold = numbers(desk.ask(Direction.SHORT, "BBB"))
    assert sold["correlated_exposure_before"] == 0
    assert sold["correlated_exposure_after"] == 10_000
    mirrored = numbers(desk.ask(Direction.SHORT, "CCC", strategy="other"))
    assert mirrored["correlated_exposure_before"] == 10_000


TIGHT = {
    "var_max_fraction": Decimal("0.000001"),
    "cvar_max_fraction": Decimal("0.000001"),
    "stress_loss_max_fraction": Decimal("0.000001"),
}


def test_an_order_that_reduces_the_risk_passes_beyond_every_limit() -> None:
    """A short of what moves like the position takes its VaR and CVaR away; a long does not."""
    desk = holding("AAA", **TIGHT)
    hedge = desk.ask(Direction.SHORT, "BBB")
    assert code(hedge) == "APPROVED"
    found = numbers(hedge)
    assert found["var_after"] < found["var_before"] / 2
    assert found["cvar_after"] < found["cvar_before"] / 2
    assert found["stress_loss_after"] == found["stress_loss_before"]
    assert code(holding("AAA", **TIGHT).ask(symbol="CCC")) == Code.STRESS_LOSS
    assert code(holding("AAA", **{**TIGHT, "stress_loss_max_fraction": 1}).ask(symbol="CCC")) == (
        Code.VAR_LIMIT
    )


def test_a_hedge_that_has_not_filled_hedges_nothing() -> None:
    """The next order is added to the book as it would be without it."""
    desk = holding("AAA")
    before = numbers(desk.ask(Direction.SHORT, "BBB"))["var_before"]
    assert numbers(desk.ask(symbol="CCC"))["var_before"] == before


def test_an_exit_is_never_asked_about_the_book() -> None:
    """Whatever the limits say, FLAT passes."""
    assert code(holding("AAA", **TIGHT).ask(Direction.FLAT, "AAA")) == "APPROVED"


def test_open_orders_count_as_filled() -> None:
    """An approved order that is not filled yet is in the book that the next one is added to."""
    desk = desk_of(alike())
    desk.ask(symbol="AAA")
    found = numbers(desk.ask(symbol="BBB"))
    assert found["correlated_exposure_before"] == 10_000
    assert found["asset_class_exposure_before"] == 10_000
    assert found["portfolio_heat_before"] == 800
    assert found["stress_loss_before"] == 5_700
    assert found["var_before"] > 0


def test_a_stop_says_what_a_position_may_cost() -> None:
    """100 shares with a stop 3 USD away cost 300; without one, 8 % of the price."""
    desk = desk_of(alike())
    first = desk.ask(symbol="AAA", stop_distance=Decimal(3))
    assert numbers(first)["portfolio_heat_after"] == 300
    desk.fill(first)
    desk.tell(bar("AAA", 1_020_000, desk.now_ns + NS_PER_DAY))
    desk.tell(bar("BBB", 1_000_000, desk.now_ns + NS_PER_DAY))
    desk.now_ns += NS_PER_DAY
    second = numbers(desk.ask(symbol="BBB"))
    assert second["portfolio_heat_before"] == 100 * (102 - 97)
    assert second["portfolio_heat_after"] - second["portfolio_heat_before"] == (
        second["quantity"] * 100 * Decimal("0.08")
    )


def test_the_horizon_is_a_limit_of_its_own() -> None:
    """Ten days are the root of ten times as wide as one, and the verdict names them."""
    asked = []
    for days in (1, 10):
        desk = desk_of(alike(), var_horizon_days=days)
        bought(desk, "AAA")
        asked.append(numbers(desk.ask(symbol="CCC")))
    day, fortnight = asked
    assert [day["var_horizon"], fortnight["var_horizon"]] == [1, 10]
    for name in ("var_before", "var_after", "cvar_after"):
        assert float(fortnight[name] / day[name]) == pytest.approx(10**0.5, rel=1e-3)


def test_one_asset_at_two_venues_is_one_concentration() -> None:
    """Bitcoin here and bitcoin there are added up."""
    desk = desk_of(alike())
    desk.tell(instrument("BBB", base_currency="AAA", price_scale=4))
    bought(desk, "AAA")
    found = numbers(desk.ask(symbol="BBB"))
    assert found["asset_exposure_before"] == 10_000
    assert found["asset_exposure_after"] == 20_000


def test_a_class_of_assets_counts_only_its_own() -> None:
    """A share says nothing about how much crypto is held."""
    desk = desk_of(alike())
    desk.tell(instrument("BBB", asset_class=AssetClass.CRYPTO, price_scale=4))
    bought(desk, "AAA")
    found = numbers(desk.ask(symbol="BBB"))
    assert found["asset_class_exposure_before"] == 0
    assert found["asset_class_exposure_after"] == 10_000


def test_a_scenario_of_ones_own_is_asked_about() -> None:
    """The refusal names the scenario in which most would be lost."""
    own = scenarios_of({"my-fear": {"symbol:AAA": Decimal("-0.9")}})
    desk = desk_of(alike(), stress_scenarios=own, stress_loss_max_fraction=Decimal("0.08"))
    refused = desk.ask(symbol="AAA")
    assert code(refused) == Code.STRESS_LOSS
    assert refused.refusal is not None
    assert "my-fear" in refused.refusal.message
    assert numbers(refused)["stress_loss_after"] == 9_000
    assert code(desk.ask(symbol="BBB")) == "APPROVED"


@pytest.mark.parametrize(("required", "expected"), [(False, "APPROVED"), (True, "ESTIMATE_STALE")])
def test_too_little_history_refuses_where_estimates_are_required(
    expected: str, *, required: bool
) -> None:
    """Otherwise the verdict says how many returns there are, and names no VaR."""
    desk = desk_of(Market(noise(1, 30), ("AAA",)), estimates_required=required)
    know_volumes(desk, "AAA")
    verdict = desk.ask(symbol="AAA")
    assert code(verdict) == expected
    found = numbers(verdict)
    assert found["estimate_samples"] == 0
    assert "var_after" not in found


@pytest.mark.parametrize(("required", "expected"), [(False, "APPROVED"), (True, "ESTIMATE_STALE")])
def test_a_listing_without_history_of_its_own_has_no_estimates(
    expected: str, *, required: bool
) -> None:
    """However much is known about the others."""
    desk = desk_of(alike(), estimates_required=required)
    desk.tell(instrument("NEW", price_scale=4))
    know_volumes(desk, "NEW", "AAA")
    assert code(desk.ask(symbol="NEW")) == expected
    assert code(desk.ask(symbol="AAA")) == (expected if not required else "APPROVED")


@pytest.mark.parametrize(("days", "expected"), [(1, "APPROVED"), (0, "ESTIMATE_STALE")])
def test_estimates_that_are_too_old_refuse(days: int, expected: str) -> None:
    """The newest whole day ended a day ago: that passes at a limit of a day, not of less."""
    age_ns = days * NS_PER_DAY if days else NS_PER_DAY - 1_000_000_000
    desk = desk_of(alike(), estimate_age_max_ns=age_ns)
    assert code(desk.ask(symbol="AAA")) == expected


def test_a_live_session_estimates_before_anybody_asks() -> None:
    """And decides with the same figures as a lockstep one, which estimates when it is asked."""
    lockstep, live = (desk_of(alike()) for _ in range(2))
    live.machine.state.portfolio.refresh(live.machine.parameters.limits)
    assert numbers(live.ask(symbol="AAA")) == numbers(lockstep.ask(symbol="AAA"))


@given(days=st.integers(59, 90), cut=st.integers(0, 90), seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_a_restored_machine_decides_the_same(days: int, cut: int, seed: int) -> None:
    """A snapshot at any bar keeps every figure, and equal states give equal bytes."""
    market = Market(noise(2, days, seed), ALIKE)
    plain, restored = Desk(symbols=()), Desk(symbols=())
    for desk in (plain, restored):
        for symbol in ALIKE:
            desk.tell(instrument(symbol, price_scale=4))
    for place, each in enumerate(market.bars()):
        for desk in (plain, restored):
            desk.now_ns = each.end_ns
            desk.tell(each)
        if place == cut:
            again = DecisionMachine.restore(
                restored.machine.parameters, restored.machine.snapshot()
            )
            restored.machine = again
    assert restored.machine.snapshot() == plain.machine.snapshot()
    for symbol in ALIKE:
        assert restored.ask(symbol=symbol) == plain.ask(symbol=symbol)
