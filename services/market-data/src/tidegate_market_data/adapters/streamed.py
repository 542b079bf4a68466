"""Bars that are read from their files whenever they are asked for, a slab at a time.

They were checked once from end to end, as bars in memory are, before the first is given out; what
is kept is their instruments with the scales, and which part of which file holds which time. The
columns of one slab, and the parts that it comes from, are in memory at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from tidegate_market_data.adapters.dataset import Bars, Columns
from tidegate_market_data.adapters.greeks import no_greeks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.market import Bar, Instrument
    from tidegate_market_data.adapters.pieces import Piece
    from tidegate_market_data.adapters.scales import Scales
    from tidegate_market_data.adapters.slabs import Slabs


def columns_of(piece: Piece, scales: Scales, *, states_greeks: bool) -> Columns:
    """Return a piece as columns in the order in which its bars become known.

    ``states_greeks`` tells whether some file does: then every piece has their rows.
    """
    code_of = {key: code for code, key in enumerate(scales.keys)}
    codes = np.array([code_of[key] for key in piece.keys], np.int32)[piece.codes]
    values = np.vstack((piece.starts_ns, scales.integers(piece)))
    if states_greeks:
        stated = no_greeks(len(codes)) if piece.greeks is None else piece.greeks
        values = np.vstack((values, stated))
    if len(piece.keys) == 1:
        return Columns(codes, values)
    order = np.argsort(piece.starts_ns, kind="stable")
    return Columns(codes[order], values[:, order])


@dataclass(frozen=True, eq=False)
class StreamedDataset(Bars):
    """Bars in files; every question reads them anew."""

    feed: str
    timeframe_ns: int
    instruments: tuple[Instrument, ...]
    bars: int
    first_start_ns: int
    last_start_ns: int
    slabs: Slabs
    scales: Scales
    warnings: tuple[str, ...] = ()
    states_greeks: bool = False

    @property
    def bar_count(self) -> int:
        """How many bars there are."""
        return self.bars

    @property
    def first_ns(self) -> int:
        """Start of the first bar."""
        return self.first_start_ns

    @property
    def last_ns(self) -> int:
        """End of the last bar."""
        return self.last_start_ns + self.timeframe_ns

    @cached_property
    def instant_count(self) -> int:
        """How many instants (distinct ends) there are; the first answer reads everything."""
        return sum(len(np.unique(piece.starts_ns)) for piece in self.slabs.pieces())

    def chunks(self, after_ns: int = 0) -> Iterator[Columns]:
        """Yield the bars that end later than ``after_ns``, a slab at a time."""
        from_ns = after_ns - self.timeframe_ns + 1
        for piece in self.slabs.pieces(from_ns):
            codes, values = columns_of(piece, self.scales, states_greeks=self.states_greeks)
            first = int(np.searchsorted(values[0], from_ns))
            if first < len(codes):
                yield Columns(codes[first:], values[:, first:])

    def history(self, instrument: Instrument, from_ns: int, to_ns: int, limit: int) -> list[Bar]:
        """Return the first ``limit`` bars of an instrument that start in [from, to)."""
        return list(islice(self._of(instrument, from_ns, to_ns, limit), limit))

    def _of(self, instrument: Instrument, from_ns: int, to_ns: int, limit: int) -> Iterator[Bar]:
        wanted = self.instruments.index(instrument)
        for codes, values in self.chunks(from_ns + self.timeframe_ns - 1):
            chosen = np.flatnonzero((codes == wanted) & (values[0] < to_ns))[:limit]
            yield from self._made(codes[chosen], values[:, chosen])
            if values[0, -1] >= to_ns:
                return
