"""The host's clocks, virtual: every module of the live host that asks `time` asks this instead."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegate_lab.simulate.loop import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_lab.simulate.loop import VirtualLoop

START_NS = 1_767_225_600_000_000_000
"""The wall's time at which every simulated hour begins: 2026-01-01 UTC."""
_HOSTS = ("tidegate_chassis.host.", "tidegate_execution.adapters.")


class VirtualTime:
    """Stands where the host expects the module `time`. Clock skew moves only the wall's time."""

    def __init__(self, loop: VirtualLoop) -> None:
        """Tell the loop's time."""
        self._loop = loop

    def monotonic(self) -> float:
        """Return seconds since the world began; no skew reaches it."""
        return self._loop.now_s

    perf_counter = monotonic

    def monotonic_ns(self) -> int:
        """Return nanoseconds since the world began."""
        return round(self._loop.now_s * 1e9)

    def time_ns(self) -> int:
        """Return the wall's time, as the running process sees it."""
        incarnation = RUNNING.get()
        skew = 0 if incarnation is None else incarnation.clock_offset_ns
        return START_NS + round(self._loop.now_s * 1e9) + skew


@contextmanager
def virtual_time(loop: VirtualLoop) -> Iterator[None]:
    """Give every loaded module of the host the loop's time."""
    stand_in = VirtualTime(loop)
    modules = [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith(_HOSTS) and getattr(module, "time", None) is time
    ]
    for module in modules:
        module.time = stand_in  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in modules:
            module.time = time  # type: ignore[attr-defined]
