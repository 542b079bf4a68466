"""Which process is meant: a process id alone may have been given to a stranger since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_START_FIELD = 19  # the 22nd of /proc/<pid>/stat, counted behind the command's name


@dataclass(frozen=True, slots=True)
class Identity:
    """A process: its id and when it started, in the kernel's ticks."""

    pid: int
    start_ticks: int

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Return the identity of a running process; None for one that is gone or a zombie."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else cls(pid, int(fields[_START_FIELD]))

    def alive(self) -> bool:
        """Tell whether this very process still runs."""
        return Identity.of(self.pid) == self
