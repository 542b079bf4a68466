"""What a subject and a stream are: the types of the generated tables."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable


class ChannelRule(Enum):
    """The unit in which a message is numbered, chained and read."""

    FEED = "feed"
    """Feed × fixed partition, chained."""
    SHARD = "shard"
    """Session × producer shard, chained."""
    COUNTER = "counter"
    """Not chained: the message carries the feed's own counter."""
    NONE = "none"
    """Core NATS only: may be lost."""


class SubjectDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One family of subjects: one message, who writes it, who reads it, where it is kept."""

    name: str
    pattern: str
    """For example ``bars.<feed>.<timeframe>.<venue>.<symbol>``."""
    schema: str
    writers: tuple[str, ...]
    """Services, or ``operator``. For subjects with ``<service>`` see `owned`."""
    readers: tuple[str, ...]
    description: str
    stream: str | None = None
    """None on core NATS only."""
    producer: str = ""
    """The kind of shard that writes it, such as ``execution/<session>``; empty on core NATS only.

    All messages of one producer are one channel, which is read whole.
    """
    channel: ChannelRule = ChannelRule.NONE
    retention_s: int = 0
    """0 on core NATS only."""
    signed: bool = False
    rank: int | None = None
    """Order inside a round; None when no machine sees the message."""
    order: tuple[str, ...] = ()
    """The fields that order messages of one rank; ``-`` is descending."""
    replies: bool = False
    """Readers answer the sender."""
    owned: str = ""
    """Of subjects with ``<service>``: ``written`` or ``read`` by that service, else empty."""

    @property
    def wildcard(self) -> str:
        """The subject with ``*`` for every name: what a writer may publish."""
        tokens = self.pattern.split(".")
        return ".".join("*" if token.startswith("<") else token for token in tokens)

    @property
    def root(self) -> str:
        """The first token, which belongs to one stream."""
        return self.pattern.split(".", 1)[0]


class StreamDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One JetStream stream. It refuses when it is full, and is never a work queue."""

    name: str
    subjects: tuple[str, ...]
    writer: str
    retention_s: int
    bytes_max: int
    description: str
    discard: str = "new"
    storage: str = "file"
    replicas: int = 1
    allow_direct: bool = True
    """Readers get single messages through `$JS.API.DIRECT.GET`."""
    allow_atomic: bool = True
    """Atomic batches share one fsync."""


class SubjectFunctions(msgspec.Struct, frozen=True):
    """What is computed from the messages of one type."""

    type: type[Any]
    subject: Callable[[Any], str]
    key: Callable[[Any], tuple[object, ...]] | None
