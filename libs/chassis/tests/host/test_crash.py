"""Points at which a test may end or freeze a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tidegate_chassis.host.crash import CrashPoints, FreezePoints

CODE = """
import os, signal
from tidegate_chassis.host import crash
crash.visit("before_commit")
for point in ("before_commit", "before_publish"):
    os.kill(os.getpid(), signal.SIGUSR1)
    crash.visit("after_publish")
    crash.visit(point)
    crash.visit(point)
"""


@pytest.mark.parametrize("kind", [CrashPoints, FreezePoints])
def test_an_unknown_point_is_an_error(kind: type[CrashPoints | FreezePoints]) -> None:
    """A typing mistake must not make a test that kills nobody."""
    with pytest.raises(ValueError, match="before_comit"):
        kind("before_comit")


def test_an_armed_process_sleeps_once_at_the_point_whose_turn_it_is() -> None:
    """Before it is armed it comes by; each time it wakes it goes on where it was."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE],
        env={**os.environ, "TIDEGATE_FREEZE_AT": "before_commit,before_publish"},
    )
    stops = 0
    while True:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        stops += 1
        process.send_signal(signal.SIGCONT)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert (stops, process.returncode) == (2, 0)
