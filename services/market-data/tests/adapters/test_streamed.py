"""Bars streamed from Parquet files are the same bars, and the same errors, as those in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pyarrow import parquet

from tidegate_kernel.time import parse_duration
from tidegate_market_data.adapters.dataset import Bars, Dataset
from tidegate_market_data.adapters.files import load_dataset
from tidegate_market_data.adapters.slabs import Sizes
from tidegate_market_data.adapters.streamed import StreamedDataset
from tidegate_market_data.errors import DataError

STREAMED = Sizes(stream_above=0, part=5, slab=4, kept=7)
HELD = Sizes(stream_above=1_000, part=5)
MINUTE_NS = parse_duration("1m")
START_MS = 1_704_067_200_000
NAMES = ("symbol", "ts", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Row:
    """One row of a file: a minute, a price and perhaps a fault."""

    minute: int
    symbol: str
    price: float
    fault: str = ""

    def values(self) -> tuple[object, ...]:
        """Return what is written."""
        start = START_MS + self.minute * 60_000 + (7_000 if self.fault == "off" else 0)
        low = {"low": -1.0, "tiny": 1e-9, "huge": self.price}.get(self.fault, self.price)
        high = 1e18 if self.fault == "huge" else self.price
        volume = None if self.fault == "none" else self.minute
        return (self.symbol, start, self.price, high, low, self.price, volume)


ROW = st.builds(
    Row,
    minute=st.integers(0, 40),
    symbol=st.sampled_from(["AAPL", "BTC/USDT", "IBM"]),
    price=st.sampled_from([1.0, 2.5, 3.25, 0.00000001, 7.123456789, 123_456.75]),
)
FILES = st.lists(
    st.lists(ROW, min_size=1, max_size=20, unique_by=lambda row: (row.minute, row.symbol)),
    min_size=1,
    max_size=3,
)
FAULTS = st.sampled_from(["", "", "off", "low", "tiny", "huge", "none"])
TIMEFRAMES = st.sampled_from([None, MINUTE_NS])
SETTINGS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _write(folder: Path, files: list[list[Row]], rows_of_group: int) -> list[Path]:
    paths = []
    for number, rows in enumerate(files):
        columns = zip(*(row.values() for row in rows), strict=True)
        table = pa.table(dict(zip(NAMES, map(list, columns), strict=True)))
        paths.append(folder / f"{number}.parquet")
        parquet.write_table(table, paths[-1], row_group_size=rows_of_group)
    return paths


def _loaded(paths: list[Path], sizes: Sizes, timeframe_ns: int | None) -> Bars | str:
    try:
        return load_dataset(paths, feed="f", timeframe_ns=timeframe_ns, sizes=sizes)
    except DataError as error:
        return str(error)


def _once(files: list[list[Row]]) -> list[list[Row]]:
    """Keep the first bar of each symbol and minute."""
    seen: set[tuple[int, str]] = set()
    kept = []
    for rows in files:
        fresh = [row for row in rows if (row.minute, row.symbol) not in seen]
        seen.update((row.minute, row.symbol) for row in fresh)
        kept.append(fresh)
    return [rows for rows in kept if rows]


def _require_same(held: Bars, streamed: Bars, after_ns: int) -> None:
    assert isinstance(held, Dataset)
    assert isinstance(streamed, StreamedDataset)
    for name in ("feed", "timeframe_ns", "instruments", "warnings", "bar_count", "instant_count"):
        assert getattr(held, name) == getattr(streamed, name)
    assert (held.first_ns, held.last_ns) == (streamed.first_ns, streamed.last_ns)
    assert list(held.batches()) == list(streamed.batches())
    assert list(held.batches(after_ns)) == list(streamed.batches(after_ns))
    for instrument in held.instruments:
        asked = (instrument, after_ns, after_ns + 9 * MINUTE_NS, 5)
        assert held.history(*asked) == streamed.history(*asked)


@SETTINGS
@given(FILES, st.integers(1, 7), st.integers(0, 40))
def test_streamed_bars_equal_those_in_memory(
    tmp_path: Path, files: list[list[Row]], rows_of_group: int, minute: int
) -> None:
    """Whatever the order of rows, row groups, symbols and files."""
    paths = _write(tmp_path, _once(files), rows_of_group)
    held = _loaded(paths, HELD, MINUTE_NS)
    streamed = _loaded(paths, STREAMED, MINUTE_NS)
    after_ns = START_MS * 1_000_000 + minute * MINUTE_NS
    assert not isinstance(held, str), held
    assert not isinstance(streamed, str), streamed
    _require_same(held, streamed, after_ns)


@SETTINGS
@given(FILES, st.integers(1, 7), st.lists(FAULTS, min_size=1, max_size=6), TIMEFRAMES)
def test_streamed_errors_equal_those_in_memory(
    tmp_path: Path,
    files: list[list[Row]],
    rows_of_group: int,
    faults: list[str],
    known: int | None,
) -> None:
    """Repeated bars, odd steps, impossible or missing numbers, too many digits."""
    broken = [
        [
            Row(row.minute, row.symbol, row.price, faults[place % len(faults)])
            for place, row in enumerate(rows)
        ]
        for rows in files
    ]
    paths = _write(tmp_path, broken, rows_of_group)
    held = _loaded(paths, HELD, known)
    streamed = _loaded(paths, STREAMED, known)
    if isinstance(held, str) or isinstance(streamed, str):
        assert held == streamed
    else:
        _require_same(held, streamed, 0)


@pytest.mark.parametrize(("fault", "column"), [("low", "low"), ("none", "volume")])
def test_a_bad_row_is_named_by_its_row_in_the_file(tmp_path: Path, fault: str, column: str) -> None:
    """Not by its row in the part that was read."""
    rows = [Row(minute, "AAPL", 2.5, fault if minute == 12 else "") for minute in range(20)]
    paths = _write(tmp_path, [rows], 4)
    with pytest.raises(DataError) as caught:
        load_dataset(paths, feed="f", sizes=STREAMED)
    assert (caught.value.row, caught.value.column) == (13, column)
    assert str(caught.value) == _loaded(paths, Sizes(), None)


def test_faults_are_counted_in_the_part_that_was_read(tmp_path: Path) -> None:
    """There may be more in parts that were not looked at."""
    rows = [Row(minute, "AAPL", 2.5, "low" if minute in {4, 5, 19} else "") for minute in range(20)]
    with pytest.raises(DataError) as caught:
        load_dataset(_write(tmp_path, [rows], 4), feed="f", sizes=STREAMED)
    assert caught.value.hint == "at least 1 more rows have the same fault"


def test_a_time_in_another_unit_is_found_in_a_later_part(tmp_path: Path) -> None:
    """The file's first row tells the unit, for all its parts."""
    rows = [Row(minute, "AAPL", 2.5) for minute in range(10)]
    paths = _write(tmp_path, [rows], 3)
    table = parquet.read_table(paths[0])
    starts = table.column("ts").to_pylist()
    starts[8] //= 1_000
    parquet.write_table(table.set_column(1, "ts", [starts]), paths[0], row_group_size=3)
    with pytest.raises(DataError, match=r"row 9, column ts: .* of another magnitude than .* row 1"):
        load_dataset(paths, feed="f", sizes=STREAMED)


