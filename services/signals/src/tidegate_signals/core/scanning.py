"""Looking through columns for the bars that make a strategy wish something.

What a strategy wishes depends on its bars alone, so all wishes of a stretch of bars are found in
one pass. A `Scanner` carries one strategy's state in the arrays of its kernel. A `Search` belongs
to one strategy on one symbol and has two of them: one looks ahead and finds the wishes, the other
follows, and the strategy itself is brought to a bar only when it has to handle it.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tidegate_contracts.signals import Direction
from tidegate_signals.core.kernels import HIGH, break_out, break_outs, cross, crossings
from tidegate_signals.core.strategies.donchian_breakout import DonchianBreakout
from tidegate_signals.core.strategies.ema_crossover import EmaCrossover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_contracts.frame import Part
    from tidegate_signals.core.features import AverageTrueRange, RollingMaximum, RollingMinimum
    from tidegate_signals.core.strategies.definition import Strategy

EXACT_BELOW = 2**53
"""Integers below it are exact as floats, and so is their quotient's rounding."""


class Scanner(Protocol):
    """One strategy's state as the arrays of its kernel."""

    def load(self) -> None:
        """Copy the strategy's state into the arrays."""
        ...

    def find(self, values: NDArray[np.int64], first: int, last: int) -> list[int]:
        """Take the columns [first, last); return those that bring a wish."""
        ...

    def run(self, values: NDArray[np.int64], first: int, last: int) -> None:
        """Take the columns [first, last)."""
        ...

    def store(self) -> None:
        """Copy the arrays back into the strategy, but for its target."""
        ...

    def range_length(self) -> int:
        """Return the length of the average true range that is kept; 0 without one."""
        ...


class Search:
    """How far one strategy's bars were looked through, and how far it has taken them."""

    __slots__ = ("_ahead", "_begun", "_behind", "_part", "_searched", "_taken", "_wishes")

    def __init__(self, strategy: Strategy) -> None:
        self._ahead, self._behind = scanner_of(strategy), scanner_of(strategy)
        self._part: Part | None = None
        # Places of the part: where the search began, how far it has looked, what the arrays of
        # the scanner that follows stand before; and the places in between that bring a wish.
        self._begun = self._searched = self._taken = -1
        self._wishes: list[int] = []

    def find(self, part: Part, first: int, last: int) -> list[int] | None:
        """Return the places of [first, last) that bring a wish; None when only the bars can tell.

        The strategy stands before ``first``, unless the search has looked beyond it before.
        """
        if part is not self._part or not self._begun <= first <= self._searched:
            self._begin(part, first)
        if self._ahead is None:
            return None
        if self._searched < last:
            self._wishes += self._ahead.find(part.values, self._searched, last)
            self._searched = last
        wishes = self._wishes
        return wishes[bisect_left(wishes, first) : bisect_left(wishes, last)]

    def settle(self, place: int) -> None:
        """Bring the strategy to before a place, of bars that were looked through."""
        if self._part is None or self._behind is None or self._taken >= place:
            return
        assert place <= self._searched, "only what was looked through is taken"
        self._behind.run(self._part.values, self._taken, place)
        self._behind.store()
        self._taken = place

    def forget(self) -> None:
        """Forget the part; what comes next begins anew."""
        self._part = None

    def _begin(self, part: Part, first: int) -> None:
        """Look through a part from a place on, before which the strategy stands."""
        self._part, self._wishes = part, []
        self._begun = self._searched = self._taken = first
        if self._ahead is None or self._behind is None:
            return
        if not _is_exact(self._ahead.range_length(), part):
            self._ahead = self._behind = None
            return
        self._ahead.load()
        self._behind.load()


def scanner_of(strategy: Any) -> Scanner | None:  # noqa: ANN401 - any struct
    """Return what looks through columns for a strategy; None: each bar must be handled."""
    if type(strategy) is EmaCrossover:
        return _Crossover(strategy)
    if type(strategy) is DonchianBreakout:
        return _Breakout(strategy)
    return None


