"""The strategies of a session, from its configuration."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from pydantic import ValidationError

from tidegate_chassis.configuration.models import Configuration
from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_signals.config import check, signals_parameters
from tidegate_signals.core.entry import Entry
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.core.wish import Wish
from tidegate_signals.shards import shards_of


def _configuration(*strategies: dict[str, object]) -> Configuration:
    session = {
        "name": "demo",
        "capital": {"amount": "1000"},
        "feed": {"paths": ["bars.csv"]},
        "symbols": ["MSFT", "AAPL"],
        "strategies": list(strategies),
    }
    return Configuration.model_validate({"sessions": [session]})


TWAP: dict[str, object] = {"style": "market", "algorithm": "twap", "over": "10m", "slices": 5}
ICEBERG: dict[str, object] = {"style": "limit", "algorithm": "iceberg", "display": "0.05"}
TREND: dict[str, object] = {"name": "trend", "strategy": "ema-crossover", "parameters": {"fast": 5}}


def test_defaults_are_written_out() -> None:
    """A changed default is a changed version of the core."""
    parameters = signals_parameters(_configuration(TREND).sessions[0])
    (instance,) = parameters.strategies
    assert instance.parameters == {
        "fast": 5,
        "slow": 20,
        "stop_atr": None,
        "atr": 14,
        "allow_short": False,
    }
    assert parameters.symbols == ("AAPL", "MSFT")


def test_every_fault_of_every_strategy_is_a_problem() -> None:
    """Each at its own place in the file."""
    problems = check(
        _configuration(
            TREND,
            {"name": "a", "strategy": "macd"},
            {"name": "b", "strategy": "ema-crossover", "parameters": {"fast": "x", "slw": 1}},
        )
    )
    assert [(each.path, each.found) for each in problems] == [
        ("sessions.demo.strategies.a.strategy", "macd"),
        ("sessions.demo.strategies.b.parameters.slw", "an unknown parameter"),
        ("sessions.demo.strategies.b.parameters.fast", "'x'"),
    ]
    assert check(_configuration(TREND)) == []


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (
            {"style": "limit", "offset": "5bps", "valid_for": "10m"},
            Entry(
                style=EntryStyle.LIMIT,
                offset_bps=5.0,
                time_in_force=TimeInForce.GTD,
                valid_for_ns=600 * 10**9,
            ),
        ),
        (
            {"style": "stop_limit", "offset": "2.5bps", "limit_offset": "10bps"},
            Entry(
                style=EntryStyle.STOP_LIMIT,
                offset_bps=2.5,
                limit_offset_bps=10.0,
                time_in_force=TimeInForce.GTC,
            ),
        ),
        (
            {"style": "market", "time_in_force": "ioc"},
            Entry(style=EntryStyle.MARKET, time_in_force=TimeInForce.IOC),
        ),
    ],
)
def test_an_operator_chooses_how_entries_are_placed(
    setting: dict[str, str], expected: Entry
) -> None:
    """In the file, without code; without the setting the strategy says it."""
    configuration = _configuration({**TREND, "entry": setting})
    assert check(configuration) == []
    (instance,) = signals_parameters(configuration.sessions[0]).strategies
    assert instance.entry == expected
    (plain,) = signals_parameters(_configuration(TREND).sessions[0]).strategies
    assert plain.entry is None


@pytest.mark.parametrize(
    ("setting", "algorithm", "shown"),
    [
        (
            TWAP,
            ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=600 * 10**9, slices=5),
            None,
        ),
        (
            {"style": "limit", "algorithm": "vwap", "over": "1h", "participation": "0.1"},
            ExecutionAlgorithm(
                kind=AlgorithmKind.VWAP, duration_ns=3600 * 10**9, participation=Decimal("0.1")
            ),
            None,
        ),
        (ICEBERG, ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG), Decimal("0.05")),
    ],
)
def test_an_operator_says_how_entries_are_sliced(
    setting: dict[str, object], algorithm: ExecutionAlgorithm, shown: Decimal | None
) -> None:
    """The signals of every setting that is taken carry it, whatever the strategy wishes."""
    (instance,) = signals_parameters(
        _configuration({**TREND, "entry": setting}).sessions[0]
    ).strategies
    assert instance.entry is not None
    wish = instance.entry.apply(Wish(direction=Direction.LONG), 10_000)
    assert (wish.algorithm, wish.display_fraction) == (algorithm, shown)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"style": "limit", "offset": "5"}, "expected basis points from 0bps to 5000bps"),
        ({"style": "limit", "offset": "5000.1bps"}, "found '5000.1bps'"),
        ({"style": "limit", "offset": "-1bps"}, "found '-1bps'"),
        ({"style": "market", "offset": "5bps"}, "offset only with an order that waits"),
        ({"style": "market", "valid_for": "10m"}, "valid_for only with an order that waits"),
        ({"style": "stop", "limit_offset": "5bps"}, "limit_offset only with stop_limit"),
        ({"style": "stop", "time_in_force": "fok"}, "ioc and fok only"),
        ({"style": "stop", "post_only": True}, "post_only only with limit"),
        ({"style": "market", "extended_hours": True}, "extended_hours only with limit"),
        (
            {"style": "limit", "extended_hours": True, "time_in_force": "ioc"},
            "extended_hours only with time_in_force gtc or day",
        ),
        (
            {"style": "limit", "extended_hours": True, "valid_for": "10m"},
            "extended_hours only with time_in_force gtc or day",
        ),
        (
            {"style": "limit", "time_in_force": "day", "valid_for": "10m"},
            "either valid_for or time_in_force",
        ),
        ({"algorithm": "twap", "over": "10m", "slices": 5}, "style"),
        ({"style": "pegged"}, "'market', 'limit', 'stop' or 'stop_limit'"),
        ({"style": "market", "algorithm": "pov"}, "'twap', 'vwap' or 'iceberg'"),
        ({**TWAP, "style": "stop"}, "twap only with limit or market"),
        ({**ICEBERG, "style": "market"}, "iceberg only with limit"),
        ({**TWAP, "time_in_force": "day"}, "twap only with time_in_force gtc"),
        ({**TWAP, "style": "limit", "valid_for": "10m"}, "no valid_for with twap"),
        ({**TWAP, "over": "8d"}, "over at most 7d"),
        ({**TWAP, "over": "4s"}, "over at least a second for each slice"),
        ({**TWAP, "slices": 0}, "slices with twap, and only there"),
        ({**ICEBERG, "over": "10m"}, "over with twap and vwap, and only there"),
        ({"style": "market", "slices": 5}, "slices with twap, and only there"),
        ({**TWAP, "participation": "0.1"}, "participation with vwap, only there"),
        ({**TWAP, "display": "0.1"}, "display with iceberg, and only there"),
        ({**ICEBERG, "display": "1"}, "less than 1"),
    ],
)
def test_a_setting_that_does_not_fit_together_is_refused(
    setting: dict[str, object], said: str
) -> None:
    """The message says what would fit."""
    with pytest.raises(ValidationError, match=re.escape(said)):
        _configuration({**TREND, "entry": setting})


def test_no_strategy_may_have_the_name_of_orders_by_hand() -> None:
    """Whose position it was could not be told apart."""
    (problem,) = check(_configuration({**TREND, "name": "manual"}))
    assert (problem.path, problem.found) == ("sessions.demo.strategies.manual.name", "manual")


def test_a_sessions_shard_reads_its_feed() -> None:
    """Instruments and bars, nothing else; the machine starts from its parameters."""
    (shard,) = shards_of(_configuration(TREND))
    assert (shard.shard, shard.session) == ("signals/demo/0", "demo")
    assert shard.reads == ("instruments.replay-demo.>", "bars.replay-demo.>")
    assert (shard.lockstep, shard.replay) == (True, True)
    assert isinstance(shard.machine.restore(shard.parameters, None), SignalsMachine)


@pytest.mark.parametrize(("hours", "problems"), [("regular", 1), ("extended", 0)])
def test_entries_of_extended_hours_need_bars_of_them(hours: str, problems: int) -> None:
    """Risk would refuse every one of them for its old price."""
    around = {**TREND, "entry": {"style": "limit", "extended_hours": True}}
    document = _configuration(around).model_dump(mode="json", by_alias=True)
    document["sessions"][0] |= {"feed": {"kind": "alpaca", "hours": hours}, "clock": "wall"}
    found = check(Configuration.model_validate(document))
    assert [each.path for each in found] == ["sessions.demo.feed.hours"] * problems


SPREAD: dict[str, object] = {
    "name": "spread",
    "strategy": "vertical-spread",
    "parameters": {"bought": "AAPL991217C00190000", "sold": "AAPL991217C00200000"},
}


def _optioned(
    *, live: bool, symbols: list[str], greeks: str | None = None, **changes: object
) -> list[str]:
    replay: dict[str, object] = {"paths": ["bars.csv"], "greeks": greeks}
    feed: dict[str, object] = {"kind": "alpaca"} if live else replay
    session = {
        "name": "demo",
        "capital": {"amount": "1000"},
        "feed": feed,
        "clock": "wall" if live else "lockstep",
        "symbols": symbols,
        "strategies": [{**SPREAD, **changes}],
    }
    found = check(Configuration.model_validate({"sessions": [session]}))
    return [each.path.removeprefix("sessions.demo.") for each in found]


ALL_OF_IT = ["AAPL", "AAPL991217C00190000", "AAPL991217C00200000"]


def test_a_strategy_with_legs_needs_all_of_them_and_a_feed_with_greeks() -> None:
    """And no placing by the underlying's close; every problem is told by its place."""
    assert _optioned(live=True, symbols=ALL_OF_IT) == []
    assert _optioned(live=True, symbols=ALL_OF_IT[:2]) == ["symbols"]
    assert _optioned(live=True, symbols=ALL_OF_IT[1:]) == ["symbols"]
    assert _optioned(live=False, symbols=ALL_OF_IT) == []
    assert _optioned(live=False, symbols=ALL_OF_IT, greeks="files") == []
    assert _optioned(live=False, symbols=ALL_OF_IT, greeks="none") == ["feed.greeks"]
    placed = _optioned(live=True, symbols=ALL_OF_IT, entry={"style": "market"})
    assert placed == ["strategies.spread.entry"]
