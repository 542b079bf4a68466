"""The replay's settings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from tidegate_chassis.configuration.models import Configuration, FeedConfiguration
from tidegate_kernel.time import NS_PER_DAY, parse_duration
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import check, greeks_model, live_settings, replay_settings
from tidegate_market_data.core.option_greeks import GreeksModel
from tidegate_market_data.errors import DataError


def _configuration(paths: list[Path], **session: object) -> Configuration:
    feed: dict[str, object] = {"paths": [str(path) for path in paths]}
    if "timeframe" in session:
        feed["timeframe"] = session.pop("timeframe")
    fields = {
        "name": "demo",
        "capital": {"amount": "1000"},
        "feed": feed,
        "strategies": [{"name": "a", "strategy": "ema-crossover"}],
    }
    return Configuration.model_validate({"sessions": [fields | session]})


def test_a_sessions_feed_becomes_its_replay(tmp_path: Path) -> None:
    """The feed is the session's own."""
    configuration = _configuration([tmp_path], timeframe="5m", symbols=["IBM"])
    settings = replay_settings(configuration.sessions[0])
    assert (settings.feed, settings.paths) == ("replay-demo", (tmp_path,))
    assert (settings.timeframe_ns, settings.symbols) == (parse_duration("5m"), ("IBM",))
    assert not settings.is_demo


def test_a_period_is_read_as_utc(tmp_path: Path) -> None:
    """A time without a zone is UTC; what is not given bounds nothing."""
    session = _configuration([tmp_path]).sessions[0]
    assert (replay_settings(session).since_ns, replay_settings(session).until_ns) == (None, None)
    feed = session.feed.model_copy(
        update={"since": "1970-01-02", "until": "1970-01-03T01:00+01:00"}
    )
    settings = replay_settings(session.model_copy(update={"feed": feed}))
    assert (settings.since_ns, settings.until_ns) == (NS_PER_DAY, 2 * NS_PER_DAY)


@pytest.mark.parametrize(
    ("feed", "read", "model"),
    [
        ({}, True, GreeksModel(Decimal(0))),
        ({"interest_rate": "0.04"}, True, GreeksModel(Decimal("0.04"))),
        ({"greeks": "model"}, True, GreeksModel(Decimal(0))),
        ({"greeks": "files"}, True, None),
        ({"greeks": "none"}, False, None),
    ],
)
def test_greeks_come_from_files_and_a_model_unless_told_otherwise(
    tmp_path: Path, feed: dict[str, object], *, read: bool, model: GreeksModel | None
) -> None:
    """The files' come first, wherever they are read."""
    paths = {"paths": [str(tmp_path)]}
    session = _configuration([tmp_path]).sessions[0]
    chosen = session.model_copy(update={"feed": FeedConfiguration.model_validate(paths | feed)})
    assert replay_settings(chosen).greeks is read
    assert greeks_model(chosen.feed) == model


def test_every_missing_path_is_a_problem(tmp_path: Path) -> None:
    """All of them are named, each in its place."""
    good = tmp_path / "IBM.csv"
    good.touch()
    problems = check(_configuration([tmp_path / "a.csv", good, tmp_path / "b"]))
    assert [each.path for each in problems] == [
        "sessions.demo.feed.paths[0]",
        "sessions.demo.feed.paths[2]",
    ]
    assert problems[0].expected == "a file or a folder"


def test_the_packaged_data_are_named_in_a_paths_last_part(tmp_path: Path) -> None:
    """The loader makes paths absolute; the name survives."""
    configuration = _configuration([tmp_path / "packaged:us-stocks"])
    assert check(configuration) == []
    assert replay_settings(configuration.sessions[0]).is_demo


@pytest.mark.parametrize(
    ("session", "place"),
    [
        ({"symbols": ["TSLA"]}, "sessions.demo.symbols"),
        ({"timeframe": "5m"}, "sessions.demo.feed.timeframe"),
    ],
)
def test_the_packaged_data_are_what_they_are(session: dict[str, object], place: str) -> None:
    """Daily bars of five stocks."""
    problems = check(_configuration([Path("packaged:us-stocks")], **session))
    assert [each.path for each in problems] == [place]


