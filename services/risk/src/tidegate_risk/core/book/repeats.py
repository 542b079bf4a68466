"""Repeated executions: a strategy that does the same thing over and over is out of order.

An execution repeats the one before of its strategy in its listing when it has the same side and
order quantity and comes within a window of it. A strategy whose run is too long is disabled, and
stays so until a person enables it again: until its own scope of the gate has been lowered.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import Side


class Run(msgspec.Struct):
    """Executions that repeat each other."""

    side: Side
    quantity: Decimal
    count: int
    last_ns: int


class Repeats(msgspec.Struct):
    """The runs by strategy and listing, and when which strategy was disabled by which run."""

    runs: dict[str, Run] = {}
    disabled: dict[str, int] = {}

    def note(self, place: tuple[str, str], side: Side, quantity: Decimal, now_ns: int) -> Run:
        """Count an order's execution by a strategy in a listing, and return its run."""
        key = "|".join(place)
        run = self.runs.get(key)
        if run is None or (run.side, run.quantity) != (side, quantity):
            run = self.runs[key] = Run(side, quantity, 0, now_ns)
        run.count += 1
        run.last_ns = now_ns
        return run

    def end_old(self, place: tuple[str, str], until_ns: int) -> None:
        """Forget a run whose last execution is not later than a time."""
        key = "|".join(place)
        run = self.runs.get(key)
        if run is not None and run.last_ns <= until_ns:
            del self.runs[key]

    def disable(self, strategy: str, now_ns: int) -> None:
        """Disable a strategy; the first time counts."""
        self.disabled.setdefault(strategy, now_ns)

    def enable(self, strategy: str) -> None:
        """Let a strategy begin anew."""
        self.disabled.pop(strategy, None)
        for key in [key for key in self.runs if key.partition("|")[0] == strategy]:
            del self.runs[key]
