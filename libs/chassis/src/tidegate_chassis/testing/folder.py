"""A temporary folder that servers may live in and that nothing outlives."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "tidegate-test-"
_OWNER_FILE = "owner.lock"


@contextmanager
def server_folder() -> Iterator[Path]:
    """Give a fresh folder that PostgreSQL's user can enter, and remove it afterwards.

    Folders of test runs that were killed are removed first: nobody holds their lock any more.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)
    owner = _owned(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(owner)


def _owned(folder: Path) -> int:
    """Return the locked owner file; it gets its name last, so that nobody finds it not locked."""
    fresh = folder / f"{_OWNER_FILE}.new"
    owner = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    fresh.rename(folder / _OWNER_FILE)
    return owner


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        owner = os.open(folder / _OWNER_FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(owner)
