"""What enters a shard, and how the journal holds it: every input by value."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts import codec
from tidegate_kernel.machine import (
    Called,
    CauseMissing,
    Interrupted,
    Replied,
    TermStarted,
    TimerFired,
    Withheld,
)

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body, Event


class InputKind(IntEnum):
    """How a journal row's payload is to be read."""

    MESSAGE = 1
    TIMER = 2
    CALLED = 3
    REPLIED = 4
    INTERRUPTED = 5
    WITHHELD = 6
    CAUSE_MISSING = 7
    TERM_STARTED = 8
    SKIPPED = 9


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A channel was read up to here, and what was read last was not for this machine.

    It never reaches the machine. The journal holds it so that a successor goes on from here, and
    so that the stream need not offer again what nobody here wants.
    """


class Input(msgspec.Struct, frozen=True, gc=False):
    """One input before it is taken.

    ``name`` is a timer's name, a call's id, a port request's id, or empty; ``detail`` holds what
    else the kind needs (withheld: code and reason; missing causes).
    """

    kind: InputKind
    event: Event
    name: str = ""
    channel: str = ""
    k: int = 0
    chain: bytes = b""
    message_id: str = ""
    correlation_id: str = ""
    depends: str = ""
    traceparent: str = ""
    received_ns: int = 0
    # The session's time at which a message was decided: in lockstep, its instant.
    decided_ns: int = 0
    # A message as it came, so that it need not be written again; empty where that is not known.
    payload: bytes = b""


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """One journalled input, by value."""

    n: int
    at_ns: int
    kind: int
    name: str
    channel: str
    k: int
    chain: bytes
    message_id: str
    schema: str
    payload: bytes
    instant_ns: int
    round: int
    effects_hash: bytes


_ENCODER = msgspec.msgpack.Encoder()
_READ_PAIR = msgspec.msgpack.Decoder(tuple[tuple[str, str, bytes], bytes])
_READ_CAUSES = msgspec.msgpack.Decoder(tuple[bytes, tuple[tuple[str, int], ...]])


def pack_event(item: Input) -> tuple[str, bytes]:
    """Write an input's event by value: schema and payload."""
    pack = _PACKERS.get(item.kind)
    if pack is None:
        body: Body = item.event
        return codec.schema_of(body), item.payload or codec.encode(body)
    return pack(item.event)


def as_journalled(item: Input) -> Input:
    """Return a call or a reply as its journal row holds it.

    Both come from inside the process, as objects: a Decimal of 107.0 would be handled as it is and
    come back from the journal as 107, equal but written differently in a snapshot.
    """
    event = item.event
    if isinstance(event, Called):
        event = Called(event.call_id, _read_back(event.body))
    elif isinstance(event, Replied):
        event = Replied(event.port, event.request, _read_back(event.answer))
    return msgspec.structs.replace(item, event=event)


def _read_back(body: Body) -> Body:
    return codec.decode(codec.schema_of(body), codec.encode(body))


def unpack_event(row: JournalRow) -> Event:
    """Read a journalled input back."""
    return _UNPACKERS[row.kind](row)


def _pair(port: str, request: Body) -> tuple[str, str, bytes]:
    return port, codec.schema_of(request), codec.encode(request)


def _pack_replied(event: Replied) -> tuple[str, bytes]:
    rest = codec.encode(event.answer)
    return codec.schema_of(event.answer), _ENCODER.encode((_pair(event.port, event.request), rest))


def _pack_withheld(event: Withheld) -> tuple[str, bytes]:
    rest = f"{event.code}|{event.reason}".encode()
    return "", _ENCODER.encode((_pair(event.port, event.request), rest))


def _pack_causes(event: CauseMissing) -> tuple[str, bytes]:
    return codec.schema_of(event.body), _ENCODER.encode((codec.encode(event.body), event.missing))


_PACKERS: dict[InputKind, Callable[..., tuple[str, bytes]]] = {
    InputKind.TIMER: lambda event: ("", str(event.at_ns).encode()),
    InputKind.TERM_STARTED: lambda event: ("", str(event.term).encode()),
    InputKind.SKIPPED: lambda _event: ("", b""),
    InputKind.CALLED: lambda event: (codec.schema_of(event.body), codec.encode(event.body)),
    InputKind.REPLIED: _pack_replied,
    InputKind.INTERRUPTED: lambda event: (
        "",
        _ENCODER.encode((_pair(event.port, event.request), b"")),
    ),
    InputKind.WITHHELD: _pack_withheld,
    InputKind.CAUSE_MISSING: _pack_causes,
}


def _unpack_replied(row: JournalRow) -> Event:
    (port, schema, payload), rest = _READ_PAIR.decode(row.payload)
    return Replied(port, codec.decode(schema, payload), codec.decode(row.schema, rest))


def _unpack_interrupted(row: JournalRow) -> Event:
    (port, schema, payload), _ = _READ_PAIR.decode(row.payload)
    return Interrupted(port, codec.decode(schema, payload))


def _unpack_withheld(row: JournalRow) -> Event:
    (port, schema, payload), rest = _READ_PAIR.decode(row.payload)
    code, _, reason = rest.decode().partition("|")
    return Withheld(port, codec.decode(schema, payload), code, reason)


def _unpack_causes(row: JournalRow) -> Event:
    body, missing = _READ_CAUSES.decode(row.payload)
    return CauseMissing(codec.decode(row.schema, body), missing)


_UNPACKERS: dict[int, Callable[[JournalRow], Event]] = {
    InputKind.MESSAGE: lambda row: codec.decode(row.schema, row.payload),
    InputKind.TIMER: lambda row: TimerFired(row.name, int(row.payload)),
    InputKind.TERM_STARTED: lambda row: TermStarted(int(row.payload)),
    InputKind.SKIPPED: lambda _row: Skipped(),
    InputKind.CALLED: lambda row: Called(row.name, codec.decode(row.schema, row.payload)),
    InputKind.REPLIED: _unpack_replied,
    InputKind.INTERRUPTED: _unpack_interrupted,
    InputKind.WITHHELD: _unpack_withheld,
    InputKind.CAUSE_MISSING: _unpack_causes,
}