def test_a_file_that_changes_while_it_is_streamed_is_an_error(tmp_path: Path) -> None:
    """What was checked is what is given out."""
    rows = [Row(minute, "AAPL", 2.5) for minute in range(20)]
    dataset = load_dataset(_write(tmp_path, [rows], 4), feed="f", sizes=STREAMED)
    assert dataset.bar_count == 20
    _write(tmp_path, [[*rows, Row(20, "AAPL", 9.0)]], 4)
    with pytest.raises(DataError, match="expected the file as it was when it was checked"):
        list(dataset.batches())


def test_chosen_symbols_are_streamed(tmp_path: Path) -> None:
    """A part without any of them is passed over."""
    rows = [Row(minute, "AAPL", 2.5) for minute in range(10)]
    rows += [Row(minute, "IBM", 3.25) for minute in range(10)]
    paths = _write(tmp_path, [rows], 5)
    dataset = load_dataset(paths, feed="f", symbols=["IBM"], sizes=STREAMED)
    assert {bar.symbol for batch in dataset.batches() for bar in batch.bars} == {"IBM"}
    assert dataset.bar_count == 10
    with pytest.raises(DataError, match="the symbols TSLA, found the symbols AAPL, IBM"):
        load_dataset(paths, feed="f", symbols=["TSLA"], sizes=STREAMED)


def test_a_row_group_too_large_to_stream_is_refused(tmp_path: Path) -> None:
    """It cannot be read in pieces; the message says how to write the file."""
    rows = [Row(minute, "AAPL", 2.5) for minute in range(20)]
    paths = _write(tmp_path, [rows], 20)
    with pytest.raises(DataError, match=r"row groups of at most 16 bars.*smaller row groups"):
        load_dataset(paths, feed="f", sizes=Sizes(stream_above=0, part=4, group_max=16))
