from __future__ import annotations

import pytest

from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_chassis.recorded.positions import position_at
from tidegate_lab.replay.definitions import definition_of
from tidegate_lab.replay.state import state_at
from tidegate_lab.testing import SESSION, MemoryRecording

RISK = f"risk/{SESSION}"


@pytest.fixture
def risk(recording: MemoryRecording) -> ShardDefinition:
    """Give the decision shard."""
    return definition_of(recording, SESSION, RISK)


@pytest.mark.parametrize("n", [0, 1, 99, 100, 101, 150, 232])
def test_a_state_is_the_same_from_a_snapshot_and_from_the_genesis(
    recording: MemoryRecording, risk: ShardDefinition, n: int
) -> None:
    """Snapshots only make the way shorter."""
    with_snapshots = state_at(recording, risk, n)
    recording.kept[RISK] = []
    assert state_at(recording, risk, n).machine == with_snapshots.machine
    assert with_snapshots.n == n


def test_without_a_position_the_state_is_the_last_one(
    recording: MemoryRecording, risk: ShardDefinition
) -> None:
    """It holds what was decided by then."""
    state = state_at(recording, risk)
    assert state.n == len(recording.journals[RISK])
    assert len(state.machine["decided"]) == len(recording.said[RISK])
    assert state.core == state.core_recorded


def test_a_time_means_the_last_input_handled_by_then(recording: MemoryRecording) -> None:
    """Before the first there is none; after the last it is the last."""
    rows = recording.journals[RISK]
    middle = rows[len(rows) // 2].row
    found = position_at(recording, RISK, middle.at_ns)
    assert rows[found - 1].row.at_ns == middle.at_ns
    assert found == len(rows) or rows[found].row.at_ns > middle.at_ns
    assert position_at(recording, RISK, -1) == 0
    assert position_at(recording, RISK, 2**62) == len(rows)


def test_a_position_behind_the_end_is_not_recorded(
    recording: MemoryRecording, risk: ShardDefinition
) -> None:
    """The error names the last one."""
    last = len(recording.journals[RISK])
    with pytest.raises(NotRecorded, match=f"from 0 to {last} "):
        state_at(recording, risk, 10_000)


def test_an_unknown_shard_lists_the_known_ones(recording: MemoryRecording) -> None:
    """Nobody should have to look them up."""
    with pytest.raises(NotRecorded, match=f"market-data/replay-{SESSION}, .*{RISK}"):
        definition_of(recording, SESSION, "risk/nobody")
