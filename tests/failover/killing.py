"""kill -9 of the active replica, again and again."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.instances import eventually

from .ear import Ear
from .figures import NS_PER_MS, Part
from .session import come_to_rest, session
from .stale import judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The feed must outlast the campaign on a busy machine too; it is ended at the end.
SECONDS_EACH = 120.0


def kill_leaders(folder: Path, times: int, say: Callable[[str], None]) -> Part:
    """Kill so many leaders; measure until the next one is heard."""
    taken_ms: list[float] = []
    with session(folder, SECONDS_EACH * (times + 3)) as pair, Ear(pair.instance) as ear:
        for number in range(1, times + 1):
            leader, standby = pair.when_settled()
            ear.verdict_after(time.monotonic_ns())
            term, pid = ear.term(), pair.instance.pid(leader)
            struck_ns = time.monotonic_ns()
            os.kill(pid, signal.SIGKILL)
            taken_ms.append((ear.first_after(term).at_ns - struck_ns) / NS_PER_MS)
            say(f"kill {number}: {leader} of term {term}, next after {taken_ms[-1]:.0f} ms")
            assert eventually(partial(pair.leads, standby), f"{standby} to lead")
        pair.when_settled()
        ear.verdict_after(time.monotonic_ns())
        come_to_rest(pair.instance)
        return Part("kill", times, taken_ms, judge(pair.instance, ear))
