"""One shard's bookkeeping without I/O: inputs in, journal rows and outgoing messages out.

The engine wraps a machine with everything that must be the same when the journal is run again:
the input counter n, channel heads and their hashes, how far each channel was read, timers,
requests without an outcome, and, in lockstep, the reports of the current instant's rounds.
Live operation and recovery go through the same `take`; recovery compares the effect hashes.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host import topology
from tidegate_chassis.host.envelope import HASH_BYTES, NO_HASH, chain_hash
from tidegate_chassis.host.inputs import (
    Input,
    InputKind,
    JournalRow,
    as_journalled,
    pack_event,
)
from tidegate_contracts import codec, subjects
from tidegate_kernel.machine import (
    Answer,
    CancelTimer,
    Publish,
    Request,
    SetTimer,
    TimerFired,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_kernel.machine import Body, Effect, Machine

NOT_STARTED_NS = -1
OUTSIDE_ROUNDS = -3
"""In a journal row of a lockstep shard: handled at once, between two rounds."""


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """One message to publish."""

    n: int
    index: int
    channel: str
    k: int
    previous_hash: bytes
    schema: str
    subject: str
    payload: bytes
    body: Body
    at_ns: int


class OpenRequest(msgspec.Struct, frozen=True, gc=False):
    """A request without an outcome, as the engine keeps it."""

    request_id: str
    port: str
    schema: str
    payload: bytes
    guarded: bool
    instant_ns: int
    round: int
    # Made between two rounds (a kill): no round waits for its outcome.
    outside: bool = False


class RoundReport(msgspec.Struct, frozen=True, gc=False):
    """What a shard said at the end of a round."""

    round: int
    heads: dict[str, int]
    next_timer_ns: int
    busy: bool


class Answered(msgspec.Struct, frozen=True, gc=False):
    """A call's answer and the round in which it was given."""

    schema: str
    payload: bytes
    instant_ns: int
    round: int


class Bookkeeping(msgspec.Struct):
    """What the engine remembers beside the machine's own state."""

    n: int = 0
    heads: dict[str, tuple[int, bytes]] = {}
    cursors: dict[str, tuple[int, bytes]] = {}
    timers: dict[str, tuple[int, bool]] = {}
    requests: dict[str, OpenRequest] = {}
    answers: dict[str, Answered] = {}
    instant_ns: int = NOT_STARTED_NS
    round: int = -1
    reports: list[RoundReport] = []
    # How many messages of each schema were published since genesis.
    published: dict[str, int] = {}
    # The latest time at which an input was handled: a new leader's clock begins there.
    at_ns: int = 0


class Taken(msgspec.Struct, frozen=True, gc=False):
    """What one input came to."""

    row: JournalRow
    input: Input
    outgoing: tuple[Outgoing, ...] = ()
    requests: tuple[OpenRequest, ...] = ()
    answers: tuple[tuple[str, Body], ...] = ()


ANSWERS_KEPT = 4096
_UNREAD = (0, NO_HASH)


