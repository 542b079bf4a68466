"""A recorded session through this code: the same inputs, and every effect compared.

Each shard is judged alone, on the inputs that it had: what differs is its own doing, and nothing
that one shard decides otherwise reaches another. An input whose effects differ is a difference;
the machine goes on from its own new state, so under changed code the count tells how far the
change reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.engine import read_snapshot
from tidegate_chassis.host.recovery import Rerun, is_same
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.recording import NO_LIMIT, beginning
from tidegate_contracts.market import Bar, FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_kernel.money import use_money_context
from tidegate_lab.outcome import Outcome, Record
from tidegate_lab.replay.causes import causes
from tidegate_lab.replay.difference import Difference, first_difference, said_now, said_then
from tidegate_lab.replay.listening import Listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Engine, Taken
    from tidegate_chassis.host.journal import TailRow
    from tidegate_chassis.recorded.recording import Message, Recording
    from tidegate_kernel.machine import Body


class ShardReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the replay of one shard's journal found."""

    shard: str
    # The first input that was run again is the one after this; 0 is the genesis.
    after_n: int
    last_n: int
    inputs: int
    # Inputs that came to something: messages, timers, requests or answers.
    decisions: int
    messages: int
    # Snapshots on the way whose state was reached again.
    snapshots: int
    core: str
    cores_recorded: tuple[str, ...]
    differ: int
    differences: tuple[Difference, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the replay of a session found."""

    session: str
    differ: int
    inputs: int
    decisions: int
    shards: tuple[ShardReport, ...]
    # What the session ended with, computed from the replayed messages; None when a part of it
    # was not replayed, or when decisions differ: those were never carried out.
    outcome: Outcome | None


def verify(
    recording: Recording,
    session: str,
    definitions: Sequence[ShardDefinition],
    differences_max: int = 1,
) -> Report:
    """Run shards again and compare; at most ``differences_max`` of each are told in full."""
    use_money_context()
    record = Record()
    bars = 0

    def hear(body: Body) -> None:
        nonlocal bars
        bars += type(body) is Bar
        record.hear(body)

    reports = [
        _Verification(recording, definition, differences_max).run(hear)
        for definition in definitions
    ]
    differ = sum(report.differ for report in reports)
    outcome = None
    if not differ and all(report.after_n == 0 for report in reports) and _is_whole(record):
        # The feed's own count is said at its end; a session that runs has not got there.
        outcome = msgspec.structs.replace(record.outcome(0.0), bars=bars)
    return Report(
        session=session,
        differ=differ,
        inputs=sum(report.inputs for report in reports),
        decisions=sum(report.decisions for report in reports),
        shards=tuple(reports),
        outcome=outcome,
    )


def _is_whole(record: Record) -> bool:
    """Tell whether feed and books were replayed: the outcome is counted from what they said."""
    return bool(record.of(FeedStatus) and record.of(AccountSnapshot))


class _Verification:
    """One shard's journal on its way through this code."""

    def __init__(
        self, recording: Recording, definition: ShardDefinition, differences_max: int
    ) -> None:
        self._recording = recording
        self._definition = definition
        self._shard = definition.shard
        self._core = core_version(definition.machine, definition.parameters)
        self._start = beginning(recording, definition.shard)
        self._go_on_from(self._start.state)
        self._snapshots = {
            each.n: each for each in recording.snapshots(definition.shard) if each.n > self._start.n
        }
        self._cores: dict[str, None] = {}
        self._written_by = ""
        self._differences: list[Difference] = []
        self._differences_max = differences_max
        self._differ = self._decisions = self._messages = self._inputs = self._states = 0

    def run(self, hear: Callable[[Body], None]) -> ShardReport:
        """Handle the whole journal; ``hear`` gets all that is said on the way."""
        said_k = self._rerun.engine.books.heads.get(self._shard, (0, b""))[0]
        said = _by_input(self._recording.messages(self._shard, self._start.n), said_k)
        for tail in self._recording.rows(self._shard, self._start.n):
            self._follow_versions(tail)
            self._inputs += 1
            self._decisions += bool(tail.row.effects_hash)
            self._machine.forget()
            try:
                taken = self._rerun.handle(tail.row)
            except Exception as error:  # noqa: BLE001 - changed code may refuse what it never asked
                self._raised(tail, said(tail.row.n), error)
                break
            for message in taken.outgoing:
                self._messages += 1
                hear(message.body)
            self._compare(tail, taken, said(tail.row.n))
            self._compare_state(tail)
        return self._report()

    def _go_on_from(self, state: bytes | None) -> None:
        self._rerun = Rerun(self._definition, state)
        self._machine = Listening(self._rerun.engine)

    def _follow_versions(self, tail: TailRow) -> None:
        """Note who wrote an input. Where this version took over, go on from what it was left.

        A version hands over with a snapshot at the journal's head. What this one would have made
        of the older inputs is no state that it ever decided on.
        """
        if tail.core == self._written_by:
            return
        self._written_by = tail.core
        self._cores[tail.core] = None
        left = self._snapshots.get(tail.row.n - 1)
        if tail.core == self._core and left is not None:
            self._go_on_from(left.state)

    def _report(self) -> ShardReport:
        return ShardReport(
            shard=self._shard,
            after_n=self._start.n,
            last_n=self._start.n + self._inputs,
            inputs=self._inputs,
            decisions=self._decisions,
            messages=self._messages,
            snapshots=self._states,
            core=self._core,
            cores_recorded=tuple(self._cores),
            differ=self._differ,
            differences=tuple(self._differences),
        )

    def _compare(self, tail: TailRow, taken: Taken, messages: list[Message] | None) -> None:
        if not is_same(taken, tail.row):
            self._note("EFFECTS", tail, messages, taken.row.effects_hash)
        elif messages is not None and _places(messages) != [
            (message.channel, message.k, message.subject, message.payload)
            for message in taken.outgoing
        ]:
            note = "the kept messages are not those of the recorded hash: the record was changed"
            self._note("RECORD", tail, messages, taken.row.effects_hash, note)

    def _raised(self, tail: TailRow, messages: list[Message] | None, error: Exception) -> None:
        note = f"{type(error).__name__}: {error}; the inputs behind this one were not replayed"
        self._note("RAISED", tail, messages, b"", note)

    def _compare_state(self, tail: TailRow) -> None:
        stored = self._snapshots.get(tail.row.n)
        if stored is None or stored.core != self._core or self._differ:
            return
        if is_same_state(self._rerun.engine, stored.state):
            self._states += 1
        else:
            note = "all effects so far are equal, but the state is not that of the snapshot"
            self._note("STATE", tail, None, tail.row.effects_hash, note)

    def _note(
        self,
        kind: str,
        tail: TailRow,
        messages: list[Message] | None,
        replayed_hash: bytes,
        note: str = "",
    ) -> None:
        self._differ += 1
        if len(self._differences) >= self._differences_max:
            return
        row = tail.row
        then = said_then(self._recording, self._shard, row, messages or [])
        recorded, replayed, fields = first_difference(then, said_now(self._machine.heard()))
        if messages is None and kind != "STATE":
            note = "the recorded messages are not kept any more, only the hash of the effects"
        elif recorded is None and replayed is None and kind == "EFFECTS":
            note = "a timer or an answer differs; the record keeps those in the hash alone"
        self._differences.append(
            Difference(
                kind=kind,
                shard=self._shard,
                n=row.n,
                core_recorded=tail.core,
                recorded_hash=row.effects_hash.hex(),
                replayed_hash=replayed_hash.hex(),
                recorded=recorded,
                replayed=replayed,
                fields=fields,
                note=note,
                causes=causes(self._recording, self._shard, row),
            )
        )


def is_same_state(engine: Engine, snapshot: bytes) -> bool:
    """Compare machine and books with a snapshot, but for the round that was being played.

    Rounds without an input leave no trace in the journal, so the place in the clock may be older
    and the reports fewer.
    """
    stored, memory = read_snapshot(snapshot)
    books, _ = read_snapshot(engine.snapshot())
    compared = ("n", "heads", "cursors", "timers", "published")
    return memory == engine.machine.snapshot() and all(
        getattr(books, name) == getattr(stored, name) for name in compared
    )


def _places(messages: list[Message]) -> list[tuple[str, int, str, bytes]]:
    return [(each.channel, each.k, each.subject, each.payload) for each in messages]


def _by_input(messages: Iterator[Message], said_k: int) -> Callable[[int], list[Message] | None]:
    """Return a function that gives each input's messages; ask it in the order of n.

    ``said_k`` is how far the channel was at the start. The function answers None for inputs before
    the oldest message that is kept.
    """
    waiting = next(messages, None)
    kept_from_n = NO_LIMIT
    if waiting is not None:
        kept_from_n = 0 if waiting.k == said_k + 1 else waiting.n

    def take(n: int) -> list[Message] | None:
        nonlocal waiting
        found: list[Message] = []
        while waiting is not None and waiting.n <= n:
            found.append(waiting)
            waiting = next(messages, None)
        return found if n >= kept_from_n else None

    return take
