"""What files state of options: the columns of their Greeks, in integers of 8 places.

A row has all four or none. They are those of the bar's end, for one unit of the underlying, in the
units of `OptionGreeks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate_contracts.frame import GREEK_PLACES, NO_GREEK
from tidegate_market_data.adapters.numbers import sparse_column
from tidegate_market_data.adapters.table import GREEK_COLUMNS
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_market_data.adapters.table import RawTable

_LARGEST = (1.0, 1e9, 1e9, 1e9)
"""The largest size of each: a delta above 1 is one of a contract, or in percent."""


def stated_greeks(table: RawTable) -> NDArray[np.int64] | None:
    """Return the Greeks of each row (4, n), `NO_GREEK` where none are; None without the columns."""
    if not all(name in table.columns for name in GREEK_COLUMNS):
        return None
    values = np.stack([sparse_column(table, name) for name in GREEK_COLUMNS])
    missing = np.isnan(values)
    _require_none(table, missing & ~missing.all(axis=0), "all four Greeks or none", "nothing")
    for row, largest in enumerate(_LARGEST):
        beyond = np.zeros_like(missing)
        beyond[row] = np.abs(values[row]) > largest
        expected = f"a number of at most {largest:g} for a unit of the underlying"
        _require_none(table, beyond, expected, "a larger one")
    lifted = np.rint(np.where(missing, 0.0, values) * 10.0**GREEK_PLACES).astype(np.int64)
    return np.where(missing, NO_GREEK, lifted)


def no_greeks(count: int) -> NDArray[np.int64]:
    """Return what rows of a file without the columns state."""
    return np.full((len(GREEK_COLUMNS), count), NO_GREEK, np.int64)


def _require_none(table: RawTable, wrong: NDArray[np.bool_], expected: str, found: str) -> None:
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong.any(axis=0))[0])
    name = table.names[GREEK_COLUMNS[int(wrong[:, row].argmax())]]
    raise DataError(table.file, expected, found, "", table.row_number(row), name)
