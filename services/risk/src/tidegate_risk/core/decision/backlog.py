"""Bars that came as columns, and of which the market knows no more than the newest closes.

What a listing's newest bars were like, and closes sampled at steps of time, are for decisions. So
they wait for the next one, and then take all bars since the last in one stretch. On the wall's
clock bars come one by one, and nothing waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.book.market import Market

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.portfolio.sampling import Samples


class Backlog:
    """Rows of one frame, without a gap, that have marked the market and nothing else."""

    def __init__(self, book: Book, samples: Samples) -> None:
        self._book = book
        self._samples = samples
        self._frame: Frame | None = None
        self._first = self._last = 0
        # The newest bars of before the first row: samples begin from these.
        self._bars: dict[str, Bar] = {}

    def add(self, frame: Frame, first: int, last: int) -> None:
        """Let rows wait, before the market is told of them."""
        if frame is not self._frame or first != self._last:
            self.clear()
            self._frame, self._first, self._bars = frame, first, dict(self._book.market.bars)
        self._last = last

    def goes_on_with(self, bar: Bar) -> bool:
        """Tell whether a bar is the next row, and let it wait too if it is."""
        frame, row = self._frame, self._last
        if frame is None or row == len(frame) or frame.bar(row) != bar:
            return False
        self._last = row + 1
        return True

    def clear(self) -> None:
        """Give the rows that wait to those for whom they do."""
        frame = self._frame
        if frame is None:
            return
        self._frame = None
        self._book.take_recent(frame, self._first, self._last)
        known = len(self._bars)
        self._samples.advance(frame, self._first, self._last, Market(bars=self._bars))
        if len(self._bars) > known:
            # The market may have heard of new listings in another order.
            self._samples.fold()
