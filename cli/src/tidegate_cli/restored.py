"""What is remembered of a restore until somebody has rejoined: ``data/restored.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Layout

RESTORE = "restore"
"""The principal that halts a restored instance."""
KILL_FILE = Path("execution") / "kill.json"
"""Where execution keeps its kill flags, below the data."""


class Restored(msgspec.Struct, frozen=True):
    """One restore."""

    taken_at: str
    restored_at: str
    backup_hash: str
    flag_id: str
    # The gate's scopes that were not open when the backup was taken.
    gate: Mapping[str, str]

    def write(self, layout: Layout) -> None:
        """Remember it."""
        _path(layout).write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @classmethod
    def read(cls, layout: Layout) -> Restored | None:
        """Return the restore that nobody has rejoined after, None when there is none."""
        try:
            return msgspec.json.decode(_path(layout).read_bytes(), type=cls)
        except FileNotFoundError:
            return None

    @staticmethod
    def forget(layout: Layout) -> None:
        """Somebody has rejoined."""
        _path(layout).unlink(missing_ok=True)


def halt(layout: Layout, restored: Restored, principal: str, reason: str, kept: str = "") -> None:
    """Write the flag that execution finds before it sends anything, and remember the restore.

    ``kept`` are flags that stood already, as execution's file has them.
    """
    from tidegate_contracts.risk import GateLevel
    from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags

    flags = KillFlags()
    flags.load(layout.data / KILL_FILE)
    if kept:
        for flag in msgspec.json.decode(kept, type=tuple[KillFlag, ...]):
            flags.raise_flag(flag)
    flags.raise_flag(KillFlag(restored.flag_id, "all", GateLevel.HALTED, principal, reason))
    flags.store()
    restored.write(layout)


def _path(layout: Layout) -> Path:
    return layout.data / "restored.json"