class Engine:
    """A machine with its bookkeeping."""

    def __init__(
        self, shard: str, machine: Machine, books: Bookkeeping, round_ports: frozenset[str]
    ) -> None:
        """Take over a machine and the bookkeeping that belongs to its state.

        ``round_ports`` are the ports that answer in rounds: an open request of theirs keeps the
        instant open.
        """
        self.shard = shard
        self.round_ports = round_ports
        self.machine = machine
        # Set while inputs are handled between two rounds.
        self.outside = False
        self._follows_term = getattr(machine, "follows_term", False)
        self.books = books

    def take(self, item: Input, at_ns: int) -> Taken:
        """Let the machine handle one input; the input counter and all books move with it."""
        books = self.books
        books.n += 1
        books.at_ns = max(at_ns, books.at_ns)
        if item.kind in _FROM_INSIDE:
            item = as_journalled(item)
        # A round is handled in the order of its content: the last one handled is not the furthest.
        if item.channel and item.k > books.cursors.get(item.channel, _UNREAD)[0]:
            books.cursors[item.channel] = (item.k, item.chain)
        if item.kind is InputKind.TIMER:
            books.timers.pop(item.name, None)
        elif item.kind in _OUTCOMES:
            books.requests.pop(item.name, None)
        if item.kind is InputKind.SKIPPED or (
            item.kind is InputKind.TERM_STARTED and not self._follows_term
        ):
            return Taken(self._row(item, at_ns, b""), item)
        effects = self.machine.handle(item.event, at_ns)
        if not effects:
            return Taken(self._row(item, at_ns, b""), item)
        return self._apply(item, at_ns, effects)

    def _apply(self, item: Input, at_ns: int, effects: Sequence[Effect]) -> Taken:
        outgoing: list[Outgoing] = []
        requests: list[OpenRequest] = []
        answers: list[tuple[str, Body]] = []
        digest = blake2b(digest_size=HASH_BYTES)
        for index, effect in enumerate(effects):
            if isinstance(effect, Publish):
                message = self._outgoing(effect.body, index, at_ns)
                outgoing.append(message)
                digest.update(b"P" + message.schema.encode() + message.payload)
            elif isinstance(effect, SetTimer):
                self.books.timers[effect.name] = (effect.at_ns, effect.makes_instant)
                digest.update(f"T{effect.name}|{effect.at_ns}|{effect.makes_instant}".encode())
            elif isinstance(effect, CancelTimer):
                self.books.timers.pop(effect.name, None)
                digest.update(b"C" + effect.name.encode())
            elif isinstance(effect, Request):
                request = self._request(effect, index)
                requests.append(request)
                digest.update(b"R" + request.schema.encode() + request.payload)
            elif isinstance(effect, Answer):
                payload = self._answer(effect)
                answers.append((effect.call_id, effect.body))
                digest.update(b"A" + effect.call_id.encode() + payload)
        row = self._row(item, at_ns, digest.digest())
        return Taken(row, item, tuple(outgoing), tuple(requests), tuple(answers))

    def _outgoing(self, body: Body, index: int, at_ns: int) -> Outgoing:
        channel = topology.channel_of(body, self.shard)
        k, previous = self.books.heads.get(channel, (0, NO_HASH))
        schema = codec.schema_of(body)
        payload = codec.encode(body)
        self.books.heads[channel] = (k + 1, chain_hash(previous, schema, payload))
        self.books.published[schema] = self.books.published.get(schema, 0) + 1
        return Outgoing(
            self.books.n,
            index,
            channel,
            k + 1,
            previous,
            schema,
            subjects.subject_of(body),
            payload,
            body,
            at_ns,
        )

    def _request(self, effect: Request, index: int) -> OpenRequest:
        request = OpenRequest(
            f"{self.shard}:{self.books.n}.{index}",
            effect.port,
            codec.schema_of(effect.body),
            codec.encode(effect.body),
            effect.guarded,
            self.books.instant_ns,
            self.books.round,
            self.outside,
        )
        self.books.requests[request.request_id] = request
        return request

    def _answer(self, effect: Answer) -> bytes:
        books = self.books
        payload = codec.encode(effect.body)
        books.answers[effect.call_id] = Answered(
            codec.schema_of(effect.body), payload, books.instant_ns, books.round
        )
        while len(books.answers) > ANSWERS_KEPT:
            del books.answers[next(iter(books.answers))]
        return payload

    def _row(self, item: Input, at_ns: int, effects_hash: bytes) -> JournalRow:
        schema, payload = pack_event(item)
        return JournalRow(
            self.books.n,
            at_ns,
            int(item.kind),
            item.name,
            item.channel,
            item.k,
            item.chain,
            item.message_id,
            schema,
            payload,
            self.books.instant_ns,
            OUTSIDE_ROUNDS if self.outside else self.books.round,
            effects_hash,
        )

    def next_timer(self) -> tuple[int, str] | None:
        """Return the earliest timer as (time, name)."""
        timers = self.books.timers
        if not timers:
            return None
        return min((at_ns, name) for name, (at_ns, _) in timers.items())

    def due_timers(self, now_ns: int) -> list[Input]:
        """Return the inputs of all timers that are due, in order of time and name."""
        due = [(at_ns, name) for name, (at_ns, _) in self.books.timers.items() if at_ns <= now_ns]
        due.sort()
        return [Input(InputKind.TIMER, TimerFired(name, at_ns), name=name) for at_ns, name in due]

    # --- rounds -------------------------------------------------------------------------------

    def begin_round(self, instant_ns: int, number: int) -> None:
        """Enter a round; a new instant forgets the reports of the one before."""
        books = self.books
        if instant_ns != books.instant_ns:
            base = self._report(-1)
            books.instant_ns = instant_ns
            books.reports = [base]
        books.round = number

    def end_round(self, number: int) -> RoundReport:
        """Leave a round with its report."""
        report = self._report(number)
        self.books.reports.append(report)
        return report

    def report_of(self, number: int) -> RoundReport:
        """Return the report of a finished round of this instant, or the last one before it."""
        return [r for r in self.books.reports if r.round <= number][-1]

    def current_report(self) -> RoundReport:
        """Return what the shard would report now."""
        return self._report(self.books.round)

    def _report(self, number: int) -> RoundReport:
        books = self.books
        instants = [at_ns for at_ns, makes in books.timers.values() if makes]
        busy = any(at_ns <= books.instant_ns for at_ns, _ in books.timers.values()) or any(
            request.port in self.round_ports for request in books.requests.values()
        )
        heads = {channel: head[0] for channel, head in books.heads.items()}
        return RoundReport(number, heads, min(instants, default=0), busy)

    # --- snapshots ----------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Return machine and books as bytes."""
        return _ENCODER.encode((self.books, self.machine.snapshot()))


_FROM_INSIDE = (InputKind.CALLED, InputKind.REPLIED)
_OUTCOMES = (InputKind.REPLIED, InputKind.INTERRUPTED, InputKind.WITHHELD)
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Bookkeeping, bytes])


def read_snapshot(state: bytes) -> tuple[Bookkeeping, bytes]:
    """Split a snapshot into books and the machine's own bytes."""
    return _DECODER.decode(state)
