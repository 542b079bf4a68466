"""A backup's file is taken whole or not at all, and says which hash does not fit."""

from pathlib import Path

import msgspec
import pytest

from tidegate_chassis.keeping.container import (
    FORMAT,
    KeptShard,
    Manifest,
    Origin,
    kept_file,
    opened,
    write_backup,
)
from tidegate_chassis.keeping.errors import BackupDamaged, NotTaken

ORIGIN = Origin(
    release="1.0",
    commit="abc",
    code="c0de",
    contract="c1",
    schema="20260101000001",
    architecture="x86_64",
    python="3.11",
)
SHARD = KeptShard(
    service="risk", shard="risk/a", term=3, n=9, snapshot_n=9, core="c", heads={"risk/a": 4}
)


def written(folder: Path) -> Path:
    """Write a backup of two small files."""
    (folder / "databases").mkdir()
    (folder / "kill.json").write_text("[]")
    (folder / "databases" / "journal").write_bytes(b"row" * 5_000)
    files = (kept_file(folder, "kill.json"), kept_file(folder, "databases/journal", rows=3))
    manifest = Manifest(
        format=FORMAT,
        taken_at="2026-01-01",
        origin=ORIGIN,
        instance="main",
        sessions=("a",),
        gate={},
        shards=(SHARD,),
        files=files,
    )
    path = folder / "one.backup"
    write_backup(path, manifest, folder)
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Manifest and contents come back, and the judge is content."""
    with opened(written(tmp_path)) as backup:
        backup.judge()
        assert backup.manifest.shards == (SHARD,)
        assert backup.manifest.hash == backup.manifest.digest()
        assert backup.text("kill.json") == "[]"
        assert backup.text("no-such-file") == ""
        assert backup.names("databases/") == ["databases/journal"]
        with backup.content("databases/journal") as content:
            assert content.read() == b"row" * 5_000


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """It holds positions and orders."""
    assert written(tmp_path).stat().st_mode & 0o077 == 0


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """A second backup of the same name is refused, and nothing is left beside it."""
    path = written(tmp_path)
    before = path.read_bytes()
    with opened(path) as backup:
        manifest = msgspec.structs.replace(backup.manifest, taken_at="later")
    with pytest.raises(NotTaken, match="found one; name another file"):
        write_backup(path, manifest, tmp_path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_a_changed_byte_names_its_file(tmp_path: Path) -> None:
    """Both hashes are said."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"rowrow", b"rowroW", 1))
    with opened(path) as backup, pytest.raises(BackupDamaged) as caught:
        backup.judge()
    kept = backup.manifest.file("databases/journal")
    assert kept is not None
    assert kept.sha256 in caught.value.expected
    assert "databases/journal" in caught.value.expected
    assert len(caught.value.found) == len(kept.sha256)


def test_a_changed_manifest_is_named(tmp_path: Path) -> None:
    """Its own hash does not fit any more."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"term": 3', b'"term": 4', 1))
    with pytest.raises(BackupDamaged, match=r"manifest\.json in .* with the hash"), opened(path):
        pass


@pytest.mark.parametrize("kept_bytes", [0, 100, 600, 9_000])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, kept_bytes: int) -> None:
    """Wherever it ends."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(BackupDamaged), opened(path) as backup:
        backup.judge()


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """Neither text nor a missing file is one."""
    (tmp_path / "text").write_text("hello " * 200)
    for name in ("text", "missing"):
        with pytest.raises(BackupDamaged, match="expected"), opened(tmp_path / name):
            pass


def test_a_shard_is_drained_when_its_snapshot_is_at_its_end() -> None:
    """Then another version may go on from it."""
    assert SHARD.drained
    assert not msgspec.structs.replace(SHARD, n=10).drained
