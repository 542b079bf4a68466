"""Reads a CSV or Parquet file into its raw columns; nothing is judged here but their presence."""

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
_OPTIONAL = ("symbol", "venue")
SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class RawTable:
    """One file's columns under our names; `names` gives each its name in the file."""

    file: str
    stem: str
    columns: dict[str, pa.Array]
    names: dict[str, str]
    row_count: int


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


def read_table(path: Path) -> RawTable:
    """Read one file's needed columns; others are ignored."""
    try:
        table, names = _read_csv(path) if path.suffix == ".csv" else _read_parquet(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        found = " ".join(str(error).split())
        raise DataError(str(path), f"a readable {path.suffix[1:]} file", found) from error
    if table.num_rows == 0:
        raise DataError(str(path), "at least one bar", "no rows")
    columns = {ours: _one_array(table.column(theirs)) for ours, theirs in names.items()}
    return RawTable(str(path), path.stem, columns, names, table.num_rows)


def _read_csv(path: Path) -> tuple[pa.Table, dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header = next(csv.reader(file), [])
    names = _matched(path, header)
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


def _read_parquet(path: Path) -> tuple[pa.Table, dict[str, str]]:
    file = parquet.ParquetFile(path)
    names = _matched(path, file.schema_arrow.names)
    return file.read(columns=list(names.values())), names


def _matched(path: Path, found: list[str]) -> dict[str, str]:
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
    return names | {name: lower[name] for name in _OPTIONAL if name in lower}


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
