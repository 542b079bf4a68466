"""What a child process says outside its own logs (a traceback, a native crash), kept in bounds."""

from __future__ import annotations

from pathlib import Path

BYTES_MAX = 2 * 1024 * 1024
FILES_KEPT = 2


class RotatingFile:
    """Appends bytes; a full file is renamed to ``.1``, and that one to ``.2``."""

    def __init__(
        self, path: Path, bytes_max: int = BYTES_MAX, files_kept: int = FILES_KEPT
    ) -> None:
        self.path = path
        self._bytes_max = bytes_max
        self._files_kept = files_kept
        self._file = path.open("ab", buffering=0)

    def write(self, chunk: bytes) -> None:
        """Append a chunk; the file is turned over before it grows beyond its bound."""
        if self._file.tell() + len(chunk) > self._bytes_max:
            self._turn_over()
        self._file.write(chunk)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _turn_over(self) -> None:
        self._file.close()
        for number in range(self._files_kept, 0, -1):
            source = self.path if number == 1 else self._numbered(number - 1)
            if source.exists():
                source.replace(self._numbered(number))
        self._file = self.path.open("ab", buffering=0)

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
