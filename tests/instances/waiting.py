"""Looking until something is there, and saying what was seen."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_S = 60.0
POLL_S = 0.02
CALM_POLL_S = 0.25
"""For what takes long: who looks all the time takes a processor from what is looked at."""


def eventually(
    look: Callable[[], Found | None],
    what: str,
    patience_s: float = PATIENCE_S,
    poll_s: float = POLL_S,
) -> Found:
    """Return the first truthy thing that ``look`` finds; fail with the last one otherwise."""
    deadline_s = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline_s, f"expected {what} within {patience_s} s, got {found}"
        time.sleep(poll_s)
    return found


def tell(sentence: str) -> None:
    """Print what was measured; pytest shows it with -s, and whenever a test fails."""
    sys.stdout.write(f"{sentence}\n")
