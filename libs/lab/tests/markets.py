"""Builders for tests of the lab: random markets, and everything that a session says of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate_contracts.frame import NO_GREEK
from tidegate_kernel.contracts import option_of
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_lab.host.session import rounds_of
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.instruments import instrument_of
from tidegate_market_data.core.black_scholes import EuropeanOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tidegate_chassis.configuration import Session
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

MINUTE_NS = 60 * NS_PER_SECOND
HOUR_NS = 60 * MINUTE_NS
START_NS = 19_700 * NS_PER_DAY
SYMBOLS = ("AAPL", "BTCUSDT", "MSFT")
OPTIONS = ("AAPL231222C00100000", "AAPL231222C00102000")
EPOCH = date(1970, 1, 1)
MISSING = 0.1


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


def with_options(dataset: Dataset, seed: int, *, stated: bool) -> Dataset:
    """Return bars of AAPL alone with those of `OPTIONS` beside most of them.

    Options cost what the model says at 30 %, and what chance adds; some rows state Greeks.
    """
    generator = np.random.default_rng(seed)
    asset = dataset.values[:, dataset.codes == 0]
    columns, codes, greeks = [asset], [np.zeros(asset.shape[1], np.int32)], [NO_GREEK]
    for code, symbol in enumerate(OPTIONS, start=1):
        rows = asset[:, generator.random(asset.shape[1]) >= MISSING]
        closes = _closes(symbol, rows, dataset.timeframe_ns) + generator.integers(-3, 4)
        closes = np.maximum(closes + generator.integers(-2, 3, rows.shape[1]), 1)
        prices = np.stack([closes, closes + 2, np.maximum(closes - 2, 1), closes])
        columns.append(np.vstack((rows[:1], prices, rows[5:])))
        codes.append(np.full(rows.shape[1], code, np.int32))
        greeks.append(10**8 // (2 * code))
    values, every = np.concatenate(columns, axis=1), np.concatenate(codes)
    if stated:
        told = np.array(greeks)[every]
        told[generator.random(len(told)) < 0.5] = NO_GREEK
        values = np.vstack((values, *[told] * 4))
    order = np.lexsort((every, values[0]))
    described = (instrument_of(dataset.feed, "paper", each, 2, 0) for each in OPTIONS)
    return Dataset(
        feed=dataset.feed,
        timeframe_ns=dataset.timeframe_ns,
        instruments=(dataset.instruments[0], *described),
        codes=every[order],
        values=np.ascontiguousarray(values[:, order]),
    )


def _closes(symbol: str, rows: NDArray[np.int64], timeframe_ns: int) -> NDArray[np.int64]:
    read = option_of(symbol)
    assert read is not None
    days = (read.expires_on - EPOCH).days + 0.875
    closes = []
    for start, close in rows[[0, 4]].T.tolist():
        years = max(days - (start + timeframe_ns) / NS_PER_DAY, 1e-3) / 365
        priced = EuropeanOption(read.is_call, close / 100, float(read.strike), years, 0.0)
        closes.append(round(priced.price(0.3) * 100))
    return np.array(closes, np.int64)


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
