"""Coming to rest: no bars, no faults, and whoever is execution finishes what is under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .places import PLACES
from .reckoning import findings, listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.findings import Finding

    from .stage import Leader, Stage

PATIENCE_S = 240.0
LOOK_S = 0.5
SHOWN = 12


def come_to_rest(stage: Stage, leader: Leader, say: Callable[[str], None]) -> list[Finding]:
    """Wait until everything agrees; return what does not in the end."""
    stage.until_ready(leader, *PLACES)
    assert leader.alive, "execution died by itself"
    until_s = time.monotonic() + PATIENCE_S
    while True:
        found = [each for place in PLACES for each in findings(listen(stage, leader, place))]
        if not found:
            return []
        if time.monotonic() > until_s:
            for each in found[:SHOWN]:
                say(f"  {each.kind}: {each.what}")
            return found
        time.sleep(LOOK_S)
