"""The contract only grows: buf lints it and compares it with the last release."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def buf(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The buf command, with a cache of its own."""
    cache = tmp_path_factory.mktemp("buf-cache")
    return ["env", f"BUF_CACHE_DIR={cache}", str(tools / "buf")]


def run(buf: list[str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run buf on a folder."""
    command = [*buf, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def breaking(buf: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Compare a contract with the baseline that lies in it."""
    return run(buf, folder, "breaking", "--against", "baseline.binpb")


@pytest.fixture
def copy(proto: Path, tmp_path: Path) -> Path:
    """A copy of the contract that a test may change."""
    folder = tmp_path / "proto"
    shutil.copytree(proto / "tidegate", folder / "tidegate")
    for name in ("buf.yaml", "baseline.binpb"):
        shutil.copy(proto / name, folder / name)
    return folder


def change(folder: Path, before: str, after: str) -> None:
    """Change one place of the market's messages."""
    path = folder / "tidegate" / "market" / "v1" / "market.proto"
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def test_the_contract_is_linted(buf: list[str], proto: Path) -> None:
    """All standard rules, no exceptions."""
    found = run(buf, proto, "lint")
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_the_contract_breaks_nothing(buf: list[str], proto: Path) -> None:
    """Whoever reads the last release's messages reads today's."""
    found = breaking(buf, proto)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_a_new_field_is_no_break(buf: list[str], copy: Path) -> None:
    """Contracts grow by new fields with new numbers."""
    change(copy, "  bool gap_before = 12;\n", "  bool gap_before = 12;\n  int64 trades = 13;\n")
    assert breaking(buf, copy).returncode == 0


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("  bool gap_before = 12;\n", "", 'field "12" with name "gap_before" on message "Bar"'),
        ("bool gap_before = 12", "bool gap_before = 13", 'field "12" with name "gap_before"'),
        ("bool gap_before = 12", "string gap_before = 12", 'changed type from "bool"'),
        ("bool gap_before = 12", "bool hole_before = 12", "hole_before"),
        ("  FEED_STATE_ENDED = 4;\n", "", 'enum value "4"'),
    ],
)
def test_a_break_is_found(buf: list[str], copy: Path, before: str, after: str, words: str) -> None:
    """A removed, renumbered, retyped or renamed field or enum value fails the build."""
    change(copy, before, after)
    found = breaking(buf, copy)
    assert found.returncode != 0
    assert words.lower() in found.stdout.lower()
