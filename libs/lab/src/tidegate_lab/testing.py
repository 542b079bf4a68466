"""A recorded session for tests, with no server: the lab plays it, engines keep the journals.

The machines are those that trade, and so is the engine that numbers, chains and hashes; only the
database is left out. What the host adds in a live journal (terms, chains, message ids) is there.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.configuration import (
    Configuration,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_chassis.host.engine import Bookkeeping, Engine
from tidegate_chassis.host.envelope import Envelope, chain_hash
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.journal import TailRow
from tidegate_chassis.host.outbox import header_lines
from tidegate_chassis.host.ports import round_ports
from tidegate_chassis.host.topology import SOURCE
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.recording import NO_LIMIT, Extent, Message, Snapshot
from tidegate_contracts import codec
from tidegate_contracts.market import FeedBatch, FeedFinished
from tidegate_kernel.machine import Answer, Called, Replied, Request, TermStarted, TimerFired
from tidegate_lab.host.rounds import Rounds
from tidegate_lab.host.shard import LabShard
from tidegate_lab.replay.definitions import readers_of
from tidegate_lab.replay.listening import Listening
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.config import replay_settings
from tidegate_market_data.shards import shard_of as feed_of
from tidegate_risk.shards import GATE_SHARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Taken
    from tidegate_kernel.machine import Body, Effect, Event, Machine

SESSION = "toy"
TERM = 1
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
SNAPSHOT_EVERY = 100


class MemoryRecording:
    """A recording in memory; a test may change what it holds."""

    def __init__(self, configuration: Configuration) -> None:
        """Hold nothing yet."""
        self.configuration = configuration
        self.journals: dict[str, list[TailRow]] = {}
        self.said: dict[str, list[Message]] = {}
        self.kept: dict[str, list[Snapshot]] = {}

    def extent(self, shard: str) -> Extent:
        """Return what a shard's journal holds."""
        rows = self.journals.get(shard)
        return Extent(rows[0].row.n, rows[-1].row.n) if rows else Extent()

    def rows(self, shard: str, after_n: int = 0, until_n: int = NO_LIMIT) -> Iterator[TailRow]:
        """Yield a shard's inputs after one position up to another, in order."""
        yield from (r for r in self.journals.get(shard, []) if after_n < r.row.n <= until_n)

    def messages(self, shard: str, after_n: int = 0) -> Iterator[Message]:
        """Yield what a shard said after an input, in order."""
        yield from (message for message in self.said.get(shard, []) if message.n > after_n)

    def message(self, channel: str, k: int) -> Message | None:
        """Return the message at a place of a channel."""
        return next((message for message in self.said.get(channel, []) if message.k == k), None)

    def snapshots(self, shard: str) -> list[Snapshot]:
        """Return the snapshots of a shard, oldest first."""
        return list(self.kept.get(shard, []))


def toy_configuration(folder: Path, days: int = 60) -> Configuration:
    """Return a session of two symbols whose prices swing, so that it trades every few days."""
    lines = ["timestamp,symbol,open,high,low,close,volume"]
    for day in range(days):
        start = (FIRST_DAY + timedelta(days=day)).isoformat()
        for symbol, period in (("AAA", 3.0), ("BBB", 5.0)):
            opened, closed = (100 + 10 * math.sin((day + at) / period) for at in (0, 1))
            values = (opened, max(opened, closed) + 1, min(opened, closed) - 1, closed)
            lines.append(f"{start},{symbol},{','.join(f'{v:.2f}' for v in values)},1000000")
    path = folder / "bars.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    trend = StrategyConfiguration(
        name="trend", strategy="ema-crossover", parameters={"fast": 2, "slow": 4}
    )
    session = Session(
        name=SESSION,
        capital=Money(amount=Decimal(100_000), currency="USD"),
        feed=FeedConfiguration(paths=(str(path),)),
        strategies=(trend,),
    )
    return Configuration(sessions=(session,))


def record(configuration: Configuration) -> MemoryRecording:
    """Play the first session of a configuration and return what it left behind."""
    session = configuration.sessions[0]
    dataset = read_replay(replay_settings(session))
    readers = [d for d in readers_of(configuration, session.name) if _plays(d.shard)]
    shards = [LabShard(definition) for definition in readers]
    rounds = Rounds(shards, LabShard(feed_of(session, dataset)))
    tape = _Tape(MemoryRecording(configuration), rounds)
    for shard in (*shards, rounds.feed):
        shard.machine = _Recorded(shard.definition, shard.machine, tape)
        shard.handle = shard.machine.handle
    rounds.begin([(shard, TermStarted(TERM)) for shard in shards])
    for command in ReplaySource(dataset).batches(0):
        instant_ns = _instant(command)
        rounds.play_timers(instant_ns)
        rounds.play(instant_ns, command)
    return tape.recording


