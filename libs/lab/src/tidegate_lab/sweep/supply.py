"""Gives out trials and takes their results: the authority of a sweep, whoever works for it.

1. A trial is open, given out to a worker until a time, or done.
2. A worker that is not heard of for `LEASE_NS` has lost its trials: they are given out again.
3. A result is taken once. When two workers finish the same trial, both must say the same, or the
   machines are not deterministic: that is an error, not a choice.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_lab.sweep.errors import DisagreementError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.trial import TrialResult

LEASE_NS = 10 * NS_PER_SECOND


class Supply:
    """The trials of one batch."""

    def __init__(self, points: Iterable[Point]) -> None:
        """Have these to be tried."""
        self._open = deque(points)
        self._wanted = frozenset(self._open)
        # Point -> the worker that has it and the time until which it does.
        self._given: dict[Point, tuple[str, int]] = {}
        self.done: dict[Point, TrialResult] = {}

    @property
    def is_done(self) -> bool:
        """Whether every trial has its result."""
        return len(self.done) == len(self._wanted)

    def give(self, worker: str, now_ns: int) -> Point | None:
        """Give a worker its next trial; None: nothing is open now."""
        self._take_back(now_ns)
        while self._open:
            point = self._open.popleft()
            if point not in self.done:
                self._given[point] = (worker, now_ns + LEASE_NS)
                return point
        return None

    def hear(self, worker: str, now_ns: int) -> None:
        """Take note that a worker lives."""
        for point, (holder, _) in self._given.items():
            if holder == worker:
                self._given[point] = (worker, now_ns + LEASE_NS)

    def lose(self, worker: str) -> None:
        """Take back what a worker had that is known to be dead."""
        for point in [p for p, (holder, _) in self._given.items() if holder == worker]:
            del self._given[point]
            self._open.appendleft(point)

    def take(self, point: Point, result: TrialResult) -> bool:
        """Take a result; True when it is the trial's first."""
        assert point in self._wanted, f"expected a trial of this batch, found {point}"
        self._given.pop(point, None)
        before = self.done.get(point)
        if before is None:
            self.done[point] = result
            return True
        if before != result:
            raise DisagreementError(
                f"expected the same result of {result.parameters} from every worker, found orders "
                f"{before.orders_hash} and {result.orders_hash}: compare their versions and data"
            )
        return False

    def _take_back(self, now_ns: int) -> None:
        for point in [p for p, (_, until_ns) in self._given.items() if until_ns < now_ns]:
            del self._given[point]
            self._open.append(point)
