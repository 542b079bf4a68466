"""The bars that every engine plays: a seeded random walk of one symbol, in whole cents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet

if TYPE_CHECKING:
    from numpy.typing import NDArray

SYMBOL = "WALK"
SEED = 20_240_101
START_S = 1_262_304_000
MINUTE_S = 60
CENTS = 100
MANY_SYMBOLS = 20
MANY_AT_ONCE = 2**15
_FIRST, _FLOOR = 10_000, 2_000
_STEP_MAX, _GAP_MAX, _WICK_MAX = 3, 1, 2


class Files(NamedTuple):
    """The same bars twice: for us as Parquet, for the others as an array of integers (6, n).

    Its rows are start in s, open, high, low and close in cents, and volume.
    """

    parquet: Path
    array: Path


def write_bars(folder: Path, count: int) -> Files:
    """Write ``count`` one-minute bars."""
    bars = walk(count, SEED)
    files = Files(folder / "bars.parquet", folder / "bars.npy")
    np.save(files.array, bars)
    parquet.write_table(_table(bars, np.zeros(count, np.int32), [SYMBOL]), files.parquet)
    return files


def write_many(path: Path, count: int) -> None:
    """Write ``count`` one-minute bars of `MANY_SYMBOLS` symbols, sorted by time."""
    names = [f"WALK{number:02d}" for number in range(MANY_SYMBOLS)]
    writer = None
    for first in range(0, count // MANY_SYMBOLS, MANY_AT_ONCE):
        minutes = min(MANY_AT_ONCE, count // MANY_SYMBOLS - first)
        walks = np.stack([walk(minutes, SEED + first + n) for n in range(MANY_SYMBOLS)], axis=-1)
        walks[0] += MINUTE_S * first
        codes = np.tile(np.arange(MANY_SYMBOLS, dtype=np.int32), minutes)
        table = _table(walks.reshape(6, -1), codes, names)
        writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _table(bars: NDArray[np.int64], codes: NDArray[np.int32], names: list[str]) -> pa.Table:
    prices = ("open", "high", "low", "close")
    columns = {
        "timestamp": pa.array(bars[0] * 1_000, pa.timestamp("ms", "UTC")),
        "symbol": pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names)),
        **{name: pa.array(bars[row] / CENTS) for row, name in enumerate(prices, 1)},
        "volume": pa.array(bars[5].astype(np.float64)),
    }
    return pa.table(columns)


def walk(count: int, seed: int) -> NDArray[np.int64]:
    """Return the bars: closes step by up to 3 cents, opens are within a cent of the last close."""
    draw = np.random.default_rng(seed)
    steps = draw.integers(-_STEP_MAX, _STEP_MAX + 1, count)
    close = np.abs(_FIRST - _FLOOR + np.cumsum(steps)) + _FLOOR
    last = np.concatenate(([_FIRST], close[:-1]))
    opened = last + draw.integers(-_GAP_MAX, _GAP_MAX + 1, count)
    high = np.maximum(opened, close) + draw.integers(0, _WICK_MAX + 1, count)
    low = np.minimum(opened, close) - draw.integers(0, _WICK_MAX + 1, count)
    starts = START_S + MINUTE_S * np.arange(count)
    volume = draw.integers(1_000, 100_000, count)
    bars: NDArray[np.int64] = np.stack((starts, opened, high, low, close, volume))
    return bars
