"""The last bars of one listing, of which those in frames are only made when they are looked at.

An order that arrives late by the wall's time looks at the remembered bars first. In a frame no
order arrives late, so nobody looks: only the newest bar is made, for its price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """Bars of one instrument in a frame that have not been made."""

    frame: Frame
    code: int
    first: int
    last: int

    def bars(self, count: int) -> list[Bar]:
        """Make the last of them."""
        return self.frame.newest(self.code, count, self.first, self.last)


class RememberedBars:
    """``newest`` is the list that the venue's book holds; what came before it is kept here."""

    def __init__(self, newest: list[Bar], count_max: int) -> None:
        """``newest`` holds at most ``count_max`` bars, oldest first."""
        self.newest = newest
        self._count_max = count_max
        self._earlier: list[list[Bar] | Stretch] = []

    def append(self, bar: Bar) -> None:
        """Remember one more bar."""
        newest = self.newest
        newest.append(bar)
        if len(newest) >= self._count_max:
            self._earlier.clear()
            del newest[: -self._count_max]

    def skip(self, stretch: Stretch, newest: Bar) -> None:
        """Remember the bars of a stretch, of which the newest is given."""
        if self.newest:
            self._earlier.append(self.newest.copy())
        self._earlier.append(stretch)
        # Two bars of a stretch and all that came between two stretches are more than enough.
        del self._earlier[: -2 * self._count_max]
        self.newest[:] = [newest]

    def complete(self) -> list[Bar]:
        """Make every remembered bar; afterwards ``newest`` holds all of them."""
        for piece in reversed(self._earlier):
            missing = self._count_max - len(self.newest)
            if missing <= 0:
                break
            bars = piece.bars(missing + 1) if isinstance(piece, Stretch) else piece
            known = self.newest[0].start_ns
            self.newest[:0] = [bar for bar in bars if bar.start_ns < known][-missing:]
        self._earlier.clear()
        return self.newest

    def forget(self) -> None:
        """Remember nothing: what came before measures nothing of what comes."""
        self.newest.clear()
        self._earlier.clear()

    def before(self, bar: Bar, count: int) -> list[Bar]:
        """Return the last bars that start before one, oldest first, at most ``count``."""
        return [each for each in self.complete() if each.start_ns < bar.start_ns][-count:]

    def since(self, caused_at_ns: int) -> list[Bar]:
        """Return the bars that start at or after a cause: no earlier one fills its order."""
        if not self.newest or self.newest[-1].start_ns < caused_at_ns:
            return []
        if self._earlier and self.newest[0].start_ns >= caused_at_ns:
            self.complete()
        return [bar for bar in self.newest if bar.start_ns >= caused_at_ns]
