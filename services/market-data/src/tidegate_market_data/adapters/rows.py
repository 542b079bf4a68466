"""One part's rows as arrays, each value judged; the first bad one names its row and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate_market_data.adapters.greeks import stated_greeks
from tidegate_market_data.adapters.numbers import number_column
from tidegate_market_data.adapters.table import NUMBER_COLUMNS, PRICE_COLUMNS, RawTable
from tidegate_market_data.adapters.timestamps import start_times
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SYMBOL_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Rows:
    """Valid bars of one file or part, in the file's order.

    ``keys`` are the (venue, symbol) pairs and ``codes`` each row's place in them; ``numbers``
    holds open, high, low, close and volume; ``greeks`` (4, n), where they are read, what the file
    states of them (`stated_greeks`).
    """

    file: str
    keys: tuple[tuple[str, str], ...]
    codes: NDArray[np.int64]
    starts_ns: NDArray[np.int64]
    numbers: NDArray[np.float64]
    naive_count: int
    row_numbers: NDArray[np.int64]
    greeks: NDArray[np.int64] | None = None


def judged_rows(table: RawTable, default_venue: str) -> Rows:
    """Convert and judge a file's rows."""
    starts_ns, naive_count = start_times(table)
    numbers = np.stack([number_column(table, name) for name in NUMBER_COLUMNS])
    _require_possible(table, numbers)
    keys, codes = _keys(table, default_venue)
    rows = np.arange(table.row_count) + table.row_number(0)
    greeks = stated_greeks(table)
    return Rows(table.file, keys, codes, starts_ns, numbers, naive_count, rows, greeks)


def only(rows: Rows, symbols: tuple[str, ...]) -> Rows:
    """Keep the rows of some symbols; none given means all."""
    if not symbols:
        return rows
    wanted = np.array([symbol in symbols for _, symbol in rows.keys], bool)
    return _kept(rows, wanted[rows.codes])


def between(rows: Rows, from_ns: int, to_ns: int) -> Rows:
    """Keep the rows that start in [from, to)."""
    keep = (rows.starts_ns >= from_ns) & (rows.starts_ns < to_ns)
    return rows if keep.all() else _kept(rows, keep)


def _kept(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    return Rows(
        rows.file,
        rows.keys,
        rows.codes[keep],
        rows.starts_ns[keep],
        rows.numbers[:, keep],
        rows.naive_count if keep.any() else 0,
        rows.row_numbers[keep],
        None if rows.greeks is None else rows.greeks[:, keep],
    )


def _require_possible(table: RawTable, numbers: NDArray[np.float64]) -> None:
    """Refuse a bar that cannot have happened, naming the first and how many more there are."""
    opened, high, low, closed, volume = numbers
    rules = (
        ("low", low <= 0, "a price above 0"),
        ("high", high < np.maximum(opened, closed), "high >= open and close"),
        ("low", low > np.minimum(opened, closed), "low <= open and close"),
        ("volume", volume < 0, "a volume of 0 or more"),
    )
    for column, broken, expected in rules:
        if not broken.any():
            continue
        rows = np.flatnonzero(broken)
        row = int(rows[0])
        names = PRICE_COLUMNS if column != "volume" else ("volume",)
        found = ", ".join(f"{name} {table.columns[name][row].as_py()}" for name in names)
        count = f"{len(rows) - 1}" if table.is_whole else f"at least {len(rows) - 1}"
        more = f"{count} more rows have the same fault" if len(rows) > 1 else ""
        raise DataError(
            table.file, expected, found, more, table.row_number(row), table.names[column]
        )


def _keys(
    table: RawTable, default_venue: str
) -> tuple[tuple[tuple[str, str], ...], NDArray[np.int64]]:
    symbols, symbol_codes = _texts(table, "symbol", table.stem)
    venues, venue_codes = _texts(table, "venue", default_venue)
    pairs = venue_codes * len(symbols) + symbol_codes
    counts = np.bincount(pairs, minlength=len(venues) * len(symbols))
    present = np.flatnonzero(counts)
    places = np.cumsum(counts > 0) - 1
    keys = [(venues[int(p) // len(symbols)], symbols[int(p) % len(symbols)]) for p in present]
    return tuple(keys), places[pairs]


def _texts(table: RawTable, name: str, default: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return a text column's distinct values and each row's place in them."""
    if name not in table.columns:
        return [default], np.zeros(table.row_count, np.int64)
    column = table.columns[name]
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise DataError(table.file, "a column of texts", str(column.type), column=name)
    length = pc.fill_null(pc.utf8_length(column), 0).to_numpy(zero_copy_only=False)
    bad = np.flatnonzero((length == 0) | (length > SYMBOL_LENGTH_MAX))
    if len(bad):
        row = int(bad[0])
        expected = f"1 to {SYMBOL_LENGTH_MAX} characters"
        raise DataError(
            table.file, expected, repr(column[row].as_py()), row=table.row_number(row), column=name
        )
    encoded = column.dictionary_encode()
    codes: NDArray[np.int64] = encoded.indices.to_numpy().astype(np.int64)
    return encoded.dictionary.to_pylist(), codes
