"""What an input was caused by: upstream, input by input, to where the world outside comes in.

A message was said by an input of its producer; a call and the outcome of a request carry the id of
the request, and so the input that made it. A timer names no input: the chain ends there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.inputs import InputKind, unpack_event
from tidegate_chassis.host.topology import SOURCE
from tidegate_kernel.time import format_time
from tidegate_lab.replay.readable import Document, document_of, short

if TYPE_CHECKING:
    from tidegate_chassis.host.inputs import JournalRow
    from tidegate_chassis.host.journal import TailRow
    from tidegate_chassis.recorded.recording import Recording

STEPS_MAX = 16
_REQUEST = re.compile(r"(.+):(\d+)\.\d+")


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One input of one shard, in words and by value."""

    shard: str
    n: int
    kind: str
    # A message's or answer's schema, or a timer's name.
    name: str
    at: str
    at_ns: int
    message_id: str
    channel: str
    k: int
    event: Document


def cause_of(shard: str, row: JournalRow) -> Cause:
    """Describe an input."""
    at_ns = row.at_ns
    return Cause(
        shard=shard,
        n=row.n,
        kind=InputKind(row.kind).name,
        name=short(row.schema) if row.schema else row.name,
        at=format_time(at_ns) if at_ns > 0 else "",
        at_ns=at_ns,
        message_id=row.message_id,
        channel=row.channel,
        k=row.k,
        event=document_of(unpack_event(row)),
    )


def row_at(recording: Recording, shard: str, n: int) -> TailRow | None:
    """Return one input, or None when the recording does not hold it."""
    return next(iter(recording.rows(shard, n - 1, n)), None)


def upstream(recording: Recording, shard: str, row: JournalRow) -> tuple[str, JournalRow] | None:
    """Return the input that caused one, and its shard; None where the recording knows of none."""
    if row.channel and row.channel != SOURCE:
        message = recording.message(row.channel, row.k)
        place = None if message is None else (row.channel, message.n)
    else:
        asked = _REQUEST.fullmatch(row.name)
        place = None if asked is None else (asked[1], int(asked[2]))
    if place is None or place == (shard, row.n):
        return None
    found = row_at(recording, *place)
    return None if found is None else (place[0], found.row)


def causes(recording: Recording, shard: str, row: JournalRow) -> tuple[Cause, ...]:
    """Return an input and everything upstream of it, the nearest first."""
    found = [cause_of(shard, row)]
    place: tuple[str, JournalRow] | None = (shard, row)
    while place is not None and len(found) < STEPS_MAX:
        place = upstream(recording, *place)
        if place is not None:
            found.append(cause_of(*place))
    return tuple(found)
