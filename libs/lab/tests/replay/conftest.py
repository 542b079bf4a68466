"""One toy session, recorded once; every test gets a copy that it may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tidegate_lab.replay.definitions import definitions_of
from tidegate_lab.testing import SESSION, MemoryRecording, record, toy_configuration

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> MemoryRecording:
    """Give the recording that nobody changes."""
    return record(toy_configuration(tmp_path_factory.mktemp("toy")))


@pytest.fixture
def recording(played: MemoryRecording) -> MemoryRecording:
    """Give a copy."""
    copy = MemoryRecording(played.configuration)
    copy.journals = {shard: list(rows) for shard, rows in played.journals.items()}
    copy.said = {shard: list(messages) for shard, messages in played.said.items()}
    copy.kept = {shard: list(snapshots) for shard, snapshots in played.kept.items()}
    return copy


@pytest.fixture
def definitions(recording: MemoryRecording) -> list[ShardDefinition]:
    """Give the machines of the recorded shards, as they were."""
    found = definitions_of(recording, SESSION)
    return [each for each in found if each.shard in recording.journals]
