"""How the whole book stands, for people."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import t

from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.portfolio.health import HORIZONS_DAYS, Health, health
from tidegate_risk.core.portfolio.monte_carlo import Scenarios
from tidegate_risk.core.portfolio.tails import DEGREES, LEVELS
from tidegate_risk.testing import START_NS, VENUE, Desk

from .markets import Market, desk_of, noise, numbers

NAMES = ("AAA", "BBB", "CCC")


def market() -> Market:
    """Return a year of three symbols, the first two alike."""
    one, own, other = noise(3, 250, seed=7)
    return Market(np.stack([one, 0.9 * one + 0.3 * own, other]), NAMES)


def health_of(desk: Desk) -> Health:
    """Return how a desk's book stands now."""
    state = desk.machine.state
    return health(state.book, state.portfolio, desk.machine.parameters.limits, desk.now_ns)


def test_the_table_holds_every_method_confidence_and_horizon() -> None:
    """Each is dated, grows with the horizon's root, and CVaR is beyond VaR."""
    desk = desk_of(market())
    for each in NAMES:
        desk.hold(each)
    found = health_of(desk)
    assert (found.estimates, found.estimated_at_ns) == ("usable", START_NS)
    assert (found.estimate_samples, found.estimate_step_s) == (250, 86_400)
    rows = {(r.method, r.confidence_percent, r.horizon_days): r for r in found.tails}
    assert len(rows) == len(found.tails) == 4 * 2 * len(HORIZONS_DAYS)
    for (method, percent, days), row in rows.items():
        assert row.shortfall >= row.value_at_risk > 0
        short = rows[method, percent, 1]
        grown = float(row.value_at_risk / short.value_at_risk)
        assert grown == pytest.approx(
            math.sqrt(days), rel=0.12 if method == "monte-carlo" else 1e-3
        )
    # 10,000 USD each: the first two move together.
    assert 300 < rows["parametric", 95, 1].value_at_risk < 1_000


def test_the_figures_are_those_that_orders_are_decided_on() -> None:
    """The next verdict's figures before its order are the worst of the three methods here."""
    desk = desk_of(market())
    desk.hold("AAA")
    shown = health_of(desk)
    decided = numbers(desk.ask(symbol="CCC"))
    day = [row for row in shown.tails if (row.confidence_percent, row.horizon_days) == (99, 1)]
    exact = [row.value_at_risk for row in day if row.method != "monte-carlo"]
    assert decided["var_before"] == max(exact)
    assert decided["portfolio_heat_before"] == shown.heat.value
    assert decided["stress_loss_before"] == max(each.value for each in shown.stress)
    assert decided["asset_class_exposure_before"] == shown.asset_classes[0].value


def test_shares_say_how_much_of_equity_they_are() -> None:
    """10,000 of 100,000 USD is a tenth."""
    desk = desk_of(market())
    desk.hold("AAA")
    found = health_of(desk)
    (asset,) = found.assets
    assert (asset.name, asset.value, asset.fraction) == ("AAA", Decimal(10_000), Decimal("0.1"))
    assert found.asset_classes[0].name == "EQUITY"
    assert (found.heat.value, found.heat.fraction) == (Decimal(800), Decimal("0.008"))
    stress = {each.name: each.value for each in found.stress}
    assert stress["crisis-2008"] == 5_700
    assert stress["flash-crash"] == 1_000


def test_the_extremes_of_the_correlations_are_named() -> None:
    """AAA and BBB are the closest pair."""
    desk = desk_of(market())
    for each in NAMES:
        desk.hold(each)
    found = health_of(desk)
    first = found.correlations_highest[0]
    assert (first.one, first.other) == (f"{VENUE}|AAA", f"{VENUE}|BBB")
    assert first.correlation > Decimal("0.85")
    assert found.correlations_lowest[0].correlation == found.correlations_highest[-1].correlation


def test_the_whole_matrix_of_correlations_is_there() -> None:
    """Symmetric, ones on its diagonal, rounded from the estimates' own."""
    desk = desk_of(market())
    for each in NAMES:
        desk.hold(each)
    found = health_of(desk)
    assert found.correlation_listings == tuple(f"{VENUE}|{each}" for each in NAMES)
    matrix = np.array(found.correlation_matrix, np.float64)
    estimates = desk.machine.state.portfolio.estimates(desk.machine.parameters.limits)
    assert estimates is not None
    expected = estimates.correlation_matrix(found.correlation_listings)
    assert matrix == pytest.approx(expected, abs=1e-4)
    assert np.diag(matrix).tolist() == [1.0] * len(NAMES)
    assert matrix.tolist() == matrix.T.tolist()
    assert health_of(desk_of(market())).correlation_matrix == ()


def test_an_empty_book_risks_nothing() -> None:
    """No tails, no heat, no loss in any scenario."""
    found = health_of(desk_of(market()))
    assert (found.tails, found.assets, found.correlations_highest) == ((), (), ())
    assert {each.value for each in (found.heat, *found.stress)} == {0}


def test_what_is_missing_is_named() -> None:
    """Too little history, or none of one listing; and estimates that are too old."""
    assert health_of(desk_of(Market(noise(1, 10), ("AAA",)))).estimates == "missing: history"
    desk = desk_of(market())
    desk.hold("AAA")
    desk.machine.state.portfolio.samples.daily.forget(f"{VENUE}|AAA")
    desk.machine.state.portfolio._estimates = ((), None)
    found = health_of(desk)
    assert (found.estimates, found.tails) == (f"missing: {VENUE}|AAA", ())
    old = desk_of(market(), estimate_age_max_ns=NS_PER_DAY - 1)
    assert health_of(old).estimates == "stale"


def test_the_same_book_on_the_same_day_has_the_same_figures() -> None:
    """Simulation draws from the date of the estimates."""
    desks = [desk_of(market(), short_allowed=True) for _ in range(2)]
    for desk in desks:
        desk.hold("AAA")
        desk.fill(desk.ask(Direction.SHORT, "CCC"))
    assert health_of(desks[0]) == health_of(desks[1])


@pytest.mark.parametrize("percent", [95, 99])
def test_simulated_tails_are_those_of_the_student_distribution(percent: int) -> None:
    """For one position, scaled to its volatility and through the exponential."""
    desk = desk_of(market())
    estimates = desk.machine.state.portfolio.estimates(desk.machine.parameters.limits)
    assert estimates is not None
    listing = f"{VENUE}|AAA"
    found = Scenarios(estimates, {listing: 10_000.0}, seed=1).tail(LEVELS[percent], 1)
    quantile = t.ppf(1 - percent / 100, DEGREES) * math.sqrt((DEGREES - 2) / DEGREES)
    expected = -10_000 * math.expm1(quantile * estimates.volatility(listing))
    assert found.value_at_risk == pytest.approx(expected, rel=0.05)


def test_a_simulated_long_position_cannot_lose_more_than_it_is_worth() -> None:
    """However long the horizon."""
    desk = desk_of(market())
    estimates = desk.machine.state.portfolio.estimates(desk.machine.parameters.limits)
    assert estimates is not None
    tail = Scenarios(estimates, {f"{VENUE}|AAA": 10_000.0}, seed=1).tail(LEVELS[99], 10_000)
    assert 9_000 < tail.value_at_risk < 10_000
