"""A machine in an engine, listened to: an engine keeps hashes of effects, not the effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.engine import Engine
    from tidegate_kernel.machine import Effect, Event, Machine


class Listening:
    """Takes the place of an engine's machine and keeps the effects of the last input."""

    def __init__(self, engine: Engine) -> None:
        """Step between an engine and its machine."""
        self._machine: Machine = engine.machine
        self._effects: list[Effect] = []
        engine.machine = self  # type: ignore[assignment]

    def forget(self) -> None:
        """Forget what was heard: an input may never reach the machine."""
        self._effects = []

    def heard(self) -> list[Effect]:
        """Return the effects of the input that was handled since."""
        return self._effects

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Have the machine handle an event."""
        self.forget()
        effects = self._machine.handle(event, now_ns)
        self._effects = list(effects)
        return effects

    def snapshot(self) -> bytes:
        """Return the machine's state."""
        return self._machine.snapshot()
