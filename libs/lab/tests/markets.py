"""Builders for tests of the lab: random markets, and everything that a session says of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_lab.host.session import rounds_of
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.instruments import instrument_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration import Session
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

MINUTE_NS = 60 * NS_PER_SECOND
HOUR_NS = 60 * MINUTE_NS
START_NS = 19_700 * NS_PER_DAY
SYMBOLS = ("AAPL", "BTCUSDT", "MSFT")


@dataclass(frozen=True)
class Market:
    """What random bars look like."""

    seed: int
    instants: int
    symbols: int
    timeframe_ns: int
    missing: float
    invalid: float


def dataset_of(market: Market, feed: str = "replay-random") -> Dataset:
    """Make the bars of a market: a few are missing, a few break a rule."""
    generator = np.random.default_rng(market.seed)
    columns, codes = [], []
    for code in range(market.symbols):
        rows = np.flatnonzero(generator.random(market.instants) >= market.missing)
        close = 10_000 + generator.integers(-150, 151, market.instants).cumsum()
        close = np.maximum(close, 100)[rows]
        opened = close + generator.integers(-60, 61, len(rows))
        low = np.minimum(opened, close) - generator.integers(0, 40, len(rows))
        high = np.maximum(opened, close) + generator.integers(0, 40, len(rows))
        volume = generator.integers(0, 500, len(rows))
        broken = generator.random(len(rows)) < market.invalid
        low = np.where(broken, high + 1, low)
        columns.append(
            np.stack([START_NS + rows * market.timeframe_ns, opened, high, low, close, volume])
        )
        codes.append(np.full(len(rows), code, np.int32))
    values, every = np.concatenate(columns, axis=1), np.concatenate(codes)
    order = np.lexsort((every, values[0]))
    instruments = tuple(instrument_of(feed, "paper", each, 2, 0) for each in SYMBOLS)
    return Dataset(
        feed=feed,
        timeframe_ns=market.timeframe_ns,
        instruments=instruments[: market.symbols],
        codes=every[order],
        values=np.ascontiguousarray(values[:, order]),
    )


def heard(
    session: Session, dataset: Dataset, play: Callable[[Rounds, Bars], None]
) -> dict[str, Any]:
    """Play a session; return everything that it said, its timers and its machines at the end."""
    rounds = rounds_of(session, dataset)
    said: list[Any] = []

    def observe(shard: Any, event: Any, effects: Any, place: Any) -> None:  # noqa: ANN401
        if shard is not rounds.feed or not hasattr(event, "bars"):
            said.append((place, shard.name, event, tuple(effects)))

    rounds.observers.append(observe)
    play(rounds, dataset)
    shards = (rounds.feed, *rounds.shards)
    return {
        "said": said,
        "timers": {shard.name: shard.timers for shard in shards},
        "states": {shard.name: shard.machine.snapshot() for shard in shards},
    }
