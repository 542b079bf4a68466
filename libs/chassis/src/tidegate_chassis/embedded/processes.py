"""Processes as the kernel tells them: who still runs in a folder, and who dies with whom."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.02
_LIBC = ctypes.CDLL(None, use_errno=True)


def running_in(folder: Path, executable: str) -> list[int]:
    """Return the ids of the processes of ``executable`` whose working directory is ``folder``.

    Every server is started in its own folder, so this finds one that an earlier launcher left,
    with no pid file that could be stale or name a stranger.
    """
    wanted = str(folder.resolve())
    return sorted(
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if _matches(process, wanted, executable)
    )


def end(pids: Sequence[int], signals: Sequence[signal.Signals], patience_s: float) -> None:
    """Send each signal in turn to the processes that are left, waiting between them."""
    for number in signals:
        for pid in pids:
            _send(pid, number)
        if wait_until(lambda: not any(map(is_alive, pids)), patience_s):
            return


def is_alive(pid: int) -> bool:
    """Tell whether ``pid`` runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until(condition: Callable[[], bool], patience_s: float) -> bool:
    """Ask ``condition`` until it holds; tell whether it did within ``patience_s``."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() >= deadline_s:
            return False
        time.sleep(_POLL_S)
    return True


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return what a child must run before ``exec`` to get ``number`` when its parent dies."""
    parent = os.getpid()

    def bind() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _matches(process: Path, folder: str, executable: str) -> bool:
    try:
        program = (process / "exe").readlink().name.removesuffix(" (deleted)")
        return program == executable and str((process / "cwd").readlink()) == folder
    except OSError:
        return False


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
