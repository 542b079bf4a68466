"""A session's `venue:` becomes parameters, or problems that name their fields."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_chassis.configuration.models import Configuration, Session
from tidegate_contracts.market import AssetClass
from tidegate_execution.config import (
    VenueSettings,
    check,
    execution_parameters_of,
    venue_parameters_of,
)
from tidegate_execution.core.paper.carry.parameters import FundingPoint, Rate, Split
from tidegate_execution.core.paper.parameters import IntrabarPath, QueueModel, SlippageModel
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND


def configuration(**changes: Any) -> Configuration:  # noqa: ANN401 - values of any kind
    """Return a configuration with one session."""
    session = {
        "name": "demo",
        "capital": {"amount": "5000"},
        "feed": {"paths": ["bars.csv"]},
        "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
    }
    return Configuration.model_validate({"sessions": [{**session, **changes}]})


def session(**changes: Any) -> Session:  # noqa: ANN401 - values of any kind
    """Return its session."""
    return configuration(**changes).sessions[0]


def test_defaults_are_right() -> None:
    """A session without `venue:` has nothing wrong, and the capital caps an order."""
    assert check(configuration()) == []
    assert execution_parameters_of(session()).caps.order_notional_max == 5_000
    assert venue_parameters_of(session()).cash == 5_000


def test_venue_settings_become_parameters() -> None:
    """Every field arrives where it belongs."""
    venue = {"fee_bps": "3", "slippage_bps": "4", "latency": "250ms", "order_notional_max": "100"}
    made = session(venue=venue)
    paper = venue_parameters_of(made)
    assert (paper.fees.fee_bps, paper.rules.slippage_bps) == (Decimal(3), Decimal(4))
    assert paper.rules.latency_ns == NS_PER_SECOND // 4
    assert execution_parameters_of(made).caps.order_notional_max == Decimal(100)


def test_the_paper_venue_is_told_how_it_matches_and_what_it_costs() -> None:
    """Names become rules; tiers keep their order."""
    tiers = [
        {"volume_from": "0", "maker_bps": "-1", "taker_bps": "4"},
        {"volume_from": "100", "maker_bps": "-2", "taker_bps": "3"},
    ]
    venue = {
        "intrabar_path": "high_first",
        "queue": "volume",
        "slippage_model": "square_root",
        "slippage_factor": "0.7",
        "maker_fee_bps": "1",
        "order_fee_min": "0.35",
        "fee_tiers": tiers,
        "short_margin": "0.5",
    }
    assert check(configuration(venue=venue)) == []
    paper = venue_parameters_of(session(venue=venue))
    rules, fees = paper.rules, paper.fees
    assert (rules.intrabar_path, rules.queue) == (IntrabarPath.HIGH_FIRST, QueueModel.VOLUME)
    assert (rules.slippage_model, rules.slippage_factor) == (
        SlippageModel.SQUARE_ROOT,
        Decimal("0.7"),
    )
    assert (fees.maker_bps, fees.order_fee_min) == (Decimal(1), Decimal("0.35"))
    assert fees.taker_bps is None
    assert [each.taker_bps for each in fees.tiers] == [4, 3]
    assert paper.short_margin == Decimal("0.5")
    descending = {"fee_tiers": tiers[::-1]}
    problems = check(configuration(venue=descending))
    assert [each.path for each in problems] == ["sessions.demo.venue.fee_tiers"]


def test_every_problem_is_reported_with_its_path() -> None:
    """Nothing is found one by one."""
    wrong = {"fee_bps": "-1", "latency": "soon", "order_notional_max": "0", "fees": "3"}
    found = {problem.path for problem in check(configuration(venue=wrong))}
    place = "sessions.demo.venue."
    assert found == {place + name for name in wrong}


ALPACA = {
    "clock": "wall",
    "symbols": ["BTC/USD"],
    "feed": {"kind": "alpaca"},
    "venue": {"kind": "alpaca"},
}


def test_the_paper_venue_moves_no_money() -> None:
    """A live session needs a venue that is real."""
    assert [problem.path for problem in check(configuration(mode="live"))] == ["sessions.demo.mode"]
    assert check(configuration(**ALPACA, mode="live")) == []


def test_a_real_venue_has_fees_and_fills_of_its_own() -> None:
    """What only the paper venue knows is refused beside another kind."""
    wrong = {**ALPACA, "venue": {"kind": "alpaca", "fee_bps": "3", "latency": "1s"}}
    found = [problem.path for problem in check(configuration(**wrong))]
    assert found == ["sessions.demo.venue.fee_bps", "sessions.demo.venue.latency"]


def test_a_real_venue_is_traded_by_its_own_bars() -> None:
    """A replay, or another venue's prices, would be traded at the wrong ones."""
    wrong = {"venue": {"kind": "alpaca"}}
    assert [each.path for each in check(configuration(**wrong))] == ["sessions.demo.feed.kind"]


BINANCE = {"kind": "ccxt", "exchange": "binance", "market": "usdm"}


@pytest.mark.parametrize(
    ("mode", "testnet", "wrong"),
    [("paper", True, 0), ("paper", False, 1), ("live", True, 1), ("live", False, 0)],
)
def test_a_paper_session_trades_on_a_testnet(mode: str, testnet: bool, wrong: int) -> None:  # noqa: FBT001 - a case
    """By its bars, and a live one never does."""
    feed = {**BINANCE, "testnet": testnet}
    made = configuration(**{**ALPACA, "mode": mode, "feed": feed, "venue": {"kind": "ccxt"}})
    assert [each.path for each in check(made)] == ["sessions.demo.feed.testnet"] * wrong


