"""Closes at declared steps of event time, and the returns between them: bounded, and in the state.

1. A step is a length of time. Its boundaries are the multiples of that length since the epoch.
2. The first bar that ends after the boundary in which a step stands closes a row: the newest close
   of every listing that has had a bar, as they were before that bar. What was not traded since
   keeps its last close, so that its later returns hold what it missed.
3. Bars longer than a step do not move it: a daily bar knows nothing about hours. A boundary up to
   which no bar came has no row, so nights and holidays take no room.
4. A row is a reference to bars that exist anyway. Rows become columns when somebody looks: an
   estimate, a snapshot, or `PENDING_MAX` rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tidegate_contracts.market import Bar

    Reals = NDArray[np.float64]
    Wholes = NDArray[np.int64]

PENDING_MAX = 256
"""Rows that wait for their columns at most."""
NEVER_NS = 2**63 - 1


class WindowSnapshot(msgspec.Struct, frozen=True):
    """A window as it is written down: 64-bit integers, listing by listing in their names' order."""

    step_ns: int
    boundary_ns: int
    listings: tuple[str, ...]
    times: bytes
    closes: bytes


class ReturnWindow:
    """The last ``rows_max`` rows of one step.

    ``boundary_ns`` is the boundary in which the step stands; `NEVER_NS` before its first bar.
    """

    def __init__(self, step_ns: int, rows_max: int) -> None:
        self.step_ns = step_ns
        self.rows_max = rows_max
        self.boundary_ns = NEVER_NS
        self.newest_ns = 0
        """The time of the newest row."""
        self.forgotten = 0
        """How often a listing was forgotten: what was worked out before that may not hold."""
        self._columns: dict[str, int] = {}
        self._pending: list[tuple[int, tuple[Bar, ...]]] = []
        self._pending_listings: Iterable[str] = ()
        # Both buffers slide: when their end is reached, the newest rows move to the beginning.
        self._times: Wholes = np.zeros(2 * rows_max, np.int64)
        self._closes: Wholes = np.zeros((0, 2 * rows_max), np.int64)
        self._returns: Reals = np.zeros((0, 2 * rows_max), np.float64)
        self._end = 0

    def boundary_of(self, end_ns: int) -> int:
        """Return the boundary up to which a bar that ends then belongs."""
        return -(-end_ns // self.step_ns) * self.step_ns

    def close_row(self, bars: dict[str, Bar]) -> None:
        """Close the row of the present boundary with the newest bar of every listing."""
        self._pending.append((self.boundary_ns, tuple(bars.values())))
        self.newest_ns = self.boundary_ns
        self._pending_listings = bars
        if len(self._pending) >= PENDING_MAX:
            self.fold()

    def append(self, listings: Sequence[str], times: Wholes, closes: Wholes) -> None:
        """Take rows as columns: ``times`` (n,), ``closes`` (listings, n), 0 where there is none."""
        self.fold()
        if len(times):
            self.newest_ns = int(times[-1])
            self._append(listings, times[-self.rows_max :], closes[:, -self.rows_max :])

    def fold(self) -> None:
        """Make columns of the rows that wait."""
        if not self._pending:
            return
        pending, self._pending = self._pending[-self.rows_max :], []
        width = len(pending[-1][1])
        rows = [[bar.close for bar in bars] + [0] * (width - len(bars)) for _, bars in pending]
        times = np.array([at_ns for at_ns, _ in pending], np.int64)
        self._append(list(self._pending_listings)[:width], times, np.array(rows, np.int64).T)

    def forget(self, listing: str) -> None:
        """Drop a listing's closes: from now on they are written in other units."""
        self.fold()
        column = self._columns.get(listing)
        if column is not None:
            self.forgotten += 1
            self._closes[column] = 0
            self._returns[column] = 0.0

    def rows(self, until_ns: int = NEVER_NS) -> tuple[int, int]:
        """Return the first place and the one after the last of the rows up to a time."""
        self.fold()
        begin = max(0, self._end - self.rows_max)
        end = begin + int(self._times[begin : self._end].searchsorted(until_ns, "right"))
        return begin, end

    def time_of(self, place: int) -> int:
        """Return the time of the row at a place."""
        return int(self._times[place])

    def days(self, begin: int, end: int) -> int:
        """Return on how many UTC days the rows of a part fall."""
        days = self._times[begin:end] // NS_PER_DAY
        return int(np.count_nonzero(days[1:] != days[:-1])) + 1 if len(days) else 0

    def returns(self, listing: str, begin: int, end: int) -> Reals:
        """Return a listing's returns into the rows of a part, (rows,), as far back as it has them.

        A row's return is its close over the one of the row before, less 1. The first row of all
        has none, so there is one return fewer than rows.
        """
        column = self._columns.get(listing)
        if column is None or end - begin < 1:
            return np.zeros(0)
        known = int(np.count_nonzero(self._closes[column, begin:end]))
        first = max(end - known + 1, begin + 1)
        return self._returns[column, first:end]

    def listings(self) -> tuple[str, ...]:
        """Return every listing that has a close, in the order of their names."""
        self.fold()
        return tuple(sorted(self._columns))

    def snapshot(self) -> WindowSnapshot:
        """Return the whole window."""
        begin, end = self.rows()
        listings = self.listings()
        columns = [self._columns[each] for each in listings]
        return WindowSnapshot(
            step_ns=self.step_ns,
            boundary_ns=self.boundary_ns,
            listings=listings,
            times=self._times[begin:end].tobytes(),
            closes=self._closes[columns, begin:end].tobytes(),
        )

    def load(self, snapshot: WindowSnapshot) -> None:
        """Continue where a snapshot was taken."""
        times = np.frombuffer(snapshot.times, np.int64)
        shape = (len(snapshot.listings), len(times))
        closes = np.frombuffer(snapshot.closes, np.int64).reshape(shape)
        self.boundary_ns = snapshot.boundary_ns
        self.append(snapshot.listings, times, closes)

    def _append(self, listings: Sequence[str], times: Wholes, closes: Wholes) -> None:
        columns = self._widened(listings)
        count = len(times)
        if self._end + count > len(self._times):
            self._slide()
        first, self._end = self._end, self._end + count
        self._times[first : self._end] = times
        # A listing that has a column has had a bar, so nothing is left without a close.
        self._closes[columns, first : self._end] = closes
        before = max(first - 1, 0)
        old = self._closes[:, before : self._end - 1]
        new = self._closes[:, before + 1 : self._end]
        moved = self._returns[:, before + 1 : self._end]
        moved[:] = 0.0
        np.divide(new, old, out=moved, where=old > 0)
        np.subtract(moved, 1.0, out=moved, where=old > 0)

    def _widened(self, listings: Sequence[str]) -> list[int]:
        columns = [self._columns.setdefault(each, len(self._columns)) for each in listings]
        missing = len(self._columns) - len(self._closes)
        if missing:
            more = (missing, len(self._times))
            self._closes = np.concatenate([self._closes, np.zeros(more, np.int64)])
            self._returns = np.concatenate([self._returns, np.zeros(more)])
        return columns

    def _slide(self) -> None:
        keep = min(self._end, self.rows_max)
        for buffer in (self._times, self._closes, self._returns):
            kept: Any = buffer[..., self._end - keep : self._end].copy()
            buffer[..., :keep] = kept
        self._end = keep
