"""The start of each bar as UTC nanoseconds, from ISO 8601 texts, epoch numbers or time columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import parse_time
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_market_data.adapters.table import RawTable

_WHOLE = r"^\s*\d+\s*$"
_ZONED = r"[T ]\d\d.*(Z|z|[+-]\d\d(:?\d\d)?)$"
# Epoch numbers tell their unit by magnitude: 1e11 s is the year 5138, 1e11 ms is 1973.
_UNITS_NS = ((10**11, 1_000_000_000), (10**14, 1_000_000), (10**17, 1_000), (2**63, 1))
_EXPECTED = "a time such as 2024-01-31T09:30:00Z or an epoch in s, ms, us or ns"


def start_times(table: RawTable) -> tuple[NDArray[np.int64], int]:
    """Return the times, and how many of them named no zone (they are taken as UTC)."""
    column = table.columns["timestamp"]
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise _bad(table, row, "nothing")
    times, naive = _converted(table, column)
    if (times < 0).any():
        row = int(np.flatnonzero(times < 0)[0])
        raise _bad(table, row, f"{column[row].as_py()}, before 1970")
    return times, naive


def _converted(table: RawTable, column: Any) -> tuple[NDArray[np.int64], int]:  # noqa: ANN401
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        zoned = pa.types.is_timestamp(kind) and kind.tz is not None
        return _nanoseconds(table, column), 0 if zoned else len(column)
    if pa.types.is_integer(kind):
        return _from_epoch(table, column.cast(pa.int64()).to_numpy()), 0
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_texts(table, column)
    raise DataError(table.file, _EXPECTED, f"a column of {kind}", column=table.names["timestamp"])


def _nanoseconds(table: RawTable, column: Any) -> NDArray[np.int64]:  # noqa: ANN401
    zone = column.type.tz if pa.types.is_timestamp(column.type) else None
    try:
        moments = column.cast(pa.timestamp("ns", zone))
    except pa.ArrowInvalid as error:
        raise DataError(
            table.file, "times from 1970 to 2262", str(error), column=table.names["timestamp"]
        ) from error
    times: NDArray[np.int64] = moments.cast(pa.int64()).to_numpy()
    return times


def _from_epoch(table: RawTable, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Multiply by the unit that the magnitude tells; a column with two units is an error."""
    first = int(numbers[0]) if table.epoch is None else table.epoch
    limits = np.array([limit for limit, _ in _UNITS_NS[:-1]])
    units = np.searchsorted(limits, np.abs(numbers), side="right")
    unit = int(np.searchsorted(limits, abs(first), side="right"))
    if (units != unit).any():
        row = int(np.flatnonzero(units != unit)[0])
        raise _bad(table, row, f"{numbers[row]}, of another magnitude than {first} in row 1")
    return numbers * _UNITS_NS[unit][1]


def _from_texts(table: RawTable, column: Any) -> tuple[NDArray[np.int64], int]:  # noqa: ANN401
    whole = pc.match_substring_regex(column, _WHOLE)
    if pc.all(whole).as_py():
        try:
            numbers = pc.utf8_trim_whitespace(column).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid as error:
            raise _bad(table, 0, str(error)) from error
        return _from_epoch(table, numbers), 0
    zoned = pc.match_substring_regex(column, _ZONED)
    naive = len(column) - int(pc.sum(zoned).as_py())
    if naive in {0, len(column)}:
        kind = pa.timestamp("ns", None if naive else "UTC")
        try:
            return column.cast(kind).cast(pa.int64()).to_numpy(), naive
        except pa.ArrowInvalid:
            pass  # Arrow names no row and reads fewer forms than the kernel: one by one, then.
    return _one_by_one(table, column)


def _one_by_one(table: RawTable, column: Any) -> tuple[NDArray[np.int64], int]:  # noqa: ANN401
    times = np.empty(len(column), np.int64)
    naive = 0
    for row, text in enumerate(column.to_pylist()):
        try:
            times[row], zoned = parse_time(text.strip())
        except (TimeError, OverflowError) as error:
            raise _bad(table, row, repr(text)) from error
        naive += not zoned
    return times, naive


def _bad(table: RawTable, row: int, found: str) -> DataError:
    where = (table.row_number(row), table.names["timestamp"])
    return DataError(table.file, _EXPECTED, found, "", *where)
