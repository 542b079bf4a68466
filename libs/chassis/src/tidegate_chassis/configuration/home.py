"""`TIDEGATE_HOME`: where an installation keeps its data, logs, secrets and runs."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import ConfigurationError, Problem

_FOLDER_MODE = 0o700
_ROOT_FOLDER_MODE = 0o711  # PostgreSQL runs as another user and must pass through
_SECRET_FOLDER_MODE = 0o700
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of a home, or of one instance: ``data logs run secrets runs``."""

    root: Path

    @property
    def data(self) -> Path:
        """Where the servers keep their data."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """Where each process has its ``<name>.jsonl``."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Where each running instance has its ``<instance>.json``."""
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        """Where keys, tokens and passwords are; nobody else may read it."""
        return self.root / "secrets"

    @property
    def runs(self) -> Path:
        """Where backtests and other runs leave their results."""
        return self.root / "runs"

    def make(self) -> None:
        """Create what is missing; a folder that is there is not changed, but judged."""
        mode = _ROOT_FOLDER_MODE if os.geteuid() == 0 else _FOLDER_MODE
        for folder in (self.root, self.data, self.logs, self.run, self.runs):
            _make(folder, mode)
        _make(self.secrets, _SECRET_FOLDER_MODE)
        found = stat.S_IMODE(self.secrets.stat().st_mode)
        if found & _OTHERS:
            hint = f"run: chmod 700 {self.secrets}"
            problem = Problem(str(self.secrets), "mode 0700", f"mode {found:04o}", hint)
            raise ConfigurationError([problem])


def tidegate_home(environment: Environment) -> Path:
    """Return `TIDEGATE_HOME`; without it root's is system-wide and a person's their own."""
    named = environment.get("TIDEGATE_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/tidegate")
    return Path.home() / ".local" / "share" / "tidegate"


def _make(folder: Path, mode: int) -> None:
    if folder.is_dir():
        return
    try:
        _make_parents(folder, mode)
    except OSError as error:
        hint = "set TIDEGATE_HOME to a folder that you may write"
        problem = Problem(str(folder), "a folder that can be made", str(error.strerror), hint)
        raise ConfigurationError([problem]) from error


def _make_parents(folder: Path, mode: int) -> None:
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(mode)
