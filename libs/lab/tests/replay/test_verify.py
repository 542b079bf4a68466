from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tidegate_chassis.host.journal import TailRow
from tidegate_chassis.host.recovery import Rerun
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.errors import RecordingUnreadable
from tidegate_contracts.execution import Fill
from tidegate_lab.outcome import Record
from tidegate_lab.replay.definitions import definitions_of
from tidegate_lab.replay.difference import Difference, first_difference, said_now, said_then
from tidegate_lab.replay.listening import Listening
from tidegate_lab.replay.verify import verify
from tidegate_lab.testing import SESSION, SNAPSHOT_EVERY, MemoryRecording
from tidegate_portfolio.core.machine import PortfolioMachine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_kernel.machine import Effect, Event

RISK, PORTFOLIO = f"risk/{SESSION}", f"portfolio/{SESSION}"
Definitions = list["ShardDefinition"]


def _only_difference(recording: MemoryRecording, definitions: Definitions) -> Difference:
    report = verify(recording, SESSION, definitions)
    found = [each for shard in report.shards for each in shard.differences]
    assert len(found) == 1
    return found[0]


def test_what_was_recorded_is_decided_again(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """No decision differs, every snapshot is reached, and the hashes are those of what was said."""
    said = Record()
    for messages in recording.said.values():
        for message in messages:
            said.hear(message.body)
    report = verify(recording, SESSION, definitions)
    assert report.differ == 0
    assert report.inputs == sum(len(rows) for rows in recording.journals.values())
    assert [s.snapshots for s in report.shards] == [
        s.inputs // SNAPSHOT_EVERY for s in report.shards
    ]
    assert report.outcome == said.outcome(0.0)
    assert report.outcome.fills > 0
    assert all((shard.core,) == shard.cores_recorded for shard in report.shards)


@pytest.fixture
def stricter(recording: MemoryRecording) -> Definitions:
    """Give the machines of the session under half the size of a position."""
    session = recording.configuration.sessions[0]
    limits: dict[str, Any] = {"position_fraction": "0.1"}
    changed = recording.configuration.model_copy(
        update={"sessions": (session.model_copy(update={"limits": limits}),)}
    )
    found = definitions_of(recording, SESSION, changed)
    return [each for each in found if each.shard in recording.journals]


def test_other_parameters_show_both_versions_and_the_causes(
    recording: MemoryRecording, stricter: Definitions
) -> None:
    """Only the shard that decides otherwise differs; the others have their recorded inputs."""
    report = verify(recording, SESSION, stricter, differences_max=3)
    assert [shard.shard for shard in report.shards if shard.differ] == [RISK]
    assert report.outcome is None
    risk = next(shard for shard in report.shards if shard.differ)
    assert risk.core not in risk.cores_recorded
    assert risk.differ > 3
    assert len(risk.differences) == 3
    first = risk.differences[0]
    assert first.recorded is not None
    assert first.replayed is not None
    assert first.recorded.name == "Verdict"
    quantity = next(f for f in first.fields if f.path == "specification.quantity")
    assert int(quantity.recorded) == pytest.approx(2 * int(quantity.replayed), abs=1)
    assert [(cause.name, cause.shard.partition("/")[0]) for cause in first.causes] == [
        ("Signal", "risk"),
        ("Bar", "signals"),
        ("FeedBatch", "market-data"),
    ]


def test_a_version_that_took_over_is_judged_from_where_it_did(recording: MemoryRecording) -> None:
    """It began at the snapshot that the older version had left: from there on nothing differs."""
    signals = _quicker(recording)
    shard = signals.shard
    handed_over = recording.kept[shard][0]
    core = core_version(signals.machine, signals.parameters)
    later = Rerun(signals, handed_over.state)
    takens = [later.handle(tail.row) for tail in recording.rows(shard, handed_over.n)]
    recording.journals[shard][handed_over.n :] = [TailRow(t.row, 2, core) for t in takens]
    recording.kept[shard] = [handed_over]
    fresh = [message for taken in takens for message in taken.outgoing]
    kept = [message for message in recording.said[shard] if message.n <= handed_over.n]
    pattern = kept[-1]
    recording.said[shard] = kept + [
        msgspec.structs.replace(
            pattern, n=m.n, k=m.k, at_ns=m.at_ns, subject=m.subject, payload=m.payload
        )
        for m in fresh
    ]
    (found,) = verify(recording, SESSION, [signals], differences_max=1_000).shards
    assert fresh
    assert found.cores_recorded[-1] == core
    assert len(found.cores_recorded) == 2
    assert found.differ == len(found.differences) > 0
    assert all(each.n <= handed_over.n for each in found.differences)


def _quicker(recording: MemoryRecording) -> ShardDefinition:
    """Return the signals' shard with another fast average."""
    session = recording.configuration.sessions[0]
    strategy = session.strategies[0].model_copy(update={"parameters": {"fast": 3, "slow": 4}})
    changed = session.model_copy(update={"strategies": (strategy,)})
    configuration = recording.configuration.model_copy(update={"sessions": (changed,)})
    return definitions_of(recording, SESSION, configuration)[1]


def test_a_changed_hash_is_found_at_its_row(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """A timer that was recorded otherwise shows in the hash alone, and the report says so."""
    rows = recording.journals[PORTFOLIO]
    place = next(i for i, tail in enumerate(rows) if tail.row.effects_hash)
    row = msgspec.structs.replace(rows[place].row, effects_hash=bytes(16))
    rows[place] = msgspec.structs.replace(rows[place], row=row)
    found = _only_difference(recording, definitions)
    assert (found.kind, found.n) == ("EFFECTS", row.n)
    assert "timer" in found.note
    assert found.recorded is None


def test_a_changed_message_is_told_from_another_decision(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """The hash of the effects still fits: the record was changed, not the code."""
    messages = recording.said[RISK]
    other = messages[1]
    messages[0] = msgspec.structs.replace(messages[0], payload=other.payload)
    found = _only_difference(recording, definitions)
    assert (found.kind, found.n) == ("RECORD", messages[0].n)
    assert found.fields


def test_another_state_at_a_snapshot_is_a_difference(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """Equal messages are not enough: the state that the next decision is made on must be equal."""
    kept = recording.kept[RISK]
    kept[0] = msgspec.structs.replace(kept[0], state=kept[1].state)
    found = _only_difference(recording, definitions)
    assert (found.kind, found.n) == ("STATE", kept[0].n)


def test_a_journal_without_its_beginning_is_run_from_its_oldest_snapshot(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """What is left is compared; what the session ended with is not claimed."""
    kept = recording.kept[RISK][0]
    recording.journals[RISK] = [t for t in recording.journals[RISK] if t.row.n > kept.n]
    recording.said[RISK] = [m for m in recording.said[RISK] if m.n > kept.n]
    report = verify(recording, SESSION, definitions)
    risk = next(shard for shard in report.shards if shard.shard == RISK)
    assert report.differ == 0
    assert (risk.after_n, risk.inputs) == (kept.n, len(recording.journals[RISK]))
    assert report.outcome is None


def test_messages_that_are_not_kept_any_more_are_compared_by_their_hash(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """An outbox whose beginning is gone hides nothing that the journal's hashes do not show."""
    recording.said[RISK] = recording.said[RISK][2:]
    assert verify(recording, SESSION, definitions).differ == 0
    recording.said[RISK] = [recording.said[RISK][0], *recording.said[RISK][2:]]
    assert _only_difference(recording, definitions).kind == "RECORD"
    recording.said[RISK] = []
    assert verify(recording, SESSION, definitions).differ == 0


def test_neither_genesis_nor_snapshot_is_an_error(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """Nothing is replayed from an unknown state."""
    recording.journals[RISK] = recording.journals[RISK][10:]
    recording.kept[RISK] = []
    with pytest.raises(RecordingUnreadable, match="begins at n=11"):
        verify(recording, SESSION, definitions)


class Refusing(PortfolioMachine):
    """A portfolio that does not know fills."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Fail at the first fill."""
        if isinstance(event, Fill):
            message = "no fills here"
            raise TypeError(message)
        return super().handle(event, now_ns)


def test_code_that_cannot_handle_an_input_ends_its_shards_replay(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """The error, the input and its causes are shown; other shards are replayed all the same."""
    changed = [
        replace(each, machine=Refusing) if each.shard == PORTFOLIO else each for each in definitions
    ]
    found = _only_difference(recording, changed)
    assert (found.kind, found.shard) == ("RAISED", PORTFOLIO)
    assert "no fills here" in found.note
    assert found.causes[0].name == "Fill"


def test_requests_and_answers_are_found_in_later_inputs(
    recording: MemoryRecording, definitions: Definitions
) -> None:
    """For every input, what the record tells of its effects is what the machine does."""
    kinds: set[str] = set()
    for definition in definitions:
        rerun = Rerun(definition, None)
        listening = Listening(rerun.engine)
        for tail in recording.rows(definition.shard):
            listening.forget()
            rerun.handle(tail.row)
            now = said_now(listening.heard())
            said = [m for m in recording.said.get(definition.shard, []) if m.n == tail.row.n]
            then = said_then(recording, definition.shard, tail.row, said)
            assert first_difference(then, now) == (None, None, ())
            kinds |= {each.kind for each in then}
    assert kinds == {"publish", "request", "answer"}
