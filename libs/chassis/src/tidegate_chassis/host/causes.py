"""Waiting for causes: a decision is not handled before what it was decided on.

Only signals wait, because only they are decided on together with the state that their causes
made (the price above all). The wait holds back one channel, keeps its order, and ends after half
a second with `CauseMissing`. Fills, order events, gate events and market data never wait.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.envelope import unpack_depends
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import CauseMissing

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 0.5


class CauseGate:
    """Holds messages back until their causes have been delivered."""

    def __init__(self, position: Callable[[str], int], reads: Callable[[str], bool]) -> None:
        """``position`` tells how far a channel is; ``reads`` whether this shard reads it."""
        self._position = position
        self._reads = reads
        self._waiting: dict[str, deque[tuple[float, Input]]] = {}

    def offer(self, item: Input, now_s: float) -> list[Input]:
        """Take a delivered message; return what may be handled now."""
        queue = self._waiting.get(item.channel)
        if not queue and not (isinstance(item.event, Signal) and self._missing(item)):
            return [item, *self.release(now_s)] if self._waiting else [item]
        self._waiting.setdefault(item.channel, deque()).append((now_s, item))
        return []

    def release(self, now_s: float) -> list[Input]:
        """Return what need not wait any longer."""
        ready: list[Input] = []
        for channel in list(self._waiting):
            queue = self._waiting[channel]
            while queue:
                since, item = queue[0]
                missing = self._missing(item) if isinstance(item.event, Signal) else ()
                if missing and now_s - since < PATIENCE_S:
                    break
                queue.popleft()
                ready.append(_with_missing(item, missing) if missing else item)
            if not queue:
                del self._waiting[channel]
        return ready

    @property
    def holding(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._waiting)

    def _missing(self, item: Input) -> tuple[tuple[str, int], ...]:
        return tuple(
            (channel, k)
            for channel, k in unpack_depends(item.depends).items()
            if channel != item.channel and self._reads(channel) and self._position(channel) < k
        )


def _with_missing(item: Input, missing: tuple[tuple[str, int], ...]) -> Input:
    return msgspec.structs.replace(
        item, kind=InputKind.CAUSE_MISSING, event=CauseMissing(item.event, missing)
    )
