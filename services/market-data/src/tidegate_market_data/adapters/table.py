"""Reads a CSV or Parquet file, or a part of one, into its raw columns.

Nothing is judged here but the presence of the columns. A `Part` is what is read at a time: a CSV
file, or some consecutive row groups of a Parquet file.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv, parquet

from tidegate_market_data.errors import DataError

TIMESTAMP_NAMES = ("timestamp", "ts", "time", "datetime", "date")
"""Names under which the start of a bar is looked for, in this order."""

PRICE_COLUMNS = ("open", "high", "low", "close")
NUMBER_COLUMNS = (*PRICE_COLUMNS, "volume")
GREEK_COLUMNS = ("delta", "gamma", "vega", "theta")
_OPTIONAL = ("symbol", "venue")
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a file that are read at a time.

    ``groups`` are row groups of a Parquet file, none for a whole file; ``bar_count`` is None where
    only reading tells. ``first_row`` counts the rows of the file before this part, ``epoch`` is
    the file's first time when it is a number. ``stamp`` tells whether the file is still the same,
    ``is_whole`` whether this part is all of it.
    """

    path: Path
    groups: tuple[int, ...] = ()
    bar_count: int | None = None
    first_row: int = 0
    epoch: int | None = None
    stamp: tuple[int, int] = (0, 0)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class RawTable:
    """Columns of a file or a part under our names; `names` gives each its name in the file."""

    file: str
    stem: str
    columns: dict[str, pa.Array]
    names: dict[str, str]
    row_count: int
    first_row: int = 0
    epoch: int | None = None
    is_whole: bool = True

    def row_number(self, row: int) -> int:
        """Return which row of the file a row of this table is, counted from 1."""
        return self.first_row + row + 1


def data_files(path: Path) -> list[Path]:
    """Return the file, or the folder's CSV and Parquet files in the order of their names."""
    if path.is_file():
        if path.suffix not in SUFFIXES:
            raise DataError(str(path), "a .csv or .parquet file", path.suffix or "no suffix")
        return [path]
    if not path.is_dir():
        raise DataError(str(path), "a file or a folder", "nothing there", "check the path")
    files = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
    if not files:
        raise DataError(str(path), "a folder with <SYMBOL>.csv or .parquet", "no such file")
    return files


def parts_of(path: Path, bars_max: int) -> list[Part]:
    """Return the parts of a file: row groups are read together up to ``bars_max``.

    A file that cannot be read is a part, whose reading fails.
    """
    if path.suffix == ".csv":
        return [Part(path)]
    try:
        with parquet.ParquetFile(path) as file:
            return _grouped(path, file, bars_max)
    except (pa.ArrowException, OSError, DataError):
        return [Part(path)]


def read_table(path: Path) -> RawTable:
    """Read one file's needed columns; others are ignored."""
    return read_part(Part(path))


def read_part(part: Part, optional: tuple[str, ...] = ()) -> RawTable:
    """Read the needed columns of a part, and the optional ones if the file has them all."""
    path = part.path
    if part.groups and _stamp(path) != part.stamp:
        raise DataError(
            str(path), "the file as it was when it was checked", "another", "start anew"
        )
    try:
        table, names = (
            _read_csv(path, optional) if path.suffix == ".csv" else _read_parquet(part, optional)
        )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise DataError(str(path), f"a readable {path.suffix[1:]} file", found) from error
    if table.num_rows == 0:
        raise DataError(str(path), "at least one bar", "no rows")
    columns = {ours: _one_array(table.column(theirs)) for ours, theirs in names.items()}
    return RawTable(
        file=str(path),
        stem=path.stem,
        columns=columns,
        names=names,
        row_count=table.num_rows,
        first_row=part.first_row,
        epoch=part.epoch,
        is_whole=part.is_whole,
    )


def _grouped(path: Path, file: parquet.ParquetFile, bars_max: int) -> list[Part]:
    counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    runs: list[list[int]] = []
    held = bars_max
    for group, count in enumerate(counts):
        if held + count > bars_max:
            runs.append([])
            held = 0
        runs[-1].append(group)
        held += count
    epoch = _first_epoch(path, file) if len(runs) > 1 else None
    parts = []
    first_row = 0
    for run in runs:
        bar_count = sum(counts[group] for group in run)
        parts.append(
            Part(path, tuple(run), bar_count, first_row, epoch, _stamp(path), len(runs) == 1)
        )
        first_row += bar_count
    return [part for part in parts if part.bar_count] or [Part(path)]


def _first_epoch(path: Path, file: parquet.ParquetFile) -> int | None:
    name = _matched(path, file.schema_arrow.names)["timestamp"]
    batch = next(file.iter_batches(batch_size=1, columns=[name]))
    first = batch.column(0)[0].as_py()
    text = str(first).strip()
    return int(text) if text.isdecimal() else None


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def _read_csv(path: Path, optional: tuple[str, ...]) -> tuple[pa.Table, dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header = next(csv.reader(file), [])
    names = _matched(path, header, optional)
    options = arrow_csv.ConvertOptions(
        include_columns=list(names.values()),
        column_types=dict.fromkeys(names.values(), pa.string()),
        strings_can_be_null=True,
        null_values=[""],
    )
    # One thread: only then do pyarrow's errors name the row.
    return arrow_csv.read_csv(
        path, arrow_csv.ReadOptions(use_threads=False), convert_options=options
    ), names


def _read_parquet(part: Part, optional: tuple[str, ...]) -> tuple[pa.Table, dict[str, str]]:
    with parquet.ParquetFile(part.path, pre_buffer=False) as file:
        names = _matched(part.path, file.schema_arrow.names, optional)
        groups = part.groups or range(file.num_row_groups)
        table = file.read_row_groups(groups, columns=list(names.values()), use_threads=False)
    return table, names


def _matched(path: Path, found: list[str], optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Map our column names to the file's, whatever their case."""
    lower = {name.strip().lower(): name for name in reversed(found)}
    start = next((name for name in TIMESTAMP_NAMES if name in lower), None)
    missing = [name for name in NUMBER_COLUMNS if name not in lower]
    if start is None or missing:
        expected = ", ".join(("timestamp", "symbol", *NUMBER_COLUMNS))
        hint = "symbol may come from the file's name; venue is optional; case does not matter"
        raise DataError(
            str(path), f"columns {expected}", f"columns {', '.join(found) or '(none)'}", hint
        )
    names = {"timestamp": lower[start]}
    names |= {name: lower[name] for name in NUMBER_COLUMNS}
    together = optional if all(name in lower for name in optional) else ()
    return names | {name: lower[name] for name in (*_OPTIONAL, *together) if name in lower}


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
