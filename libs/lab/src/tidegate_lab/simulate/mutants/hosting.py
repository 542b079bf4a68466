"""Mistakes of the host: what it journals, says, reads and asks, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate_chassis.host.causes import CauseGate
from tidegate_chassis.host.channels import ChannelReader
from tidegate_chassis.host.envelope import NO_HASH, chain_hash, place, unpack
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.journal import Journal
from tidegate_chassis.host.outgoing import dress
from tidegate_chassis.host.requests import Requests
from tidegate_chassis.host.shard import Shard
from tidegate_contracts import codec
from tidegate_lab.simulate.database import Database
from tidegate_lab.simulate.mutants.mutant import Change, Mutant

if TYPE_CHECKING:
    from tidegate_chassis.host.engine import OpenRequest, Taken
    from tidegate_chassis.host.journal import OutboxRow

_offer = ChannelReader.offer
_commit = Shard.commit
_commit_rows = Database._commit_rows


def _take_again(
    reader: Any, header: str, payload: bytes, traceparent: str, received_ns: int
) -> bool:
    """Deliver what was seen already as if it were new."""
    channel, k = place(header)
    envelope = unpack(header)
    if k <= reader.position(channel) and envelope.schema in reader._schemas:
        body = codec.decode(envelope.schema, payload)
        reader._deliver(Input(InputKind.MESSAGE, body, channel=channel, k=k))
        return False
    return _offer(reader, header, payload, traceparent, received_ns)


def _skip_gaps(
    reader: Any, header: str, payload: bytes, traceparent: str, received_ns: int
) -> bool:
    """Go on with whatever comes, also when messages before it are missing."""
    channel, k = place(header)
    envelope = unpack(header)
    if k > reader.position(channel) + 1:
        chain = chain_hash(NO_HASH, envelope.schema, payload)
        reader._cursors[channel] = (k - 1, envelope.previous_hash or chain)
    return _offer(reader, header, payload, traceparent, received_ns)


async def _nothing_unmarked(_journal: Journal) -> list[OutboxRow]:
    return []


async def _nothing_to_resend(*_: object) -> list[OutboxRow]:
    return []


async def _no_tail(_journal: Journal, _after_n: int) -> Any:
    nothing: tuple[object, ...] = ()
    for row in nothing:
        yield row


async def _publish_first(shard: Shard, takens: list[Taken], started_ns: int) -> None:
    """Say it before it is stored."""
    shard.outbox.publish([message for taken in takens for message in dress(shard, taken)])
    await _commit(shard, takens, started_ns)


async def _request_first(shard: Shard, takens: list[Taken], started_ns: int) -> None:
    """Make requests before they are stored."""
    for taken in takens:
        for request in taken.requests:
            shard.requests.make(request)
    await _commit(shard, takens, started_ns)


async def _answer_first(shard: Shard, takens: list[Taken], started_ns: int) -> None:
    """Confirm a command before it is stored."""
    for taken in takens:
        for call_id, body in taken.answers:
            shard._resolve(call_id, body)
    await _commit(shard, takens, started_ns)


def _repeat_everything(requests: Requests, left: list[OpenRequest]) -> None:
    for request in left:
        requests.make(request)


def _forget_requests(_requests: Requests, _left: list[OpenRequest]) -> None:
    """Take what was under way at a crash for done."""


def _believe_stale_leader(database: Database, *arguments: Any) -> int:
    """Tell a leader without the lease that it has committed."""
    return _commit_rows(database, *arguments) or 1


def _commit_of_stale_leader(database: Database, *arguments: Any) -> int:
    if not database._holds(arguments[0], arguments[1]):
        return 1
    return _commit_whole(database, *arguments)


_commit_whole = Database._commit

MUTANTS = (
    Mutant(
        "no_inbox_deduplication",
        "what was read once is not read again",
        (
            Change(ChannelReader, "offer", _take_again),
            Change(ChannelReader, "knows", lambda *_: False),
        ),
    ),
    Mutant(
        "gaps_are_skipped",
        "a gap is waited for",
        (Change(ChannelReader, "offer", _skip_gaps),),
    ),
    Mutant(
        "volatile_outbox",
        "what was committed is said after a crash",
        (
            Change(Journal, "unmarked", _nothing_unmarked),
            Change(Journal, "resend", _nothing_to_resend),
        ),
    ),
    Mutant(
        "snapshot_without_tail",
        "state is the snapshot and the journal after it",
        (Change(Journal, "tail", _no_tail),),
    ),
    Mutant(
        "said_before_committed",
        "nothing goes out that is not stored",
        (Change(Shard, "commit", _publish_first),),
    ),
    Mutant(
        "requested_before_committed",
        "a request is written down before it is made",
        (Change(Shard, "commit", _request_first),),
    ),
    Mutant(
        "answered_before_committed",
        "a kill is confirmed only when it is durable",
        (Change(Shard, "commit", _answer_first),),
        ("kill_switch", "crash", "kill"),
    ),
    Mutant(
        "requests_repeated_after_a_crash",
        "a request is made at most once",
        (Change(Requests, "resume", _repeat_everything),),
    ),
    Mutant(
        "requests_forgotten_after_a_crash",
        "a request without outcome is reported as interrupted",
        (Change(Requests, "resume", _forget_requests),),
    ),
    Mutant(
        "no_fence",
        "a leader that lost its lease cannot commit",
        (
            Change(Database, "_commit_rows", _believe_stale_leader),
            Change(Database, "_commit", _commit_of_stale_leader),
            Change(Database, "_touch", lambda *_: 1),
        ),
    ),
    Mutant(
        "cause_wait_skipped",
        "a signal waits for what it was decided on",
        (Change(CauseGate, "offer", lambda _gate, item, _now_s: [item]),),
    ),
    Mutant(
        "no_guard",
        "a risk-increasing request passes the guard",
        (Change(Requests, "_held_back", lambda *_: None),),
    ),
)
"""The host's."""
