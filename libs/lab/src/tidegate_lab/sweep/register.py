"""The register of trials: whatever was tried on some data counts for ever.

A file of one JSON line per trial, only ever appended to:

1. Each entry holds its number and the hash of the entry before it, so that a line that is
   changed, removed or put in breaks the chain.
2. The head, a file beside it, holds the number and hash of the last entry: a cut-off end shows.
3. An entry is on the disk (fsync) before anybody is shown its result, and under a lock, so that
   several sweeps share one register.
4. The same trial tried again is not counted again. Trials count together when their data share
   an instrument at some time.

Whoever replaces both files can still cheat; the head's hash in each run's results tells.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, NoReturn

import msgspec

from tidegate_lab.statistics.honest import Trials, trials_of
from tidegate_lab.sweep.errors import RegisterError
from tidegate_lab.sweep.grid import Value
from tidegate_lab.sweep.identity import Data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REGISTER_FOLDER = "trials"
"""Where a home keeps its register."""
FILE_NAME = "trials.jsonl"
HEAD_NAME = "trials.head"
_HASH_BYTES = 16


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered of a trial."""

    key: str
    kind: str
    """``exact``: played by the machines. ``screened``: a screen's estimate."""
    version: str
    """Of the code that decided."""
    strategy: str
    parameters: dict[str, Value]
    data: Data
    sharpe: float | None
    """Per day."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the register."""

    number: int
    previous: str
    trial: Tried


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last entry's number and hash; 0 and nothing at the start."""

    number: int = 0
    hash: str = ""


class Register:
    """One register. Opening it checks the whole chain; `RegisterError` says where it is broken."""

    def __init__(self, folder: Path) -> None:
        """Open the register in a folder, or begin one there."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE_NAME
        self._head_path = folder / HEAD_NAME
        self._lock_path = folder / f"{FILE_NAME}.lock"
        self._trials: list[Tried] = []
        self._known: set[tuple[str, str, str]] = set()
        # The hash of each entry; that of none at place 0.
        self._hashes = [""]
        self._size = 0
        with self._locked():
            self._read()

    @property
    def head(self) -> Head:
        """The last entry's number and hash."""
        return Head(number=len(self._hashes) - 1, hash=self._hashes[-1])

    def add(self, trials: Sequence[Tried]) -> None:
        """Append trials that are not known yet; when this returns they are on the disk."""
        with self._locked():
            self._read()
            fresh = {_name(each): each for each in trials if _name(each) not in self._known}
            if fresh:
                self._append(list(fresh.values()))

    def beside(self, data: Data) -> Trials:
        """Return the number of different trials on data that overlap, and their variance.

        An exact result counts instead of a screened one of the same trial, the newest instead of
        older code's.
        """
        found: dict[str, Tried] = {}
        for trial in self._trials:
            if not data.overlaps(trial.data):
                continue
            before = found.get(trial.key)
            if before is None or before.kind != "exact" or trial.kind == "exact":
                found[trial.key] = trial
        sharpes = [each.sharpe for each in found.values() if each.sharpe is not None]
        variance = trials_of(sharpes).variance
        return Trials(count=max(len(found), 1), variance=variance)

    def _append(self, trials: Sequence[Tried]) -> None:
        lines = []
        for trial in trials:
            entry = Entry(number=len(self._hashes), previous=self._hashes[-1], trial=trial)
            line = msgspec.json.encode(entry) + b"\n"
            self._hashes.append(_hash(line))
            lines.append(line)
        with self._path.open("ab") as file:
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        self._write_head()
        self._size = self._path.stat().st_size
        self._remember(trials)

    def _remember(self, trials: Sequence[Tried]) -> None:
        self._trials += trials
        self._known.update(map(_name, trials))

    def _write_head(self) -> None:
        fresh = self._head_path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(self.head))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._head_path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self) -> None:
        """Read what others have appended since, and check that it continues the chain."""
        said = self._said_head()
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._size:
            self._refuse(f"at least {self._size} bytes", str(size))
        if size > self._size:
            self._take(said.number)
        count = len(self._hashes) - 1
        if said.number > count:
            self._refuse(f"{said.number} entries, as {HEAD_NAME} says", str(count))
        if self._hashes[said.number] != said.hash:
            self._refuse(f"the hash {said.hash} at entry {said.number}", self._hashes[said.number])

    def _take(self, promised: int) -> None:
        """Take the lines after those known; ``promised`` entries must be whole."""
        with self._path.open("rb") as file:
            file.seek(self._size)
            lines = file.read().splitlines(keepends=True)
        for line in lines:
            number = len(self._hashes)
            if not line.endswith(b"\n") and number > promised:
                # A crash in the middle of an append: nobody was shown that result.
                os.truncate(self._path, self._size)
                break
            entry = self._decode(line, number)
            if (entry.number, entry.previous) != (number, self._hashes[-1]):
                self._refuse(f"entry {number} after {self._hashes[-1]}", f"entry {entry.number}")
            self._hashes.append(_hash(line))
            self._remember((entry.trial,))
            self._size += len(line)

    def _said_head(self) -> Head:
        if not self._head_path.exists():
            return Head()
        try:
            return msgspec.json.decode(self._head_path.read_bytes(), type=Head)
        except msgspec.DecodeError as error:
            return self._refuse(f"{HEAD_NAME} with a number and a hash", str(error))

    def _decode(self, line: bytes, number: int) -> Entry:
        try:
            return msgspec.json.decode(line, type=Entry)
        except msgspec.DecodeError as error:
            return self._refuse(f"entry {number}", str(error))

    def _refuse(self, expected: str, found: str) -> NoReturn:
        raise RegisterError(self._path, expected, found)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock_path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _name(trial: Tried) -> tuple[str, str, str]:
    return trial.key, trial.kind, trial.version


def _hash(line: bytes) -> str:
    return blake2b(line, digest_size=_HASH_BYTES).hexdigest()
