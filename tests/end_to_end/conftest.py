"""Instances that several modules of tests look at; each is started once for a test process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.instances import CALM_POLL_S, Instance, eventually, running

from tidegate_chassis.testing import server_folder
from tidegate_chassis.testing.collector import SpanCollector
from tidegate_contracts.subjects import SERVICES

from .market import write_bars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACE_ONE_IN = 8


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what may take longest begin first, so that no worker ends alone with it."""
    items.sort(key=_patience_s, reverse=True)


def _patience_s(item: pytest.Item) -> float:
    marks = [item.get_closest_marker(name) for name in ("end_to_end", "timeout")]
    return float(marks[1].args[0]) if all(marks) and marks[1] is not None else 0.0


TRACED = """
sessions:
  - name: demo
    clock: lockstep
    capital: {{amount: 1000000, currency: USD}}
    feed: {{kind: replay, paths: [{bars}]}}
    strategies:
      - {{name: trend, strategy: ema-crossover, parameters: {{fast: 2, slow: 6}}}}
    limits: {{position_fraction: 0.05, open_positions_max: 20, daily_loss_max_percent: 50}}
services:
{services}
"""


@dataclass(frozen=True)
class Watched:
    """An instance and the collector that its spans go to."""

    instance: Instance
    collector: SpanCollector


@pytest.fixture(scope="session")
def traced() -> Iterator[Watched]:
    """Give an instance that has played a short session in lockstep and sent its spans to us."""
    services = "\n".join(f"  {name}: {{trace_one_in: {TRACE_ONE_IN}}}" for name in SERVICES)
    with SpanCollector() as collector, server_folder() as folder:
        variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        bars = write_bars(folder, symbols=2, days=100)
        with running(folder, TRACED.format(bars=bars, services=services), variables) as instance:
            eventually(
                lambda: instance.shard("market-data/replay-demo")["finished"],
                "the session to be played to its end",
                patience_s=180,
                poll_s=CALM_POLL_S,
            )
            yield Watched(instance, collector)


TRADING = """
sessions:
  - name: demo
    {clock}
    capital: {{amount: 1000000, currency: USD}}
    feed: {{kind: replay, paths: [{bars}]}}
    strategies:
      - name: breakout
        strategy: donchian-breakout
        parameters: {{entry: 3, exit: 2}}
        entry: {{style: limit, offset: 300bps}}
      - {{name: trend, strategy: ema-crossover, parameters: {{fast: 2, slow: 4}}}}
    limits:
      position_fraction: 0.05
      open_positions_max: 20
      open_orders_max: 100
      daily_loss_max_percent: 50
      price_age_max_bars: 100
      rate_orders_max: 1000
      verdict_ttl_s: 60
      breakers: {{{breakers}}}
    venue: {{orders_per_minute_max: 10000}}
"""


OFF = (
    "daily_loss",
    "drawdown",
    "losing_streak",
    "pnl_jump",
    "price_divergence",
    "stale_prices",
    "unreconciled",
)
"""Breakers that trip in decades of days, which pass in minutes, without anybody to lower them."""
BREAKERS = ", ".join(f"{name}: {{enabled: false}}" for name in OFF)
DAYS_PER_SECOND = 20


def wall_configuration(bars: Path) -> str:
    """Return a session on the wall's clock in which limit orders rest."""
    clock = f"clock: wall\n    speed: {DAYS_PER_SECOND * 86_400}"
    return TRADING.format(clock=clock, bars=bars, breakers=BREAKERS)


def lockstep_configuration(bars: Path) -> str:
    """Return the same session in lockstep."""
    return TRADING.format(clock="clock: lockstep", bars=bars, breakers=BREAKERS)
