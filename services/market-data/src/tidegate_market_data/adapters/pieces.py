"""Rows of several parts put together: by venue, symbol and start, then as they stand in the files.

Everything that is asked across rows (the same bar twice, the steps, the scales) is asked of
pieces, one after the other. A piece holds all rows of one part, or of one range of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tidegate_market_data.adapters.greeks import no_greeks
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tidegate_market_data.adapters.rows import Rows

Key = tuple[str, str]
"""An instrument's venue and symbol."""

T = TypeVar("T", bound=np.generic)
_NARROW_MAX = 2**16


@dataclass(frozen=True, slots=True)
class Piece:
    """Sorted rows; ``keys`` are sorted, ``codes`` say which of them a row belongs to.

    ``numbers`` (5, n) holds open, high, low, close and volume; ``greeks`` (4, n), where some part
    has them, what its rows state.
    """

    keys: list[Key]
    codes: NDArray[np.int64]
    starts_ns: NDArray[np.int64]
    numbers: NDArray[np.float64]
    files: list[str]
    file_codes: NDArray[np.int64]
    row_numbers: NDArray[np.int64]
    greeks: NDArray[np.int64] | None = None

    def segments(self) -> Iterator[tuple[Key, slice]]:
        """Yield the rows of each key."""
        edges = np.searchsorted(self.codes, np.arange(len(self.keys) + 1))
        for key, (first, last) in zip(self.keys, pairwise(edges), strict=True):
            yield key, slice(int(first), int(last))

    def segment(self, wanted: Key) -> slice | None:
        """Return the rows of one key; None when there are none."""
        return next((segment for key, segment in self.segments() if key == wanted), None)

    def file(self, place: int) -> str:
        """Return the file of a row."""
        return self.files[int(self.file_codes[place])]

    def error(self, place: int, expected: str, found: str, hint: str = "") -> DataError:
        """Return an error about a row's start."""
        row = int(self.row_numbers[place])
        return DataError(self.file(place), expected, found, hint, row, "timestamp")


def piece_of(parts: Sequence[Rows]) -> Piece:
    """Sort the rows of some parts, which come in the order of the files."""
    present = [np.flatnonzero(np.bincount(part.codes)) for part in parts]
    keys = sorted(
        {part.keys[code] for part, codes in zip(parts, present, strict=True) for code in codes}
    )
    place = {key: code for code, key in enumerate(keys)}
    maps = [np.array([place.get(key, -1) for key in part.keys], np.int64) for part in parts]
    codes = _joined([m[part.codes] for m, part in zip(maps, parts, strict=True)])
    starts_ns = _joined([part.starts_ns for part in parts])
    order = _order(codes, starts_ns, len(keys))
    return Piece(
        keys,
        codes[order],
        starts_ns[order],
        _joined([part.numbers for part in parts])[:, order],
        [part.file for part in parts],
        np.repeat(np.arange(len(parts)), [len(part.codes) for part in parts])[order],
        _joined([part.row_numbers for part in parts])[order],
        _joined_greeks(parts, order),
    )


def _joined(arrays: list[NDArray[T]]) -> NDArray[T]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)


def _joined_greeks(
    parts: Sequence[Rows], order: NDArray[np.int64] | slice
) -> NDArray[np.int64] | None:
    if all(part.greeks is None for part in parts):
        return None
    stated = [no_greeks(len(each.codes)) if each.greeks is None else each.greeks for each in parts]
    return _joined(stated)[:, order]


def _order(
    codes: NDArray[np.int64], starts_ns: NDArray[np.int64], key_count: int
) -> NDArray[np.int64] | slice:
    """Return the order by code and start; rows that are equal in both stay as they stand."""
    order: NDArray[np.int64] | slice = slice(None)
    if (np.diff(starts_ns) < 0).any():
        order = np.argsort(starts_ns, kind="stable")
    if key_count == 1:
        return order
    # A stable sort of 16-bit integers is a radix sort.
    narrow = codes.astype(np.uint16) if key_count <= _NARROW_MAX else codes
    by_key: NDArray[np.int64] = np.argsort(narrow[order], kind="stable")
    return by_key if isinstance(order, slice) else order[by_key]
