"""What scenarios do to a book."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.market import AssetClass
from tidegate_risk.core.book.worth import Extremes
from tidegate_risk.core.portfolio.stress import PAST, Shocks, scenarios_of
from tidegate_risk.testing import instrument

KINDS = (AssetClass.EQUITY, AssetClass.CRYPTO, AssetClass.OPTION)
OWN = {
    "rally": {"equity": Decimal("0.3"), "crypto": Decimal("0.5")},
    "one": {"crypto": Decimal("-0.2"), "asset:COIN": Decimal("-0.6"), "symbol:S1": Decimal("-0.9")},
}
SCENARIOS = scenarios_of(OWN)
DOLLARS = st.integers(-1_000, 1_000).map(Decimal)


@given(
    st.lists(
        st.tuples(DOLLARS, DOLLARS, st.sampled_from(KINDS), st.booleans()), min_size=0, max_size=12
    )
)
def test_a_book_loses_what_its_positions_lose(
    book: list[tuple[Decimal, Decimal, AssetClass, bool]],
) -> None:
    """Each in the worse of its extremes for the scenario, however many are of a kind."""
    exposures, instruments = {}, {}
    expected = [Decimal(0)] * len(SCENARIOS)
    for place, (one, other, kind, described) in enumerate(book):
        listing, symbol = f"X|S{place}", f"S{place}"
        exposures[listing] = Extremes(max(one, other), min(one, other))
        made = instrument(symbol, asset_class=kind)
        if described:
            instruments[listing] = made
        for at, scenario in enumerate(SCENARIOS):
            shock = scenario.shock_of(made) if described else Decimal(-1)
            expected[at] += max(-shock * one, -shock * other)
    assert list(Shocks(SCENARIOS).losses(exposures, instruments)) == expected


@pytest.mark.parametrize(
    ("symbol", "asset", "shock"),
    [("S0", "BTC", "-0.2"), ("S0", "COIN", "-0.6"), ("S1", "COIN", "-0.9"), ("S1", "BTC", "-0.9")],
)
def test_the_narrowest_name_counts(symbol: str, asset: str, shock: str) -> None:
    """A symbol before its asset, an asset before its class; what is not named keeps its price."""
    scenario = next(each for each in SCENARIOS if each.name == "one")
    coin = instrument(symbol, asset_class=AssetClass.CRYPTO, base_currency=asset)
    assert scenario.shock_of(coin) == Decimal(shock)
    assert scenario.shock_of(instrument("S0", base_currency="BTC")) == 0


def test_a_scenario_of_the_past_may_be_replaced_by_its_name() -> None:
    """The others stay."""
    found = {each.name: each for each in scenarios_of({"covid-2020": {"equity": "-0.5"}})}
    assert set(found) == set(PAST)
    assert found["covid-2020"].shock_of(instrument()) == Decimal("-0.5")
    assert found["crisis-2008"].shock_of(instrument()) == Decimal("-0.57")


def test_an_instrument_that_is_described_anew_is_looked_at_anew() -> None:
    """A share that turns out to be crypto falls like crypto."""
    shocks = Shocks(scenarios_of({}))
    exposures = {"X|S0": Extremes(Decimal(100), Decimal(100))}
    names = [each.name for each in shocks.scenarios]
    for kind, lost in ((AssetClass.EQUITY, 57), (AssetClass.CRYPTO, 80)):
        losses = shocks.losses(exposures, {"X|S0": instrument("S0", asset_class=kind)})
        assert losses[names.index("crisis-2008")] == lost