def test_an_exchange_that_forgets_ids_is_never_sent_anything_twice() -> None:
    """An id counts among open orders; "not found" proves something once the window has passed."""
    feed = {**BINANCE, "testnet": True}
    model = execution_parameters_of(
        session(**{**ALPACA, "feed": feed, "venue": {"kind": "ccxt"}})
    ).venue_model
    assert not model.ids_unique_for_ever
    assert model.not_found_conclusive_after_ns > 2 * NS_PER_SECOND


@pytest.mark.parametrize(
    ("venue", "wrong"),
    [
        ({"kind": "alpaca", "protective_exits": "stop"}, []),
        ({"kind": "alpaca"}, ["sessions.demo.venue.protective_exits"]),
        ({"protective_exits": "bracket"}, ["sessions.demo.venue.kind"]),
    ],
)
def test_entries_with_exits_need_exits_and_a_venue_that_takes_them(
    venue: dict[str, str], wrong: list[str]
) -> None:
    """Else the setting would do nothing, and say nothing."""
    wanted = {**venue, "native_entries": "market"}
    made = configuration(**{**(ALPACA if "kind" in venue else {}), "venue": wanted})
    assert [each.path for each in check(made)] == wrong
    assert execution_parameters_of(made.sessions[0]).native_entries == "market"


def test_one_session_trades_an_account() -> None:
    """Two would find each other's orders and halt."""
    one = configuration(**ALPACA).sessions[0]
    other = one.model_copy(update={"name": "other", "account": "other"})
    two = Configuration(sessions=(one, other))
    assert [each.path for each in check(two)] == ["sessions.other.venue.kind"]


def test_alpaca_remembers_ids_and_is_watched_for_an_hour() -> None:
    """Its session's time is the wall's, so every request says until when it may leave."""
    parameters = execution_parameters_of(session(**ALPACA))
    assert parameters.session_clock_is_wall
    assert parameters.reconcile_every_ns == 30 * NS_PER_SECOND
    assert parameters.venue_model.ids_unique_for_ever
    assert parameters.venue_model.not_found_conclusive_after_ns == 60 * NS_PER_SECOND
    assert parameters.venue_model.watched_for_ns == 3_600 * NS_PER_SECOND


@pytest.mark.parametrize(("speed", "stretched"), [(1, 30), (86_400, 30 * 86_400)])
def test_what_the_wall_paces_is_stretched_by_the_speed(speed: int, stretched: int) -> None:
    """30 s of the wall between comparisons, whatever a session's time does meanwhile."""
    parameters = execution_parameters_of(session(clock="wall", speed=speed))
    assert parameters.reconcile_every_ns == stretched * NS_PER_SECOND
    assert not parameters.session_clock_is_wall


def test_every_setting_has_a_description() -> None:
    """The README's table and the schema are made of them."""
    assert all(field.description for field in VenueSettings.model_fields.values())


def test_what_holding_costs_becomes_rules() -> None:
    """Percents and basis points become shares, times of day and moments nanoseconds."""
    carry = {
        "borrow": [{"asset_class": "equity", "annual_percent": "3.6"}],
        "borrow_at": "21:00",
        "funding_rates": [{"symbol": "BTC", "at": "1970-01-02", "rate_bps": "-2"}],
        "splits": [{"symbol": "AAPL", "ex": "1970-01-01T00:00:01Z", "ratio": "1:10"}],
        "options_expire": True,
    }
    rules = venue_parameters_of(session(venue={"carry": carry})).carry
    assert rules.borrow == (Rate(Decimal("0.036"), asset_class=AssetClass.EQUITY),)
    assert rules.borrow_at_ns == 21 * 3_600 * NS_PER_SECOND
    assert rules.funding_points == (FundingPoint("BTC", NS_PER_DAY, Decimal("-0.0002")),)
    assert rules.splits == (Split("AAPL", NS_PER_SECOND, 1, 10),)
    assert rules.options_expire
    assert venue_parameters_of(session()).carry.is_empty


@pytest.mark.parametrize(
    ("carry", "expected"),
    [
        ({"borrow": [{"annual_percent": "3"}]}, "either a symbol or an asset_class"),
        ({"borrow_at": "24:00"}, "a time of day in UTC such as 08:00"),
        ({"dividends": [{"symbol": "A", "ex": "soon", "amount": "1"}]}, "ISO 8601"),
        ({"splits": [{"symbol": "A", "ex": "2024-01-02", "ratio": "2"}]}, "such as 4:1"),
        ({"dividends": 2 * [{"symbol": "A", "ex": "2024-01-02", "amount": "1"}]}, "once"),
        ({"funding_of": []}, "one of borrow, borrow_at"),
        (
            {
                "funding": [{"symbol": "A", "rate_bps": "1"}],
                "funding_rates": [{"symbol": "A", "at": "2024-01-02", "rate_bps": "1"}],
            },
            "in funding or in funding_rates",
        ),
    ],
)
def test_a_wrong_calendar_says_what_was_expected(carry: dict[str, Any], expected: str) -> None:
    """With its place in the configuration."""
    [problem] = check(configuration(venue={"carry": carry}))
    assert problem.path.startswith("sessions.demo.venue.carry")
    assert expected in problem.expected
    assert not problem.expected.startswith(("Value error", "expected"))


def test_a_real_venue_has_its_own_carry() -> None:
    """What is told of holding at Alpaca would be told twice."""
    wrong = {**ALPACA, "venue": {"kind": "alpaca", "carry": {"options_expire": True}}}
    assert [each.path for each in check(configuration(**wrong))] == ["sessions.demo.venue.carry"]
