"""Loads files and folders into one dataset; nothing is returned unless everything is valid.

1. Each file is read (`table`), its rows converted and judged (`rows`).
2. The bars of all files are sorted by venue, symbol and start; the same start twice is an error.
3. The timeframe is the smallest step, the same for every symbol (`timeframe`).
4. Each symbol gets the smallest scales that hold its prices and its volumes (`numbers`).
5. The bars are put into the order in which they become known (`dataset`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tidegate_kernel.money import SCALE_MAX
from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.instruments import instrument_of
from tidegate_market_data.adapters.numbers import scaled
from tidegate_market_data.adapters.rows import Rows, judged_rows, only
from tidegate_market_data.adapters.table import data_files, read_table
from tidegate_market_data.adapters.timeframe import first_off_step, smallest_step, step_text
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate_contracts.market import Instrument

DEFAULT_VENUE = "paper"


@dataclass(frozen=True, slots=True)
class _Sorted:
    """All rows by (venue, symbol, start); `ends` are the places where the next symbol begins."""

    keys: list[tuple[str, str]]
    codes: NDArray[np.int64]
    starts_ns: NDArray[np.int64]
    numbers: NDArray[np.float64]
    files: list[str]
    file_codes: NDArray[np.int64]
    row_numbers: NDArray[np.int64]

    def segments(self) -> list[slice]:
        edges = np.searchsorted(self.codes, np.arange(len(self.keys) + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(edges)]

    def error(self, place: int, expected: str, found: str, hint: str = "") -> DataError:
        file = self.files[int(self.file_codes[place])]
        row = int(self.row_numbers[place])
        return DataError(file, expected, found, hint, row, "timestamp")


def load_dataset(
    paths: Sequence[Path | str],
    *,
    feed: str,
    timeframe_ns: int | None = None,
    symbols: Sequence[str] = (),
    venue: str = DEFAULT_VENUE,
) -> Dataset:
    """Read files and folders; `DataError` names the first fault's file, row and column."""
    files = [file for path in paths for file in data_files(Path(path))]
    parts = [only(judged_rows(read_table(file), venue), tuple(symbols)) for file in files]
    bars = _sorted(parts)
    _require_symbols(parts, symbols)
    _require_once(bars)
    length_ns = _timeframe(bars, timeframe_ns)
    instruments, integers, rounded = _scaled(bars, feed)
    order = np.lexsort((bars.codes, bars.starts_ns))
    return Dataset(
        feed=feed,
        timeframe_ns=length_ns,
        instruments=instruments,
        codes=bars.codes[order].astype(np.int32),
        values=np.ascontiguousarray(np.vstack((bars.starts_ns, integers))[:, order]),
        warnings=(*_naive_warnings(parts), *rounded),
    )


def _sorted(parts: list[Rows]) -> _Sorted:
    keys = sorted({part.keys[code] for part in parts for code in np.unique(part.codes)})
    place = {key: code for code, key in enumerate(keys)}
    maps = [np.array([place.get(key, -1) for key in part.keys], np.int64) for part in parts]
    codes = np.concatenate([m[part.codes] for m, part in zip(maps, parts, strict=True)])
    starts = np.concatenate([part.starts_ns for part in parts])
    file_codes = np.repeat(np.arange(len(parts)), [len(part.codes) for part in parts])
    order = np.lexsort((file_codes, starts, codes))
    return _Sorted(
        keys,
        codes[order],
        starts[order],
        np.concatenate([part.numbers for part in parts], axis=1)[:, order],
        [part.file for part in parts],
        file_codes[order],
        np.concatenate([part.row_numbers for part in parts])[order],
    )


def _require_symbols(parts: list[Rows], symbols: Sequence[str]) -> None:
    present = {symbol for part in parts for _, symbol in part.keys}
    missing = [symbol for symbol in symbols if symbol not in present]
    if missing:
        raise DataError(
            ", ".join(part.file for part in parts),
            f"the symbols {', '.join(missing)}",
            f"the symbols {', '.join(sorted(present))}",
            "choose among those, or add files",
        )


def _require_once(bars: _Sorted) -> None:
    again = (np.diff(bars.codes) == 0) & (np.diff(bars.starts_ns) == 0)
    if again.any():
        place = int(np.flatnonzero(again)[0]) + 1
        symbol = bars.keys[int(bars.codes[place])][1]
        first = bars.files[int(bars.file_codes[place - 1])]
        found = f"{symbol} {format_time(int(bars.starts_ns[place]))} again"
        hint = f"the first is row {int(bars.row_numbers[place - 1])} of {first}"
        raise bars.error(place, "each bar once", found, hint)


def _timeframe(bars: _Sorted, declared_ns: int | None) -> int:
    segments = bars.segments()
    steps = [smallest_step(bars.starts_ns[segment]) for segment in segments]
    known = [step for step in steps if step is not None]
    if declared_ns is None and not known:
        expected = "two bars of a symbol, or a timeframe in the configuration"
        raise DataError(bars.files[0], expected, "single bars")
    length_ns = declared_ns or min(known)
    for segment, step, (_, symbol) in zip(segments, steps, bars.keys, strict=True):
        if declared_ns is None and step is not None and step != length_ns:
            _refuse_step(bars, segment.start, symbol, step, length_ns)
        _require_steps(bars, segment, symbol, length_ns)
    return length_ns


def _require_steps(bars: _Sorted, segment: slice, symbol: str, length_ns: int) -> None:
    off = first_off_step(bars.starts_ns[segment], length_ns)
    if off is None:
        return
    place = segment.start + off
    step_ns = int(bars.starts_ns[place] - bars.starts_ns[place - 1])
    expected = f"{symbol} to step by a multiple of {step_text(length_ns)}"
    raise bars.error(place, expected, f"a step of {step_text(step_ns)}")


def _refuse_step(bars: _Sorted, place: int, symbol: str, step_ns: int, length_ns: int) -> None:
    raise bars.error(
        place,
        f"a smallest step of {step_text(length_ns)} for {symbol}, as for the other symbols",
        step_text(step_ns),
        f"give bars of one length, or set timeframe: {step_text(length_ns)}",
    )


def _scaled(
    bars: _Sorted, feed: str
) -> tuple[tuple[Instrument, ...], NDArray[np.int64], list[str]]:
    integers = np.empty(bars.numbers.shape, np.int64)
    instruments = []
    warnings = []
    for segment, (venue, symbol) in zip(bars.segments(), bars.keys, strict=True):
        numbers = bars.numbers[:, segment]
        try:
            prices, sizes = scaled(numbers[:4].ravel()), scaled(numbers[4])
        except OverflowError as error:
            raise bars.error(segment.start, f"{symbol} to fit 64 bits", str(error)) from error
        integers[:4, segment] = prices.integers.reshape(4, -1)
        integers[4, segment] = sizes.integers
        instruments.append(instrument_of(feed, venue, symbol, prices.scale, sizes.scale))
        if rounded := prices.rounded_count + sizes.rounded_count:
            warnings.append(
                f"{symbol}: {rounded} values have more than {SCALE_MAX} decimal places and were "
                "rounded half-even"
            )
        if (integers[2, segment] <= 0).any():
            place = segment.start + int(np.flatnonzero(integers[2, segment] <= 0)[0])
            expected = f"prices of at least 1e-{SCALE_MAX}"
            raise bars.error(place, expected, str(bars.numbers[2, place]))
    return tuple(instruments), integers, warnings


def _naive_warnings(parts: list[Rows]) -> list[str]:
    return [
        f"{part.file}: {part.naive_count} timestamps name no time zone and are taken as UTC"
        for part in parts
        if part.naive_count
    ]
