"""A backup is judged whole before anything of it is written."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from tidegate_chassis.keeping.container import (
    FORMAT,
    KeptShard,
    Manifest,
    kept_file,
    write_backup,
)
from tidegate_cli import origin

from .conftest import Tidegate

NOTHING_ELSE: Mapping[str, str] = {}
SHARD = KeptShard(service="risk", shard="risk/a", term=1, n=5, snapshot_n=5, core="c", heads={})


def written(
    folder: Path, source: Mapping[str, str] = NOTHING_ELSE, shard: KeptShard = SHARD
) -> Path:
    """Write a backup by this code, but for what ``source`` says."""
    (folder / "kill.json").write_text("[]")
    known = origin.origin(origin.newest_schema())
    manifest = Manifest(
        format=FORMAT,
        taken_at="2026-01-01T00:00:00+00:00",
        origin=msgspec.structs.replace(known, **source),
        instance="main",
        sessions=("a",),
        gate={"all": "HALTED"},
        shards=(shard,),
        files=(kept_file(folder, "kill.json"),),
    )
    path = folder / "one.backup"
    write_backup(path, manifest, folder)
    return path


def test_a_sound_backup_is_described(tidegate: Tidegate, tmp_path: Path) -> None:
    """What it holds, of when, by which code, and how the gate stood."""
    ended = tidegate("restore", str(written(tmp_path)), "--check")
    assert ended.code == 0
    for said in ("2026-01-01T00:00:00", origin.release(), "risk/a", "gate: all HALTED"):
        assert said in ended.out
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("source", "named"), [({"release": "0.0.9"}, "0.0.9"), ({"schema": "19990101"}, "19990101")]
)
def test_another_version_is_refused_and_both_are_said(
    tidegate: Tidegate, tmp_path: Path, source: dict[str, str], named: str
) -> None:
    """Releases and schemas must be equal."""
    error = tidegate("--json", "restore", str(written(tmp_path, source))).document["error"]
    assert error["code"] == "OTHER_VERSION"
    assert named in error["found"]
    assert origin.release() in error["expected"]
    assert origin.newest_schema() in error["expected"]


def test_other_cores_may_take_over_only_what_was_drained(
    tidegate: Tidegate, tmp_path: Path
) -> None:
    """A journal's tail is never decided again by another version."""
    (drained := tmp_path / "drained").mkdir()
    (running := tmp_path / "running").mkdir()
    assert tidegate("restore", str(written(drained, {"code": "other"})), "--check").code == 0
    tail = msgspec.structs.replace(SHARD, n=6)
    error = tidegate(
        "--json", "restore", str(written(running, {"code": "other"}, tail)), "--check"
    ).document["error"]
    assert error["code"] == "OTHER_VERSION"
    assert "not drained: risk/a" in error["found"]
    assert f"core {origin.code()} of risk/a" in error["expected"]


def test_a_damaged_file_is_named_with_its_hash(tidegate: Tidegate, tmp_path: Path) -> None:
    """Exit code 5, and the home stays as it was."""
    path = written(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"[]")] ^= 1
    path.write_bytes(content)
    ended = tidegate("restore", str(path))
    assert ended.code == 5
    assert "kill.json in" in ended.err
    assert "with the hash" in ended.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("left", ["data/nats/file", "run/main.yaml", "tidegate.yaml"])
def test_a_home_that_is_not_empty_is_refused(tidegate: Tidegate, tmp_path: Path, left: str) -> None:
    """What is there stays."""
    path = tmp_path / "home" / left
    path.parent.mkdir(parents=True)
    path.write_text("kept")
    ended = tidegate("restore", str(written(tmp_path)))
    assert ended.code == 4
    assert "found" in ended.err
    assert path.read_text() == "kept"


def test_a_missing_file_is_an_error(tidegate: Tidegate) -> None:
    """It says how one is made."""
    ended = tidegate("restore", "nowhere.backup")
    assert ended.code == 5
    assert "tidegate backup" in ended.err


def test_no_backup_is_written_over_another(tidegate: Tidegate, tmp_path: Path) -> None:
    """Even before the instance is looked for."""
    path = written(tmp_path)
    ended = tidegate("backup", str(path))
    assert ended.code == 2
    assert "is there already" in ended.err


def test_nothing_to_back_up_is_an_error(tidegate: Tidegate, tmp_path: Path) -> None:
    """No instance runs, and the home has no data."""
    ended = tidegate("backup", str(tmp_path / "one.backup"))
    assert ended.code == 3
    assert not (tmp_path / "one.backup").exists()
