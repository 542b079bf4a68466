"""One turn of the machine: parameters, state and time in, effects collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.gate import Coverage
from tidegate_kernel.machine import Answer, CancelTimer, Effect, Publish, Request, SetTimer

if TYPE_CHECKING:
    from tidegate_execution.core.parameters import ExecutionParameters
    from tidegate_execution.core.state import ExecutionState
    from tidegate_kernel.machine import Body

VENUE_PORT = "venue"


class Turn:
    """What the rules of one event work on."""

    __slots__ = ("effects", "gate_changed", "now_ns", "parameters", "state", "triggered")

    def __init__(self, parameters: ExecutionParameters, state: ExecutionState, now_ns: int) -> None:
        self.parameters = parameters
        self.state = state
        self.now_ns = now_ns
        self.effects: list[Effect] = []
        # Set when a level or latch changed: the kill is enforced at the end of the turn.
        self.gate_changed = False
        # Set when a bar has triggered an order that execution holds, or allows more of another.
        self.triggered = False

    def publish(self, body: Body) -> None:
        """Say something on the bus."""
        self.effects.append(Publish(body))

    def ask_venue(self, body: Body, *, guarded: bool = False) -> None:
        """Make a request of the venue."""
        self.effects.append(Request(VENUE_PORT, body, guarded))

    def answer(self, call_id: str, body: Body) -> None:
        """Answer a call."""
        self.effects.append(Answer(call_id, body))

    def wake_after(self, name: str, delay_ns: int) -> None:
        """Set a timer for work that repeats; it makes no instant of its own."""
        self.effects.append(SetTimer(name, self.now_ns + delay_ns, makes_instant=False))

    def wake_at(self, name: str, at_ns: int) -> None:
        """Set a timer for a time that means something, such as an order's date."""
        self.effects.append(SetTimer(name, at_ns))

    def forget_timer(self, name: str) -> None:
        """Cancel a timer."""
        self.effects.append(CancelTimer(name))

    def coverage(
        self, strategy: str, venue: str, symbol: str, legs: tuple[str, ...] = ()
    ) -> Coverage:
        """Return where an order of this session belongs; ``legs`` are symbols of legs."""
        session, account = self.parameters.session, self.parameters.account
        return Coverage(session, account, venue, strategy, symbol, legs)
