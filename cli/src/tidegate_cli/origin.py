"""Which code this is: what a backup was written by, and may be restored by."""

from __future__ import annotations

import platform
from hashlib import blake2b, sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.database.migration import MIGRATIONS
from tidegate_cli.deployment.topology import module_of

if TYPE_CHECKING:
    from tidegate_chassis.keeping.container import Origin

_DIGEST_BYTES = 12


def release() -> str:
    """Return the release's number."""
    return version("tidegate-cli")


def origin(schema: str) -> Origin:
    """Return which code this is; ``schema`` is the newest migration of the databases meant."""
    from tidegate_chassis.keeping.container import Origin
    from tidegate_lab.simulate.campaign import commit

    return Origin(
        release=release(),
        commit=commit(),
        code=code(),
        contract=_contract(),
        schema=schema,
        architecture=platform.machine(),
        python=platform.python_version(),
    )


def code() -> str:
    """Hash every core, the kernel and the contract: what a journal's tail must be run again by."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for package in ("tidegate_kernel", "tidegate_contracts", *map(module_of, SERVICE_NAMES)):
        root = _folder(package)
        core = root / "core"
        for path in sorted((core if core.is_dir() else root).rglob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def newest_schema() -> str:
    """Return the newest migration that this code has."""
    return max(path.name.partition("_")[0] for path in MIGRATIONS.glob("*.sql"))


def baseline() -> Path:
    """Return where a checkout has the contract that releases are compared with."""
    return _folder("tidegate_contracts").parents[1] / "baseline.binpb"


def _contract() -> str:
    """Return the hash of the baseline; of the contract itself where no checkout is."""
    path = baseline()
    if path.is_file():
        return sha256(path.read_bytes()).hexdigest()
    digest = sha256()
    for source in sorted(_folder("tidegate_contracts").rglob("*.py")):
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()


def _folder(package: str) -> Path:
    module = import_module(package)
    assert module.__file__ is not None, "a package with an __init__.py"
    return Path(module.__file__).parent
