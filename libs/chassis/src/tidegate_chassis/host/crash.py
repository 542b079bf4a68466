"""Named crash points: places where a test may kill or freeze this process.

``TIDEGATE_CRASH_AT=after_commit:3`` kills the process with SIGKILL the third time that it comes by.
``TIDEGATE_FREEZE_AT=before_commit,before_publish`` lets SIGUSR1 arm the next of these points, in
turn: the process stops itself there with SIGSTOP, and goes on after a SIGCONT as one does that has
slept. Without the variables a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from itertools import cycle

POINTS = (
    "before_commit",
    "after_commit",
    "before_publish",
    "after_publish",
    "before_acknowledge",
    "after_acknowledge",
    "before_request",
    "after_request",
)
"""Those that every host has."""
VENUE_POINTS = ("before_send",)
"""Those of venues outside: everything was checked, and the order goes to the socket next."""
_KNOWN = (*POINTS, *VENUE_POINTS)
ENVIRONMENT_NAME = "TIDEGATE_CRASH_AT"
FREEZE_NAME = "TIDEGATE_FREEZE_AT"


class CrashPoints:
    """Counts visits and ends the process at the one that was asked for."""

    def __init__(self, setting: str) -> None:
        """Read ``point:count``; an unknown point or count is an error, empty means never."""
        self._point = ""
        self._left = 0
        if not setting:
            return
        point, _, count = setting.partition(":")
        if point not in _KNOWN or not (count or "1").isdigit():
            message = (
                f"expected {ENVIRONMENT_NAME} to be POINT:COUNT with POINT one of "
                f"{', '.join(_KNOWN)}, found {setting!r}"
            )
            raise ValueError(message)
        self._point = point
        self._left = int(count or "1")

    def visit(self, point: str) -> None:
        """Come by a point."""
        if self._point != point:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FreezePoints:
    """Stops the process at a point once it was armed; armed again, at the next one."""

    def __init__(self, setting: str) -> None:
        """Read ``point,point``; an unknown point is an error, empty means never."""
        points = [point for point in setting.split(",") if point]
        unknown = [point for point in points if point not in _KNOWN]
        if unknown:
            message = (
                f"expected {FREEZE_NAME} to be points of {', '.join(_KNOWN)}, "
                f"found {', '.join(unknown)}"
            )
            raise ValueError(message)
        self._turns = cycle(points)
        self._armed = ""

    def arm(self) -> None:
        """Stop at the next visit of the point whose turn it is."""
        self._armed = next(self._turns)

    def visit(self, point: str) -> None:
        """Come by a point."""
        if self._armed != point:
            return
        self._armed = ""
        os.kill(os.getpid(), signal.SIGSTOP)


_CRASHES = CrashPoints(os.environ.get(ENVIRONMENT_NAME, ""))
_FREEZES = FreezePoints(os.environ.get(FREEZE_NAME, ""))
if os.environ.get(FREEZE_NAME):
    signal.signal(signal.SIGUSR1, lambda *_: _FREEZES.arm())


def visit(point: str) -> None:
    """Come by a named point of this process."""
    _CRASHES.visit(point)
    _FREEZES.visit(point)
