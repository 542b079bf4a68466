"""What a child process says outside its own logs (a traceback, a native crash), kept in bounds."""

from __future__ import annotations

import shutil
from pathlib import Path

BYTES_MAX = 2 * 1024 * 1024
FILES_KEPT = 2


class ConsoleFile:
    """The file that a child writes to itself, so that it never waits for whoever reads a pipe.

    A full file is copied to ``.1``, that one before to ``.2``, and emptied in its place, for the
    child keeps it open. What the child writes between the copy and the emptying is lost.
    """

    def __init__(
        self, path: Path, bytes_max: int = BYTES_MAX, files_kept: int = FILES_KEPT
    ) -> None:
        self.path = path
        self._bytes_max = bytes_max
        self._files_kept = files_kept
        # Appending is what makes writers go on at the new end after the file was emptied.
        self._file = path.open("ab", buffering=0)

    def fileno(self) -> int:
        """Return the descriptor that the child is given."""
        return self._file.fileno()

    def bound(self) -> None:
        """Turn the file over if it has grown to its bound."""
        if self.path.stat().st_size < self._bytes_max:
            return
        for number in range(self._files_kept, 1, -1):
            source = self._numbered(number - 1)
            if source.exists():
                source.replace(self._numbered(number))
        shutil.copyfile(self.path, self._numbered(1))
        self._file.truncate(0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def tail(path: Path, lines: int = 5, bytes_max: int = 8_192) -> str:
    """Return the last lines of a file on one line, for error messages."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - bytes_max))
        said = file.read().decode(errors="replace").splitlines()
    return " | ".join(line.strip() for line in said[-lines:])