class _Crossover:
    """`EmaCrossover` as arrays; see `cross` for their places."""

    def __init__(self, strategy: EmaCrossover) -> None:
        self.strategy = strategy
        self.whole = np.zeros(9, np.int64)
        self.real = np.zeros(5)
        below = Direction.SHORT if strategy.parameters.allow_short else Direction.FLAT
        self.whole[4:6] = strategy.warm_bars, below
        self.real[1:3] = strategy.fast.alpha, strategy.slow.alpha

    def load(self) -> None:
        strategy = self.strategy
        _load_range(strategy.range, self.whole, self.real)
        self.whole[6:9] = strategy.slow.count, strategy.was_above, strategy.target
        self.real[3:5] = strategy.fast.value, strategy.slow.value

    def find(self, values: NDArray[np.int64], first: int, last: int) -> list[int]:
        found = np.empty(last - first, np.int64)
        count = crossings(self.whole, self.real, values, (first, last, True), found)
        return found[:count].tolist()  # type: ignore[no-any-return] # numpy says Any

    def run(self, values: NDArray[np.int64], first: int, last: int) -> None:
        cross(self.whole, self.real, values, (first, last, False))

    def store(self) -> None:
        strategy = self.strategy
        _store_range(strategy.range, self.whole, self.real)
        strategy.fast.value, strategy.slow.value = self.real[3:5].tolist()
        strategy.fast.count = strategy.slow.count = int(self.whole[6])
        strategy.was_above = bool(self.whole[7])

    def range_length(self) -> int:
        return self.strategy.range.length if self.strategy.range else 0


class _Breakout:
    """`DonchianBreakout` as arrays; see `break_out` for their places."""

    def __init__(self, strategy: DonchianBreakout) -> None:
        self.strategy = strategy
        self.whole = np.zeros(6, np.int64)
        self.real = np.zeros(1)
        self.whole[4] = strategy.warm_bars
        self.upper = np.zeros((2, 2 * strategy.upper.length + 1), np.int64)
        self.lower = np.zeros((2, 2 * strategy.lower.length + 1), np.int64)
        self.upper_marks = np.zeros(4, np.int64)
        self.lower_marks = np.zeros(4, np.int64)
        self.state = (
            self.whole,
            self.real,
            self.upper,
            self.upper_marks,
            self.lower,
            self.lower_marks,
        )

    def load(self) -> None:
        strategy = self.strategy
        _load_range(strategy.range, self.whole, self.real)
        self.whole[5] = strategy.target
        _load_queue(strategy.upper, self.upper, self.upper_marks)
        _load_queue(strategy.lower, self.lower, self.lower_marks)

    def find(self, values: NDArray[np.int64], first: int, last: int) -> list[int]:
        found = np.empty(last - first, np.int64)
        count = break_outs(self.state, values, (first, last, True), found)
        return found[:count].tolist()  # type: ignore[no-any-return] # numpy says Any

    def run(self, values: NDArray[np.int64], first: int, last: int) -> None:
        break_out(self.state, values, (first, last, False))

    def store(self) -> None:
        strategy = self.strategy
        _store_range(strategy.range, self.whole, self.real)
        _store_queue(strategy.upper, self.upper, self.upper_marks)
        _store_queue(strategy.lower, self.lower, self.lower_marks)

    def range_length(self) -> int:
        return self.strategy.range.length if self.strategy.range else 0


def _is_exact(range_length: int, part: Part) -> bool:
    """Tell whether sums of true ranges stay exact as floats; else bars are handled one by one."""
    highest = int(part.values[HIGH].max(initial=0))
    return range_length * highest < EXACT_BELOW


def _load_range(
    kept: AverageTrueRange | None, whole: NDArray[np.int64], real: NDArray[np.float64]
) -> None:
    if kept is not None:
        whole[:4] = kept.length, kept.count, kept.total, kept.close
        real[0] = kept.value


def _store_range(
    kept: AverageTrueRange | None, whole: NDArray[np.int64], real: NDArray[np.float64]
) -> None:
    if kept is not None:
        kept.count, kept.total, kept.close = whole[1:4].tolist()
        kept.value = float(real[0])


def _load_queue(
    kept: RollingMaximum | RollingMinimum, queue: NDArray[np.int64], marks: NDArray[np.int64]
) -> None:
    count = len(kept.values)
    queue[0, :count], queue[1, :count] = kept.values, kept.ages
    marks[:] = kept.length, kept.count, 0, count


def _store_queue(
    kept: RollingMaximum | RollingMinimum, queue: NDArray[np.int64], marks: NDArray[np.int64]
) -> None:
    _, kept.count, head, tail = marks.tolist()
    kept.values, kept.ages = queue[:, head:tail].tolist()
