"""When closes are sampled: at two steps, each bar costing one comparison for both.

Bars come one by one (`take`, for a bar that ends after `due_ns`) or as columns (`advance`). Both
leave the same rows; a property test holds them to it. A stretch of a frame that crosses few
boundaries is walked from one to the next; where it crosses many, the closes at all but the first
are looked up at once, and only the newest rows, those that a window keeps, are looked up at all.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.portfolio.window import NEVER_NS, ReturnWindow, WindowSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar, Instrument
    from tidegate_risk.core.book.market import Market

NS_PER_HOUR = 3_600 * NS_PER_SECOND
ANY_BAR_NS = -1
WALKED_BOUNDARIES_MAX = 4
"""A stretch of more hours than this is looked through as columns."""


class SamplesSnapshot(msgspec.Struct, frozen=True):
    """Both windows as they are written down."""

    daily: WindowSnapshot
    hourly: WindowSnapshot


class Samples:
    """The daily and the hourly window of a session's closes."""

    def __init__(self, daily_rows: int, hourly_rows: int) -> None:
        self.daily = ReturnWindow(NS_PER_DAY, daily_rows)
        self.hourly = ReturnWindow(NS_PER_HOUR, hourly_rows)
        self.due_ns = ANY_BAR_NS
        """A bar that ends later than this closes a row or begins one."""

    def take(self, bar: Bar, market: Market) -> None:
        """Take a bar that ends after `due_ns`, before the market has heard of it."""
        for window in (self.daily, self.hourly):
            if bar.timeframe_ns <= window.step_ns:
                if window.boundary_ns < bar.end_ns:
                    window.close_row(market.bars)
                if window.boundary_ns < bar.end_ns or window.boundary_ns == NEVER_NS:
                    window.boundary_ns = window.boundary_of(bar.end_ns)
        self._set_due()

    def advance(self, frame: Frame, first: int, last: int, market: Market) -> None:
        """Take the rows of a frame; the market is told of some of them."""
        # What lies before `first` has been taken, or its feed has not published it.
        row = max(first, frame.row_at(self.due_ns + 1))
        # The first is always walked to: it tells both windows in which boundary they stand.
        walks = WALKED_BOUNDARIES_MAX
        if frame.end_ns(last - 1) - self.due_ns > walks * NS_PER_HOUR:
            walks = 1
        while row < last and walks > 0:
            for bar in frame.last_bars(first, row):
                market.mark(bar)
            self.take(frame.bar(row), market)
            first, row = row, max(row, frame.row_at(self.due_ns + 1))
            walks -= 1
        if row < last:
            for window in (self.daily, self.hourly):
                if frame.timeframe_ns <= window.step_ns:
                    _look_up(window, frame, (first, last), market)
            self._set_due()

    def fold(self) -> None:
        """Make columns of the rows that wait."""
        self.daily.fold()
        self.hourly.fold()

    def forget(self, known: Instrument | None, instrument: Instrument) -> None:
        """Drop a listing's closes if its prices are written in another scale from now on."""
        if known is not None and known.price_scale != instrument.price_scale:
            listing = listing_of(instrument.venue, instrument.symbol)
            self.daily.forget(listing)
            self.hourly.forget(listing)

    def snapshot(self) -> SamplesSnapshot:
        """Return both windows."""
        return SamplesSnapshot(daily=self.daily.snapshot(), hourly=self.hourly.snapshot())

    def load(self, snapshot: SamplesSnapshot) -> None:
        """Continue where a snapshot was taken."""
        self.daily.load(snapshot.daily)
        self.hourly.load(snapshot.hourly)
        self._set_due()

    def _set_due(self) -> None:
        due_ns = min(self.daily.boundary_ns, self.hourly.boundary_ns)
        self.due_ns = ANY_BAR_NS if due_ns == NEVER_NS else due_ns


def _look_up(window: ReturnWindow, frame: Frame, rows: tuple[int, int], market: Market) -> None:
    """Append the rows of all boundaries that a stretch of a frame crosses."""
    first, last = rows
    end_ns = frame.end_ns(last - 1)
    if end_ns <= window.boundary_ns:
        return
    before, window.boundary_ns = window.boundary_ns, window.boundary_of(end_ns)
    times = np.arange(before, window.boundary_ns, window.step_ns)
    # The first rows after each boundary: equal ones have no bar between, so no row either.
    starts = frame.values[0, first:last]
    begins = first + starts.searchsorted(times - frame.timeframe_ns, "right")
    has_row = np.concatenate([[True], begins[1:] != begins[:-1]])
    times, begins = times[has_row][-window.rows_max :], begins[has_row][-window.rows_max :]
    columns = {
        listing: np.full(len(begins), bar.close, np.int64) for listing, bar in market.bars.items()
    }
    columns.update(_closes_before(frame, first, begins, market))
    window.append(tuple(columns), times, np.stack(list(columns.values())))


def _closes_before(
    frame: Frame, first: int, begins: NDArray[np.int64], market: Market
) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each listing's newest closes before some rows of a frame, as the market marks them.

    Listings come in the order of their first bars; one without a bar before the last row, never.
    """
    found = []
    for part, instrument in zip(frame.parts, frame.instruments, strict=True):
        listing = listing_of(instrument.venue, instrument.symbol)
        known = market.bars.get(listing)
        news = part.place_of(first)
        if known is not None:
            side: Literal["left", "right"] = (
                "left" if frame.timeframe_ns < known.timeframe_ns else "right"
            )
            start_ns = known.end_ns - frame.timeframe_ns
            news = max(news, int(part.values[0].searchsorted(start_ns, side)))
        places = begins if part.rows is None else part.rows.searchsorted(begins)
        if places[-1] <= news:
            continue
        before = 0 if known is None else known.close
        closes = np.where(places > news, part.values[4, np.maximum(places - 1, 0)], before)
        found.append((part.row_of(news, len(frame)), listing, closes))
    yield from ((listing, closes) for _, listing, closes in sorted(found, key=itemgetter(0)))
