"""nats-server hangs for ten seconds: no lease moves, nothing is lost."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.end_to_end.killing import approve, file_lowering, raised_scopes
from tests.instances import eventually

from tidegate_cli.errors import CommandError

from .ear import Ear
from .figures import NS_PER_MS, Part
from .session import come_to_rest, session
from .stale import judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.instances import Instance

STALL_S = 10.0
SECONDS_EACH = 120.0


def stall_nats(folder: Path, times: int, say: Callable[[str], None]) -> Part:
    """Stop the server so many times; measure from its return to the next verdict."""
    back_ms: list[float] = []
    moved = 0
    with session(folder, SECONDS_EACH * (times + 2)) as pair, Ear(pair.instance) as ear:
        for number in range(1, times + 1):
            pair.when_settled()
            ear.verdict_after(time.monotonic_ns())
            before = pair.terms()
            pair.instance.send("nats-server", signal.SIGSTOP)
            time.sleep(STALL_S)
            pair.instance.send("nats-server", signal.SIGCONT)
            back_ns = time.monotonic_ns()
            back_ms.append((ear.verdict_after(back_ns).at_ns - back_ns) / NS_PER_MS)
            after = pair.terms()
            moved += sum(after.get(name) != term for name, term in before.items())
            say(f"stall {number}: a verdict {back_ms[-1]:.0f} ms after it, {moved} leases moved")
            # What did not get through for so long has raised the gate; people lower it.
            eventually(lambda: _lowered(pair.instance), "two principals to lower the gate")
        come_to_rest(pair.instance)
        return Part("stall", times, back_ms, judge(pair.instance, ear), leases_moved=moved)


def _lowered(instance: Instance) -> bool:
    try:
        for scope in raised_scopes(instance):
            approve(instance, file_lowering(instance, scope), "approver")
    except CommandError:
        return False
    return not raised_scopes(instance)