def _plays(shard: str) -> bool:
    return shard != GATE_SHARD and not shard.startswith("alerts/")


def _instant(command: Body) -> int:
    assert isinstance(command, FeedBatch | FeedFinished), "a feed's commands are these two"
    return command.at_ns if isinstance(command, FeedFinished) else command.instant_ns


class _Tape:
    """What the recorded shards share: the recording, the clock, and who said what."""

    def __init__(self, recording: MemoryRecording, rounds: Rounds) -> None:
        self.recording = recording
        self.rounds = rounds
        # Bodies travel as they are, so their identity tells where they came from.
        self.places: dict[int, tuple[Message, Body]] = {}
        self.requests: dict[int, tuple[str, Body]] = {}


class _Recorded:
    """A machine inside an engine whose rows and messages are kept."""

    def __init__(self, definition: ShardDefinition, machine: Machine, tape: _Tape) -> None:
        self.shard = definition.shard
        self.core = core_version(definition.machine, definition.parameters)
        self.in_rounds = definition.source is None
        self.tape = tape
        self.machine = machine
        self.engine = Engine(definition.shard, machine, Bookkeeping(), round_ports(definition))
        self.listening = Listening(self.engine)

    def snapshot(self) -> bytes:
        return self.machine.snapshot()

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> _Recorded:
        raise NotImplementedError

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        self._enter_round()
        self.listening.forget()
        taken = self.engine.take(self._input(event), now_ns)
        self._keep(taken)
        effects = self.listening.heard()
        asked = [effect for effect in effects if isinstance(effect, Request)]
        for effect, request in zip(asked, taken.requests, strict=True):
            self.tape.requests[id(effect.body)] = (request.request_id, effect.body)
        if not isinstance(event, Called):
            return effects
        return [
            msgspec.structs.replace(effect, call_id=event.call_id)
            if isinstance(effect, Answer)
            else effect
            for effect in effects
        ]

    def _enter_round(self) -> None:
        rounds, books = self.tape.rounds, self.engine.books
        place = (rounds.instant_ns, rounds.round)
        if self.in_rounds and rounds.instant_ns >= 0 and (books.instant_ns, books.round) != place:
            if books.round >= 0:
                self.engine.end_round(books.round)
            self.engine.begin_round(*place)

    def _input(self, event: Event) -> Input:
        if isinstance(event, TimerFired):
            return Input(InputKind.TIMER, event, name=event.name)
        if isinstance(event, TermStarted):
            return Input(InputKind.TERM_STARTED, event)
        if isinstance(event, Called):
            name = self.tape.requests[id(event.body)][0]
            return Input(InputKind.CALLED, Called(name, _travelled(event.body)), name=name)
        if isinstance(event, Replied):
            name = self.tape.requests[id(event.request)][0]
            replied = Replied(event.port, _travelled(event.request), _travelled(event.answer))
            return Input(InputKind.REPLIED, replied, name=name)
        if isinstance(event, FeedBatch | FeedFinished):
            return Input(InputKind.MESSAGE, event, channel=SOURCE, k=_instant(event))
        message, _ = self.tape.places[id(event)]
        return Input(
            InputKind.MESSAGE,
            message.body,
            channel=message.channel,
            k=message.k,
            chain=chain_hash(message.envelope.previous_hash, message.schema, message.payload),
            message_id=message.envelope.message_id,
            correlation_id=message.envelope.correlation_id,
        )

    def _keep(self, taken: Taken) -> None:
        recording = self.tape.recording
        recording.journals.setdefault(self.shard, []).append(TailRow(taken.row, TERM, self.core))
        cause = taken.input
        for said in taken.outgoing:
            identity = f"{self.shard}:{TERM}:{said.n}.{said.index}"
            envelope = Envelope(
                identity,
                said.channel,
                said.k,
                said.previous_hash,
                said.schema,
                said.at_ns,
                cause.message_id,
                cause.correlation_id or identity,
                "",
            )
            headers = header_lines(envelope.pack(), "", "")
            message = Message(
                said.n, said.channel, said.k, said.at_ns, said.subject, headers, said.payload
            )
            recording.said.setdefault(self.shard, []).append(message)
            self.tape.places[id(said.body)] = (message, said.body)
        if taken.row.n % SNAPSHOT_EVERY == 0:
            snapshot = Snapshot(taken.row.n, self.core, self.engine.snapshot())
            recording.kept.setdefault(self.shard, []).append(snapshot)


def _travelled(body: Body) -> Body:
    """Return a message as it arrives: decoded from its bytes."""
    return codec.decode(codec.schema_of(body), codec.encode(body))
