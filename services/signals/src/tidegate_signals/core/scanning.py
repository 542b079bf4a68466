"""Looking through columns for the first bar that makes a strategy wish something.

A `Scanner` carries one strategy's state into the arrays of its kernel and back. A `Search` belongs
to one strategy on one symbol: it remembers how far it has looked and what it found, so that no bar
is looked at twice while others make the host stop in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tidegate_contracts.signals import Direction
from tidegate_signals.core.kernels import HIGH, break_out, cross
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

    def run(self, values: NDArray[np.int64], first: int, last: int, *, stops: bool) -> int:
        """Take the columns [first, last); with ``stops`` end before a wish. Return the end."""
        ...

    def store(self) -> None:
        """Copy the arrays back into the strategy."""
        ...

    def range_length(self) -> int:
        """Return the length of the average true range that is kept; 0 without one."""
        ...


class Search:
    """How far one strategy's bars were looked through."""

    __slots__ = ("found", "part", "scanner", "searched", "state_at")

    def __init__(self, strategy: Strategy) -> None:
        self.scanner = scanner_of(strategy)
        self.part: Part | None = None
        # The place of the next wish, or `searched` if there is none before; -1: nothing is known.
        self.found = self.searched = -1
        # The place before which the scanner's arrays are the strategy's state.
        self.state_at = -1

    def find(self, part: Part, first: int, last: int) -> int:
        """Return the place of the first bar in [first, last) that brings a wish, else ``last``."""
        if self.scanner is None:
            return first
        if part is self.part and first <= self.found:
            if self.found < self.searched or last <= self.searched:
                return min(self.found, last)
        elif part is not self.part:
            self.part, self.state_at = part, -1
            if not _is_exact(self.scanner.range_length(), part):
                self.scanner = None
                return first
        self.scanner.load()
        self.found = self.scanner.run(part.values, first, last, stops=True)
        self.searched, self.state_at = last, self.found
        return self.found

    def advance(self, part: Part, first: int, last: int) -> None:
        """Take the bars [first, last), of which none brings a wish."""
        assert self.scanner is not None or first == last, "only what was looked through is taken"
        if self.scanner is None or first == last:
            return
        if part is not self.part or self.state_at != last:
            self.scanner.load()
            self.scanner.run(part.values, first, last, stops=False)
            self.state_at = -1
        self.scanner.store()


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

    def run(self, values: NDArray[np.int64], first: int, last: int, *, stops: bool) -> int:
        return int(cross(self.whole, self.real, values, (first, last, stops)))

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

    def run(self, values: NDArray[np.int64], first: int, last: int, *, stops: bool) -> int:
        return int(break_out(self.state, values, (first, last, stops)))

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