def test_the_packaged_data_are_not_mixed_with_files(tmp_path: Path) -> None:
    """One replay has one origin."""
    (problem,) = check(_configuration([Path("packaged:us-stocks"), tmp_path]))
    assert problem.expected == "packaged:us-stocks alone"


def test_instruments_of_symbols_that_are_not_traded_are_a_problem(tmp_path: Path) -> None:
    """And so are those of the packaged data, whose units are known."""
    (tmp_path / "IBM.csv").touch()
    described = {"instruments": [{"symbol": "IBM"}, {"symbol": "SPY"}]}
    session = _configuration([tmp_path], symbols=["IBM"]).model_dump(mode="json", by_alias=True)
    session["sessions"][0]["feed"] |= described
    (problem,) = check(Configuration.model_validate(session))
    assert (problem.path, problem.found) == ("sessions.demo.feed.instruments", "SPY")
    session["sessions"][0]["feed"]["paths"] = ["packaged:us-stocks"]
    (problem,) = check(Configuration.model_validate(session))
    assert problem.expected == "none with packaged:us-stocks"


def test_an_instrument_is_described_once(tmp_path: Path) -> None:
    """Two descriptions of a symbol could contradict each other."""
    feed = {"paths": [str(tmp_path)], "instruments": [{"symbol": "IBM"}, {"symbol": "IBM"}]}
    with pytest.raises(ValidationError, match="IBM again"):
        FeedConfiguration.model_validate(feed)


ALPACA = {"kind": "alpaca"}


def _live(*sessions: dict[str, object]) -> Configuration:
    fields = {
        "clock": "wall",
        "capital": {"amount": "1000"},
        "symbols": ["BTC/USD"],
        "feed": ALPACA,
        "strategies": [{"name": "a", "strategy": "ema-crossover"}],
    }
    named = [{"name": f"s{number}", **fields, **each} for number, each in enumerate(sessions)]
    return Configuration.model_validate({"sessions": named})


def test_sessions_share_a_live_feed() -> None:
    """One shard for all of them, with the symbols of all."""
    (settings,) = live_settings(_live({}, {"symbols": ["ETH/USD", "BTC/USD"]}))
    assert (settings.feed, settings.symbols) == ("alpaca", ("BTC/USD", "ETH/USD"))
    assert (settings.timeframe_ns, settings.live) == (parse_duration("1m"), False)
    assert live_settings(_live({}, {"mode": "live"}))[0].live


def test_what_shares_a_connection_is_described_alike() -> None:
    """Alpaca gives an account one for crypto and one for equities."""
    other: dict[str, object] = {"feed": {**ALPACA, "tape": "sip"}}
    assert [each.path for each in check(_live({}, other))] == ["sessions.s1.feed"]
    assert check(_live(other, other)) == []


def test_alpaca_streams_minutes() -> None:
    """Other lengths are not made up."""
    problems = check(_live({"feed": {**ALPACA, "timeframe": "5m"}}))
    assert [(each.path, each.found) for each in problems] == [("sessions.s0.feed.timeframe", "5m")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"clock": "lockstep"}, "clock: wall"),
        ({"speed": 2}, "speed: 1"),
        ({"symbols": []}, "symbols to subscribe to"),
        ({"feed": {**ALPACA, "paths": ["a.csv"]}}, "paths"),
        ({"feed": {**ALPACA, "exchange": "binance"}}, "exchange"),
        ({"feed": {"kind": "alpaca", "greeks": "model"}}, "greeks"),
        ({"feed": {"kind": "alpaca", "interest_rate": "0.04"}}, "interest_rate"),
        ({"feed": {"kind": "ccxt"}}, "expected exchange"),
        ({"feed": {"kind": "replay"}}, "expected paths"),
        ({"feed": {"paths": ["a.csv"], "tape": "sip"}}, "tape"),
    ],
)
def test_a_feed_and_its_session_fit_each_other(changes: dict[str, object], expected: str) -> None:
    """What belongs to another kind is refused, not ignored."""
    with pytest.raises(ValidationError, match=expected):
        _live(changes)


def test_a_live_feed_has_no_recorded_bars() -> None:
    """A backtest says so, and what to do."""
    settings = replay_settings(_live({}).sessions[0])
    with pytest.raises(DataError, match="live feed"):
        read_replay(settings)
