"""A service's core is a machine: events in, effects out, nothing else.

The life of one input:

1. A host takes one event: a contract message, or one of the kernel's own events below.
2. It calls ``handle(event, now_ns)``. The machine changes its state and returns effects.
3. The host commits the input and the effects to the journal, and only then performs them.
4. After a crash the host restores the last snapshot and handles the journal's later inputs
   again; the effects must be the same and are not performed a second time.

So a machine has no clock, no I/O, no randomness outside its state, and it never iterates over
an unordered set. A programmer's error may raise: it crashes the shard. A refusal or a venue's
failure is a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

Body: TypeAlias = msgspec.Struct
"""A contract message: a frozen struct that tidegate_contracts generated."""


class TimerFired(msgspec.Struct, frozen=True, gc=False):
    """A timer that the machine set has come due."""

    name: str
    at_ns: int


class Called(msgspec.Struct, frozen=True, gc=False):
    """Somebody asks this machine something and waits for an `Answer` with the same id.

    Admin commands arrive like this, and so do the requests that the paper venue receives.
    Repeating a call with a known id must give the same answer and no second effect.
    """

    call_id: str
    body: Body


class Replied(msgspec.Struct, frozen=True, gc=False):
    """A port answered a request that this machine made."""

    port: str
    request: Body
    answer: Body


class Interrupted(msgspec.Struct, frozen=True, gc=False):
    """The host died between making a request and learning its outcome: nothing is proven."""

    port: str
    request: Body


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """The host's guard did not let the request out. It provably never left."""

    port: str
    request: Body
    code: str
    reason: str


class CauseMissing(msgspec.Struct, frozen=True, gc=False):
    """A message arrived, but not the messages that it depends on, within the host's patience."""

    body: Body
    missing: tuple[tuple[str, int], ...]


class TermStarted(msgspec.Struct, frozen=True, gc=False):
    """A leader of this shard begins its term: the first input of every term, journalled.

    Given only to machines with a class attribute ``follows_term = True``: those that write their
    term into decisions, or have something to do when they are led anew.
    A term may go into messages, but into nothing that is hashed or compared between runs.
    """

    term: int


Event: TypeAlias = (
    Body | TimerFired | Called | Replied | Interrupted | Withheld | CauseMissing | TermStarted
)
"""What a machine handles: a contract message, or one of the kernel's own events."""


class Publish(msgspec.Struct, frozen=True, gc=False):
    """Say this on the bus. Subject, channel and headers are the host's business."""

    body: Body


class SetTimer(msgspec.Struct, frozen=True, gc=False):
    """Wake me with `TimerFired` at this time; a timer of the same name is replaced.

    ``makes_instant`` is for one-shot timers with business meaning (expiry, schedules). Periodic
    work sets it to False: it is due at the first instant at or after its time.
    """

    name: str
    at_ns: int
    makes_instant: bool = True


class CancelTimer(msgspec.Struct, frozen=True, gc=False):
    """Forget the timer of this name; unknown names are fine."""

    name: str


class Request(msgspec.Struct, frozen=True, gc=False):
    """Ask a port. Journalled before it is made, made at most once; the outcome is an event.

    ``guarded`` requests (risk-increasing orders) pass the host's guard just before they leave.
    """

    port: str
    body: Body
    guarded: bool = False


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The answer to `Called`."""

    call_id: str
    body: Body


Effect: TypeAlias = Publish | SetTimer | CancelTimer | Request | Answer
"""What a machine wants done."""


class Machine(Protocol):
    """One pure state machine. See the module's text for the contract."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event at ``now_ns`` (UTC nanoseconds) and return what is to be done."""
        ...

    def snapshot(self) -> bytes:
        """Return the whole state. Equal states give equal bytes."""
        ...

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build the machine from its parameters, and from a snapshot unless it is new."""
        ...
