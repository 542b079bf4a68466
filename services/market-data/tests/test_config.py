"""The replay's settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from tidegate_chassis.configuration.models import Configuration, FeedConfiguration
from tidegate_kernel.time import NS_PER_DAY, parse_duration
from tidegate_market_data.config import check, replay_settings


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
