"""The scales of each symbol across pieces: the smallest that hold its prices and its volumes.

Those that the configuration declares are used as they are, and must be large enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate_kernel.money import SCALE_MAX
from tidegate_market_data.adapters.instruments import as_described, instrument_of
from tidegate_market_data.adapters.numbers import GrowingScale, in_scale
from tidegate_market_data.adapters.steps import first_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate_chassis.configuration.models import InstrumentConfiguration
    from tidegate_contracts.market import Instrument
    from tidegate_market_data.adapters.pieces import Key, Piece
    from tidegate_market_data.adapters.steps import Pieces

_PRICES, _VOLUMES = slice(0, 4), slice(4, 5)
_LOW = 2


class _Known:
    def __init__(self, said: InstrumentConfiguration | None) -> None:
        self.said = said
        self.prices = GrowingScale(said.price_scale if said is not None else None)
        self.sizes = GrowingScale(said.size_scale if said is not None else None)
        self.lowest = np.inf

    def outgrown(self) -> tuple[str, int, int] | None:
        """Return a declared scale that was too small: its name, itself, and what is needed."""
        if self.said is None:
            return None
        for name, declared, used in (
            ("price_scale", self.said.price_scale, self.prices.scale),
            ("size_scale", self.said.size_scale, self.sizes.scale),
        ):
            if declared is not None and used > declared:
                return name, declared, used
        return None


class Scales:
    """What is known of every symbol's numbers."""

    def __init__(self, described: Sequence[InstrumentConfiguration] = ()) -> None:
        """Nothing was seen yet; ``described`` is what the configuration says of symbols."""
        self._described = {each.symbol: each for each in described}
        self._known: dict[Key, _Known] = {}

    @property
    def keys(self) -> list[Key]:
        """Every symbol, sorted."""
        return sorted(self._known)

    def take(self, piece: Piece) -> None:
        """Take a piece."""
        for key, segment in piece.segments():
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = _Known(self._described.get(key[1]))
            numbers = piece.numbers[:, segment]
            known.prices.take(numbers[_PRICES])
            known.sizes.take(numbers[_VOLUMES])
            known.lowest = min(known.lowest, float(numbers[_LOW].min()))

    def require_fit(self, pieces: Pieces) -> None:
        """Refuse numbers that need more than 64 bits or their declared places, and a price of 0."""
        for key in self.keys:
            known = self._known[key]
            if (outgrown := known.outgrown()) is not None:
                _refuse_places(pieces, key, *outgrown)
            for rows, scale in ((_PRICES, known.prices), (_VOLUMES, known.sizes)):
                if scale.may_overflow:
                    _require_bits(pieces, key, rows, scale.scale)
            if known.lowest < 10.0**-SCALE_MAX:
                _require_positive(pieces, key, known.prices.scale)

    def instruments(self, feed: str) -> tuple[Instrument, ...]:
        """Describe every symbol."""
        found = [(key, self._known[key]) for key in self.keys]
        return tuple(
            as_described(
                instrument_of(feed, *key, known.prices.scale, known.sizes.scale), known.said
            )
            for key, known in found
        )

    def warnings(self) -> list[str]:
        """Tell what was rounded."""
        counts = {
            key[1]: self._known[key].prices.rounded_count + self._known[key].sizes.rounded_count
            for key in self.keys
        }
        return [
            f"{symbol}: {count} values have more than {SCALE_MAX} decimal places and were "
            "rounded half-even"
            for symbol, count in counts.items()
            if count
        ]

    def integers(self, piece: Piece) -> NDArray[np.int64]:
        """Write a piece's numbers (5, n) in their symbols' scales."""
        integers = np.empty(piece.numbers.shape, np.int64)
        for key, segment in piece.segments():
            known, numbers = self._known[key], piece.numbers[:, segment]
            integers[_PRICES, segment] = in_scale(numbers[_PRICES], known.prices.scale)
            integers[_VOLUMES, segment] = in_scale(numbers[_VOLUMES], known.sizes.scale)
        return integers


def _refuse_places(pieces: Pieces, key: Key, name: str, declared: int, needed: int) -> None:
    first, place = first_place(pieces, key)
    expected = f"{key[1]} to need at most {declared} decimal places, its {name} in `instruments:`"
    hint = f"set {name}: {needed}, or leave it out"
    raise first.error(place, expected, str(needed), hint)


def _require_bits(pieces: Pieces, key: Key, rows: slice, scale: int) -> None:
    for piece in pieces():
        segment = piece.segment(key)
        if segment is None:
            continue
        numbers = piece.numbers[rows, segment]
        if _found_beyond(numbers, scale):
            beyond = next(found for bar in numbers.T if (found := _found_beyond(bar, scale)))
            first, place = first_place(pieces, key)
            raise first.error(place, f"{key[1]} to fit 64 bits", beyond)


def _found_beyond(numbers: NDArray[np.float64], scale: int) -> str:
    try:
        in_scale(numbers, scale)
    except OverflowError as error:
        return str(error)
    return ""


def _require_positive(pieces: Pieces, key: Key, scale: int) -> None:
    for piece in pieces():
        segment = piece.segment(key)
        if segment is None:
            continue
        lows = piece.numbers[_LOW, segment]
        none = np.flatnonzero(in_scale(lows, scale) <= 0)
        if len(none):
            place = segment.start + int(none[0])
            expected = f"prices of at least 1e-{SCALE_MAX}"
            raise piece.error(place, expected, str(piece.numbers[_LOW, place]))
