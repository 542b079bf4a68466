"""What a session left behind, whatever it is kept in.

A recording holds for each shard its journal (every input by value, with the hash of what it came
to), the messages that it published, and its newest snapshots. Effects other than messages are in
the hash, and where somebody answered them also in later inputs: a request in its outcome, an
answer in the asker's journal. Timers are in the hash alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from tidegate_chassis.host.envelope import Envelope, unpack
from tidegate_chassis.host.journal import TailRow
from tidegate_chassis.recorded.errors import RecordingUnreadable
from tidegate_contracts import codec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_chassis.configuration import Configuration
    from tidegate_kernel.machine import Body

NO_LIMIT = 2**62
"""A position behind every journal's end."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One published message with its place, as the outbox keeps it."""

    n: int
    channel: str
    k: int
    at_ns: int
    subject: str
    headers: str
    payload: bytes

    @property
    def schema(self) -> str:
        """What kind of message it is."""
        return self.headers.split(" ", 5)[4]

    @property
    def envelope(self) -> Envelope:
        """Its identity, place and causes."""
        return unpack(self.headers.partition("\n")[0])

    @property
    def body(self) -> Body:
        """What it says."""
        return codec.decode(self.schema, self.payload)


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """The state of a shard after its input n, written by one version of its core."""

    n: int
    core: str
    state: bytes


class Extent(msgspec.Struct, frozen=True):
    """The first and the last input that a journal holds; both 0 when it holds none."""

    first_n: int = 0
    last_n: int = 0


class Recording(Protocol):
    """A session's journals, messages and snapshots; they are only read."""

    @property
    def configuration(self) -> Configuration:
        """The configuration under which the session ran last."""
        ...

    def extent(self, shard: str) -> Extent:
        """Return what a shard's journal holds; it does not grow while it is read."""
        ...

    def rows(self, shard: str, after_n: int = 0, until_n: int = NO_LIMIT) -> Iterator[TailRow]:
        """Yield a shard's inputs after one position up to another, in order."""
        ...

    def messages(self, shard: str, after_n: int = 0) -> Iterator[Message]:
        """Yield what a shard said after an input, in order."""
        ...

    def message(self, channel: str, k: int) -> Message | None:
        """Return the message at a place of a channel."""
        ...

    def snapshots(self, shard: str) -> list[Snapshot]:
        """Return the snapshots of a shard that are kept, oldest first."""
        ...


class Beginning(msgspec.Struct, frozen=True):
    """Where a shard's journal can be run from: its genesis (``state`` is None) or a snapshot."""

    n: int
    state: bytes | None


def beginning(recording: Recording, shard: str) -> Beginning:
    """Return the genesis if the journal reaches back to it, else the oldest usable snapshot."""
    first_n = recording.extent(shard).first_n
    if first_n <= 1:
        return Beginning(0, None)
    for snapshot in recording.snapshots(shard):
        if snapshot.n >= first_n - 1:
            return Beginning(snapshot.n, snapshot.state)
    raise RecordingUnreadable(
        f"the journal of {shard} from its first input, or a snapshot to begin at",
        f"a journal that begins at n={first_n}, and no snapshot from there on",
        "add the archive of the journal's earlier part",
    )
