"""The strategies of a session, from its configuration."""

from __future__ import annotations

from tidegate_chassis.configuration.models import Configuration
from tidegate_signals.config import check, signals_parameters
from tidegate_signals.core.machine import SignalsMachine
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
        "order": "market",
        "limit_offset_bps": 0.0,
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


def test_a_sessions_shard_reads_its_feed() -> None:
    """Instruments and bars, nothing else; the machine starts from its parameters."""
    (shard,) = shards_of(_configuration(TREND))
    assert (shard.shard, shard.session) == ("signals/demo/0", "demo")
    assert shard.reads == ("instruments.replay-demo.>", "bars.replay-demo.>")
    assert (shard.lockstep, shard.replay) == (True, True)
    assert isinstance(shard.machine.restore(shard.parameters, None), SignalsMachine)
