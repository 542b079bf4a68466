"""Prices and volumes: read as the floats that files hold, written as integers in a scale.

A float stands for its shortest decimal text: 0.1, not 0.1000000000000000055. The scale of a set
of values is the fewest places that hold them all, at most 8. `scaled` finds it without making a
text of every value: k = round(v x 10^s) divided by 10^s is correctly rounded while k < 2^53, so
it equals v exactly when v's shortest text has at most s places.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate_kernel.money import INT64_MAX, SCALE_MAX, round_to_scaled
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_market_data.adapters.table import RawTable

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_EXACT_BELOW = 2.0**53
# Below it, only one integer in a scale rounds to a given float.
_UNIQUE_BELOW = 2.0**51


@dataclass(frozen=True, slots=True)
class Scaled:
    """Integers in a scale, and how many values had more than 8 places and were rounded."""

    integers: NDArray[np.int64]
    scale: int
    rounded_count: int


def number_column(table: RawTable, name: str) -> NDArray[np.float64]:
    """Return a column as finite floats; the first value that is none is an error."""
    column = _numbers(table, name)
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise _bad(table, name, row, "nothing")
    values = _widened(column)
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise _bad(table, name, row, str(values[row]))
    return values


def sparse_column(table: RawTable, name: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN where it says nothing; infinity is an error."""
    values = _widened(_numbers(table, name).cast(pa.float64()).fill_null(np.nan))
    if np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise _bad(table, name, row, str(values[row]))
    return values


def scaled(values: NDArray[np.float64]) -> Scaled:
    """Write floats as integers in the smallest scale that holds all of their shortest texts."""
    integers, places, rounded = _exact(values)
    scale = int(places.max(initial=0))
    return Scaled(_lifted(integers, places, scale), scale, rounded)


def in_scale(values: NDArray[np.float64], scale: int) -> NDArray[np.int64]:
    """Write floats as integers in a scale that is large enough for all of them."""
    whole, fits = _whole(values, scale)
    if not fits.all():
        whole[~fits] = 0.0
        integers = whole.astype(np.int64)
        exact, places, _ = _exact(values[~fits])
        integers[~fits] = _lifted(exact, places, scale)
        return integers
    return whole.astype(np.int64)


class GrowingScale:
    """The smallest scale that holds all values seen so far, from a first one up to 8."""

    def __init__(self, first: int | None = None) -> None:
        """Nothing was seen yet."""
        self.scale = first or 0
        self.rounded_count = 0
        self._largest = 0.0
        self._is_beyond = False

    @property
    def may_overflow(self) -> bool:
        """Whether some value may need more than 64 bits in the scale; False is sure."""
        return self._is_beyond or self._largest * 10.0**self.scale >= _UNIQUE_BELOW

    def take(self, values: NDArray[np.float64]) -> None:
        """Grow for more values."""
        self._largest = max(self._largest, float(np.abs(values).max()))
        _, fits = _whole(values, self.scale)
        if fits.all():
            return
        try:
            _, places, rounded = _exact(values[~fits])
        except OverflowError:
            self._is_beyond = True
            return
        self.scale = max(self.scale, int(places.max()))
        self.rounded_count += rounded


def _whole(
    values: NDArray[np.float64], scale: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the values times 10^scale, rounded, and which of them are surely the integers."""
    whole = np.rint(values * 10.0**scale)
    return whole, (whole / 10.0**scale == values) & (np.abs(whole) < _UNIQUE_BELOW)


def _exact(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int8], int]:
    """Return each value as an integer in its own scale, and how many were rounded."""
    integers, places = _shortest(values)
    rounded = 0
    for index in np.flatnonzero(places < 0):
        exact = Decimal(repr(float(values[index])))
        exponent = exact.as_tuple().exponent
        assert isinstance(exponent, int), "number_column lets only finite numbers through"
        places[index] = min(max(-exponent, 0), SCALE_MAX)
        rounded += -exponent > SCALE_MAX
        integers[index] = round_to_scaled(exact, int(places[index]))
    return integers, places, rounded


def _shortest(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return each value as an integer in its own scale; places are -1 where none was found."""
    integers = np.zeros(len(values), np.int64)
    places = np.full(len(values), -1, np.int8)
    left = np.arange(len(values))
    for scale in range(SCALE_MAX + 1):
        candidates = values[left]
        whole = np.rint(candidates * 10.0**scale)
        fits = (whole / 10.0**scale == candidates) & (np.abs(whole) < _EXACT_BELOW)
        integers[left[fits]] = whole[fits].astype(np.int64)
        places[left[fits]] = scale
        left = left[~fits]
        if not len(left):
            break
    return integers, places


def _lifted(integers: NDArray[np.int64], places: NDArray[np.int8], scale: int) -> NDArray[np.int64]:
    """Bring every integer to one scale; beyond 64 bits is an error."""
    factors = 10 ** (scale - places.astype(np.int64))
    beyond = np.abs(integers) > INT64_MAX // factors
    if beyond.any():
        index = int(np.flatnonzero(beyond)[0])
        message = f"{integers[index]} with {scale} decimal places does not fit 64 bits"
        raise OverflowError(message)
    lifted: NDArray[np.int64] = integers * factors
    return lifted


def _widened(column: Any) -> NDArray[np.float64]:  # noqa: ANN401 - any Arrow number array
    """Return float64s with the same shortest text: a float32 0.1 becomes 0.1."""
    if not pa.types.is_float32(column.type):
        wide: NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
        return wide
    narrow: NDArray[np.float32] = column.to_numpy()
    values: NDArray[np.float64] = narrow.astype(np.float64)
    left = np.flatnonzero(np.isfinite(narrow))
    for scale in range(SCALE_MAX + 1):
        short = np.rint(narrow[left].astype(np.float64) * 10.0**scale) / 10.0**scale
        same = short.astype(np.float32) == narrow[left]
        values[left[same]] = short[same]
        left = left[~same]
    for index in left:
        values[index] = float(str(narrow[index]))
    return values


def _numbers(table: RawTable, name: str) -> Any:  # noqa: ANN401 - an Arrow array
    column = table.columns[name]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _parsed(table, name, column)
    if not _is_number(column.type):
        raise DataError(
            table.file, "a column of numbers", str(column.type), column=table.names[name]
        )
    return column


def _parsed(table: RawTable, name: str, column: Any) -> Any:  # noqa: ANN401 - Arrow arrays
    readable = pc.match_substring_regex(column, _NUMBER).fill_null(True)  # noqa: FBT003
    bad = np.flatnonzero(~readable.to_numpy(zero_copy_only=False))
    if len(bad):
        raise _bad(table, name, int(bad[0]), repr(column[int(bad[0])].as_py()))
    return pc.utf8_trim_whitespace(column).cast(pa.float64())


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    )


def _bad(table: RawTable, name: str, row: int, found: str) -> DataError:
    where = (table.row_number(row), table.names[name])
    return DataError(table.file, "a finite number", found, "", *where)
