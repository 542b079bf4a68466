"""The repository as data: its files, its Python sources, its members."""

import subprocess
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _is_generated(path: Path) -> bool:
    """Whether the file says in its first lines that a program wrote it."""
    with path.open(encoding="utf-8", errors="ignore") as file:
        opening = "".join(file.readline(500) for _ in range(3)).lower()
    return "generated" in opening and "do not edit" in opening


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Return what is committed or would be: every file that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in listing.split("\0") if name and (path := root / name).is_file())


@pytest.fixture(scope="session")
def texts(files: list[Path]) -> dict[Path, str]:
    """Return the files that are text (UTF-8), with their contents; the others are binary."""
    contents = {}
    for path in files:
        with suppress(UnicodeDecodeError):
            contents[path] = path.read_text(encoding="utf-8")
    return contents


@pytest.fixture(scope="session")
def handwritten(texts: dict[Path, str]) -> dict[Path, str]:
    """Return the Python files that people write."""
    return {p: t for p, t in texts.items() if p.suffix == ".py" and not _is_generated(p)}


@pytest.fixture(scope="session")
def generated(files: list[Path]) -> set[Path]:
    """Return the files that carry the mark of a generator."""
    return {path for path in files if _is_generated(path)}


@pytest.fixture(scope="session")
def members(root: Path) -> dict[str, Path]:
    """Return the workspace's members: the import name of each and its folder."""
    workspace = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    folders = [root / member for member in workspace["members"]]
    names = [tomllib.loads((f / "pyproject.toml").read_text())["project"]["name"] for f in folders]
    return {name.replace("-", "_"): f for name, f in zip(names, folders, strict=True)}


@pytest.fixture(scope="session")
def services(members: dict[str, Path], root: Path) -> dict[str, Path]:
    """Return the members that are services."""
    return {name: path for name, path in members.items() if path.parent == root / "services"}
