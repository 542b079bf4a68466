"""The active replica falls asleep, another takes over, and the sleeper wakes.

In turn it sleeps at any moment, between a decision and its commit, and between a commit and its
publication. A sleeper that wakes goes on where it was: with a decision in its hands that it may
no longer commit, or with messages that its successor has published already.
"""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.instances import eventually

from .ear import Ear
from .figures import NS_PER_MS, Part
from .session import come_to_rest, session
from .stale import judge

if TYPE_CHECKING:
    from collections.abc import Callable

# The feed must outlast the campaign on a busy machine too; it is ended at the end.
SECONDS_EACH = 60.0
NAP_MAX_S = 1.0
POLL_S = 0.002


def freeze_leaders(folder: Path, times: int, say: Callable[[str], None]) -> Part:
    """Freeze so many leaders; measure until the next one is heard."""
    chance = random.Random(times)
    taken_ms: list[float] = []
    with session(folder, SECONDS_EACH * (times + 6)) as pair, Ear(pair.instance) as ear:
        for number in range(1, times + 1):
            leader, _ = pair.when_settled()
            ear.verdict_after(time.monotonic_ns())
            time.sleep(chance.uniform(0, 0.2))
            term, pid = ear.term(), pair.instance.pid(leader)
            stops_itself = number % 3 != 0
            os.kill(pid, signal.SIGUSR1 if stops_itself else signal.SIGSTOP)
            eventually(partial(_is_asleep, pid), "the leader to sleep", poll_s=POLL_S)
            asleep_ns = time.monotonic_ns()
            taken_ms.append((ear.first_after(term).at_ns - asleep_ns) / NS_PER_MS)
            time.sleep(chance.uniform(0, NAP_MAX_S))
            os.kill(pid, signal.SIGCONT)
            where = "at a point" if stops_itself else "anywhere"
            say(f"freeze {number}: {leader} {where}, next after {taken_ms[-1]:.0f} ms")
        pair.when_settled()
        ear.verdict_after(time.monotonic_ns())
        come_to_rest(pair.instance)
        return Part("freeze", times, taken_ms, judge(pair.instance, ear))


def _is_asleep(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0] == "T"
