"""The kill flags of one process: set in memory at once, kept in a file of their own.

A flag is one raise that reached this process. It stands until every shard that it concerns has
latched it and a lowering has ended that latch. The guard reads the flags from the host's thread
while the kill switch sets them from its own: the set is one immutable tuple that is replaced.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

import msgspec

from tidegate_contracts.execution import SubmitOrder
from tidegate_contracts.risk import GateLevel
from tidegate_kernel.gate import Coverage


class KillFlag(msgspec.Struct, frozen=True, gc=False):
    """One raise."""

    flag_id: str
    scope: str
    level: GateLevel
    principal: str
    reason: str
    # Shards that have it in their journal, and shards whose latch a lowering has ended.
    latched: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    def concerns(self, session: str, account: str) -> bool:
        """Tell whether the flag could cover an order of a session."""
        kind, _, name = self.scope.partition(":")
        if kind == "strategy":
            return name.startswith(f"{session}/")
        named = (f"session:{session}", f"account:{account}", "all")
        return kind in ("venue", "symbol") or self.scope in named

    def stops(self, request: SubmitOrder, account: str) -> bool:
        """Tell whether a request must not leave.

        It does not name its strategy, so a strategy's flag stops its whole session until the
        shard has latched it and refuses that strategy's orders by itself.
        """
        shard = f"execution/{request.session}"
        if shard in self.ended or not self.concerns(request.session, account):
            return False
        if self.scope.startswith("strategy:"):
            return shard not in self.latched
        wanted = request.specification
        legs = tuple(leg.symbol for leg in wanted.legs)
        coverage = Coverage(request.session, account, wanted.venue, "", wanted.symbol, legs)
        return self.scope in coverage.scopes()


class KillFlags:
    """Every flag of this process."""

    def __init__(self) -> None:
        self._flags: tuple[KillFlag, ...] = ()
        self._path: Path | None = None
        self._writing = Lock()
        # Two threads change the tuple; reading it needs no lock.
        self._changing = Lock()

    def load(self, path: Path) -> None:
        """Read the file that an earlier process left, and write to it from now on."""
        self._path = path
        if path.exists():
            self._flags = msgspec.json.decode(path.read_bytes(), type=tuple[KillFlag, ...])

    @property
    def all(self) -> tuple[KillFlag, ...]:
        """The flags that stand."""
        return self._flags

    def raise_flag(self, flag: KillFlag) -> None:
        """Set a flag in memory: from the next guard on, nothing that it stops leaves."""
        with self._changing:
            self._flags = (*self._flags, flag)

    def replace(self, flag: KillFlag) -> None:
        """Put a flag's newer version in its place."""
        with self._changing:
            self._flags = tuple(flag if f.flag_id == flag.flag_id else f for f in self._flags)

    def remove(self, flag_id: str) -> None:
        """Forget a flag that lowerings have ended everywhere."""
        with self._changing:
            self._flags = tuple(flag for flag in self._flags if flag.flag_id != flag_id)

    def store(self) -> None:
        """Write the flags to their file, surviving a power cut; without flags, no file is left."""
        if self._path is None:
            return
        with self._writing:
            if not self._flags:
                self._path.unlink(missing_ok=True)
            else:
                _write_durably(self._path, msgspec.json.encode(self._flags))
            _sync_folder(self._path.parent)

    def stop(self, request: SubmitOrder, account: str) -> KillFlag | None:
        """Return a flag that keeps a request back."""
        for flag in self._flags:
            if flag.stops(request, account):
                return flag
        return None


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _sync_folder(folder: Path) -> None:
    if not folder.exists():
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
