"""What a service says about each of its shards. The host does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import msgspec

    from tidegate_kernel.machine import Body, Machine


class Port(Protocol):
    """Where a machine's requests go.

    ``repeat_safe``: the other side recognises a request id and answers the same again, so a
    request whose outcome was lost in a crash is made again instead of reported as interrupted.
    """

    @property
    def repeat_safe(self) -> bool:
        """Whether a request may be made again."""
        ...

    async def call(self, request: Body, request_id: str) -> Body:
        """Make the request; `PortUnavailable` means that it provably did not leave."""
        ...


class Source(Protocol):
    """Where a feed's bars come from."""

    def batches(self, after_ns: int) -> Iterator[Body]:
        """Yield the feed's commands for every instant later than ``after_ns``, in order."""
        ...


Guard = Callable[["Body", int], "tuple[str, str] | None"]
"""Called just before a guarded request leaves, with the wall's time; may return (code, reason)."""

Beat = Callable[["Machine", int, int], "Body"]
"""Makes a heartbeat from the machine, the shard's term and the wall's time."""


@dataclass(frozen=True)
class ShardDefinition:
    """One shard: a machine, what it reads, and where its requests go."""

    shard: str
    # Empty for the gate's shard, which serves every session.
    session: str
    machine: type[Machine]
    parameters: msgspec.Struct
    # Subject filters such as ``fills.demo.>``.
    reads: tuple[str, ...]
    lockstep: bool = False
    # Feed seconds per wall second of a wall-clock session on a replay.
    speed: float = 1.0
    # The session's clock is told by the feed (replays) instead of the wall.
    replay: bool = False
    ports: Mapping[str, Port] = field(default_factory=dict)
    guard: Guard | None = None
    beat: Beat | None = None
    source: Source | None = None
    # Shards that take part in the session's rounds; only the feed's shard needs to know.
    participants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row that queries read: inserted or replaced in the journal's transaction."""

    kind: str
    key: str
    document: dict[str, object]


@dataclass(frozen=True)
class AuditEntry:
    """One entry of `audit_log`: added in the journal's transaction, never changed or removed."""

    session: str
    at_ns: int
    who: str
    what: str
    # What it was done to: a signal's key, a scope of the gate, the limits of a session.
    about: str
    why: str
    numbers: Mapping[str, object]


Project = Callable[["Body"], "Sequence[Row | AuditEntry]"]
"""Turns a published body into rows, and into entries of the audit."""
