from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.recorded.errors import NotRecorded, RecordingUnreadable
from tidegate_lab.replay.archive import MANIFEST, ArchiveRecording, write_archive
from tidegate_lab.replay.verify import verify
from tidegate_lab.testing import SESSION, MemoryRecording

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_chassis.host.definition import ShardDefinition

RISK = f"risk/{SESSION}"


@pytest.fixture
def folder(recording: MemoryRecording, tmp_path: Path) -> Path:
    """Give an archive of the session."""
    path = tmp_path / "archive"
    write_archive(recording, SESSION, list(recording.journals), path)
    return path


def test_an_archive_holds_what_was_recorded(recording: MemoryRecording, folder: Path) -> None:
    """Every input, message and snapshot comes back equal, and the configuration too."""
    archive = ArchiveRecording(folder)
    assert archive.configuration == recording.configuration
    for shard in recording.journals:
        assert archive.extent(shard) == recording.extent(shard)
        assert list(archive.rows(shard)) == recording.journals[shard]
        assert list(archive.rows(shard, 20, 30)) == recording.journals[shard][20:30]
        assert list(archive.messages(shard)) == recording.said[shard]
        assert list(archive.messages(shard, 50)) == list(recording.messages(shard, 50))
        assert archive.snapshots(shard) == recording.snapshots(shard)
        assert archive.message(shard, 3) == recording.message(shard, 3)
        assert archive.message(shard, 100_000) is None


def test_an_archive_replays(folder: Path, definitions: list[ShardDefinition]) -> None:
    """With no database and no data file, no decision differs."""
    assert verify(ArchiveRecording(folder), SESSION, definitions).differ == 0


@pytest.mark.parametrize("table", ["journal", "messages", "snapshots"])
def test_a_changed_file_is_refused(folder: Path, table: str) -> None:
    """One flipped bit in any of them, and nothing is read."""
    path = folder / f"risk.{SESSION}.{table}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RecordingUnreadable, match=path.name):
        ArchiveRecording(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    """The error names it."""
    (folder / f"risk.{SESSION}.journal.parquet").unlink()
    with pytest.raises(RecordingUnreadable, match="no such file"):
        ArchiveRecording(folder)


def test_a_changed_manifest_is_refused(folder: Path) -> None:
    """Hashes, configuration and counts are under a hash of their own."""
    path = folder / MANIFEST
    path.write_text(path.read_text().replace("100000", "200000"))
    with pytest.raises(RecordingUnreadable, match="was changed"):
        ArchiveRecording(folder)


def test_only_an_empty_folder_is_written_to(recording: MemoryRecording, folder: Path) -> None:
    """An older archive is never mixed with a newer one."""
    with pytest.raises(RecordingUnreadable, match="empty folder"):
        write_archive(recording, SESSION, [RISK], folder)


def test_a_folder_without_an_archive_is_refused(tmp_path: Path) -> None:
    """The error says how to write one."""
    with pytest.raises(RecordingUnreadable, match="--export"):
        ArchiveRecording(tmp_path)


def test_a_shard_that_is_not_in_the_archive_is_named(folder: Path) -> None:
    """Asking for another is a question, not a changed file."""
    with pytest.raises(NotRecorded, match="risk/other"):
        ArchiveRecording(folder).extent("risk/other")
