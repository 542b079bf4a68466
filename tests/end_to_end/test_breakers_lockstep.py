"""What you backtest is what you trade, breakers included: live, replayed and backtested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.instances import CALM_POLL_S, eventually, running, tell

from tidegate_chassis.testing import server_folder
from tidegate_contracts.risk import BreakerEvent, BreakerState
from tidegate_lab.backtest import ENGINES
from tidegate_lab.backtest.running import run_session

from .killing import raised_scopes
from .market import write_bars
from .replaying import differences, replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(240)]

NERVOUS = """
sessions:
  - name: demo
    clock: lockstep
    capital: {{amount: 1000000, currency: USD}}
    feed: {{kind: replay, paths: [{bars}]}}
    strategies:
      - {{name: trend, strategy: ema-crossover, parameters: {{fast: 2, slow: 4}}}}
      - name: breakout
        strategy: donchian-breakout
        parameters: {{entry: 3, exit: 2}}
        entry: {{style: limit, offset: 300bps}}
    limits:
      position_fraction: 0.25
      open_positions_max: 20
      daily_loss_max_percent: 1.0
      breakers: {{drawdown: {{percent: 12, level: FLATTENING}}}}
"""


def configuration(bars: Path) -> str:
    """Return a session that loses more in a day than it may, now and then."""
    return NERVOUS.format(bars=bars)


@pytest.fixture(scope="module")
def played() -> Iterator[Instance]:
    """Give an instance that has played a nervous session to its end, risk killed on the way."""
    with server_folder() as folder:
        bars = write_bars(folder, symbols=3, days=500)
        with running(folder, configuration(bars)) as instance:
            eventually(lambda: raised_scopes(instance), "a breaker to raise the gate")
            instance.kill_and_wait("risk")
            eventually(
                lambda: instance.shard("market-data/replay-demo")["finished"],
                "the session to be played to its end",
                patience_s=180,
                poll_s=CALM_POLL_S,
            )
            yield instance


def essence(outcome: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal."""
    return {name: value for name, value in outcome.items() if name != "duration_s"}


def test_a_live_session_its_replay_and_its_backtests_are_equal(played: Instance) -> None:
    """Breakers trip, are lowered by the policy and halt for good at the same places."""
    found = replay(played.folder)
    assert differences(found) == []
    assert found["differ"] == 0
    live = essence(found["outcome"])
    runs = [run_session(played.configuration.session("demo"), engine) for engine in ENGINES]
    for run in runs:
        assert essence(msgspec.to_builtins(run.outcome)) == live
    record = runs[0].record
    events: list[BreakerEvent] = record.of(BreakerEvent)
    states = {(event.breaker, event.state) for event in events}
    assert ("daily_loss", BreakerState.RECOVERING) in states
    assert ("drawdown", BreakerState.TRIPPED) in states
    refused = record.refused["BREAKER_OPEN"]
    assert refused > 0
    tell(f"{len(events)} breaker events, {refused} refusals by them: {live}")
