"""The run folder of a sweep: what was asked, and each finished trial, so that it can go on.

A finished trial is one line of ``finished.jsonl``. A line that a crash cut off is dropped, and its
trial is run again; so is one that other code has played.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from tidegate_lab.backtest.folder import ensure_folder
from tidegate_lab.sweep.trial import TrialResult

if TYPE_CHECKING:
    from pathlib import Path

FINISHED_NAME = "finished.jsonl"


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A finished trial: its key, the code that played it, and its result."""

    key: str
    version: str
    result: TrialResult


class Results:
    """The finished trials in one folder."""

    def __init__(self, folder: Path, version: str) -> None:
        """Read what an earlier run of the same code has finished there.

        `OptionError` where no folder can be made.
        """
        ensure_folder(folder)
        self._path = folder / FINISHED_NAME
        self._version = version
        self._known: dict[str, TrialResult] = {}
        self._read()

    def find(self, key: str) -> TrialResult | None:
        """Return a finished trial."""
        return self._known.get(key)

    def add(self, key: str, result: TrialResult) -> None:
        """Keep a trial. What a power cut takes is run again: only the register must not forget."""
        finished = Finished(key=key, version=self._version, result=result)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(finished) + b"\n")
        self._known[key] = result

    def _read(self) -> None:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(self._path, len(whole))
        for line in whole.splitlines():
            finished = msgspec.json.decode(line, type=Finished)
            if finished.version == self._version:
                self._known[finished.key] = finished.result
