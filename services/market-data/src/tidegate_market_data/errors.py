"""The service's error tree.

::

    MarketDataError
    └── DataError   data on disk cannot be used; names file, row and column
"""

from __future__ import annotations

from dataclasses import dataclass


class MarketDataError(Exception):
    """Something about market data is not as it must be."""


@dataclass(eq=False)
class DataError(MarketDataError):
    """Data on disk cannot be used.

    ``row`` counts the data rows of the file from 1, so a CSV's header is not counted; None when
    the whole file or column is meant.
    """

    file: str
    expected: str
    found: str
    hint: str = ""
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Write the error as one line: where, what was expected, what came, what to do."""
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        hint = f" ({self.hint})" if self.hint else ""
        return f"{', '.join(place)}: expected {self.expected}, found {self.found}{hint}"
