"""Where the contract lives, and its tools."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The generator is a script of proto/build, not an installed package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "proto" / "build"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def proto(root: Path) -> Path:
    """The contract's folder."""
    return root / "proto"


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the environment's commands."""
    return Path(sys.executable).parent
