"""What may be committed: nothing of one machine, nothing unfinished, nothing unmarked."""

import re
from pathlib import Path

# Joined here, so that this file does not contain what it forbids.
UNFINISHED = re.compile(rf"\b({'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'))})\b")
MACHINE_PATHS = re.compile(rf"(?<![\w.*-])/({'|'.join(('wo' + 'rk', 'ro' + 'ot', 'ho' + 'me'))})/")
LOCK_SUFFIXES = (".lock", "package-lock.json")
SOURCE_OF_GENERATED = re.compile(r"generated (from [\w./-]+|by \S+)", re.IGNORECASE)


def test_lock_files_name_no_address(texts: dict[Path, str], root: Path) -> None:
    """A lock pins names, versions and hashes; where they come from is each machine's own."""
    locks = {path: text for path, text in texts.items() if path.name.endswith(LOCK_SUFFIXES)}
    naming = [str(path.relative_to(root)) for path, text in locks.items() if "://" in text]
    assert locks
    assert not naming, f"Make these with `make lock`, which writes no address: {naming}"


def test_python_locks_are_hashed(texts: dict[Path, str], root: Path) -> None:
    """Each locked package carries hashes, so that no registry can change what is installed."""
    unhashed = [
        f"{path.relative_to(root)}: {line}"
        for path, text in texts.items()
        if path.name.startswith("requirements") and path.suffix == ".lock"
        for line in text.splitlines()
        if "==" in line and not line.startswith(" ") and not line.endswith("\\")
    ]
    assert not unhashed, f"Make the lock with `make lock`, which writes hashes: {unhashed}"


def test_files_name_no_path_of_one_machine(texts: dict[Path, str], root: Path) -> None:
    """A path from one person's machine means nothing on the next."""
    naming = _lines(texts, MACHINE_PATHS, root)
    assert not naming, f"Use a path relative to the file, or a setting: {naming}"


def test_nothing_committed_is_unfinished(texts: dict[Path, str], root: Path) -> None:
    """What is left to do is an issue, not a comment."""
    unfinished = _lines(texts, UNFINISHED, root)
    assert not unfinished, f"Finish these, or file an issue: {unfinished}"


def test_generated_files_carry_a_mark(root: Path, generated: set[Path]) -> None:
    """What comes from a .proto file says so, so that nobody edits it."""
    domains = {path.name for path in (root / "proto" / "tidegate").iterdir()}
    package = root / "proto" / "src" / "tidegate_contracts"
    written = {path for path in package.rglob("*.py") if path.stem in domains}
    unmarked = sorted(str(path.relative_to(root)) for path in written - generated)
    assert written
    assert not unmarked, (
        f"Begin them with 'Generated from … by `make generate`; do not edit.': {unmarked}"
    )


def test_generated_files_name_their_source(
    texts: dict[Path, str], generated: set[Path], root: Path
) -> None:
    """A generated file names what to edit instead, a file or a command, and a file is there."""
    astray = [
        str(path.relative_to(root))
        for path in generated
        if not (match := SOURCE_OF_GENERATED.search(texts[path]))
        or not (match[1].startswith("by ") or (root / match[1].removeprefix("from ")).exists())
    ]
    assert not astray, f"Write 'Generated from <path in the repository> by …' in: {astray}"


def _lines(texts: dict[Path, str], pattern: re.Pattern[str], root: Path) -> list[str]:
    """List each line that the pattern matches, as file:line."""
    return [
        f"{path.relative_to(root)}:{number}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
