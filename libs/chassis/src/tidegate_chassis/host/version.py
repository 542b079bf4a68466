"""The version of a core: a hash of its code and its parameters.

Two processes with equal versions decide equally; a journal's tail is only ever run again by the
version that wrote it.
"""

from __future__ import annotations

import importlib
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tidegate_kernel.machine import Machine


def core_version(machine: type[Machine], parameters: msgspec.Struct) -> str:
    """Hash the machine's package, the kernel, the contracts and the parameters."""
    digest = blake2b(digest_size=12)
    service = machine.__module__.partition(".")[0]
    for package in sorted({service, "tidegate_kernel", "tidegate_contracts"}):
        for path in _sources(package):
            digest.update(path.name.encode() + path.read_bytes())
    digest.update(msgspec.json.encode(parameters, order="deterministic"))
    return digest.hexdigest()


def _sources(package: str) -> list[Path]:
    module = importlib.import_module(package)
    locations = getattr(module, "__path__", None)
    if locations is None:
        return [Path(module.__file__)] if module.__file__ else []
    root = Path(locations[0])
    core = root / "core"
    return sorted((core if core.is_dir() else root).rglob("*.py"))
