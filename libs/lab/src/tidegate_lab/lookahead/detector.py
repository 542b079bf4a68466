"""Decides again with other futures, and shows the first decision that changed.

1. Decide once with the whole data.
2. Cut at some instants: half of them where something was decided, since a decision that looks
   ahead changes most surely when what it looked at is gone; the others anywhere.
3. At each cut decide twice more: with the future cut off, and with the future changed.
4. What was decided up to the cut must be the same, word for word. The first difference is a leak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_kernel.time import format_time
from tidegate_lab.lookahead.futures import changed, truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tidegate_lab.lookahead.decisions import Decision
    from tidegate_market_data.adapters.dataset import Dataset

    Decide = Callable[[Dataset], Sequence[Decision]]

CUTS = 8


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was another one when the future was another one."""

    cut_ns: int
    future: str
    """What was done to the future: cut off or changed."""
    decided: Decision | None
    """With the whole data; None: nothing more was decided."""
    decided_then: Decision | None
    """With the other future."""

    def sentence(self) -> str:
        """Write the leak for a person."""
        at = format_time(self.cut_ns)
        return (
            f"with the future after {at} {self.future}, {_text(self.decided_then)} was decided "
            f"instead of {_text(self.decided)}"
        )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the detector found. Without a decision nothing was tested."""

    decisions: int
    cuts: int
    leaks: tuple[Leak, ...]

    @property
    def is_honest(self) -> bool:
        """Whether something was decided, and nothing depended on the future."""
        return self.decisions > 0 and not self.leaks


def look_for_leaks(decide: Decide, dataset: Dataset, *, cuts: int = CUTS, seed: int = 0) -> Report:
    """Decide with other futures; ``decide`` must make everything anew from the data it is given."""
    whole = decide(dataset)
    leaks = []
    chosen = _cuts(whole, dataset, cuts, seed)
    for number, cut_ns in enumerate(chosen):
        futures = {
            "cut off": truncated(dataset, cut_ns),
            "changed": changed(dataset, cut_ns, seed + number),
        }
        for future, data in futures.items():
            leak = _first_difference(whole, decide(data), cut_ns, future)
            if leak is not None:
                leaks.append(leak)
    return Report(decisions=len(whole), cuts=len(chosen), leaks=tuple(leaks))


def _cuts(whole: Sequence[Decision], dataset: Dataset, count: int, seed: int) -> list[int]:
    """Choose instants before the last: half of them where something was decided."""
    ends = np.unique(dataset.values[0] + dataset.timeframe_ns)[:-1]
    decided = np.intersect1d(ends, np.array([each.at_ns for each in whole], dtype=np.int64))
    generator = np.random.default_rng(seed)
    return sorted(
        {
            *_some(generator, decided, (count + 1) // 2),
            *_some(generator, ends, count // 2),
        }
    )


def _some(generator: np.random.Generator, values: NDArray[np.int64], count: int) -> list[int]:
    drawn: list[int] = generator.choice(values, min(count, len(values)), replace=False).tolist()
    return drawn


def _first_difference(
    whole: Sequence[Decision], again: Sequence[Decision], cut_ns: int, future: str
) -> Leak | None:
    before = [each for each in whole if each.at_ns <= cut_ns]
    then = [each for each in again if each.at_ns <= cut_ns]
    for place in range(max(len(before), len(then))):
        decided = before[place] if place < len(before) else None
        decided_then = then[place] if place < len(then) else None
        if decided != decided_then:
            return Leak(cut_ns=cut_ns, future=future, decided=decided, decided_then=decided_then)
    return None


def _text(decision: Decision | None) -> str:
    if decision is None:
        return "nothing more"
    return f"{type(decision.said).__name__} at {format_time(decision.at_ns)}: {decision.said}"
