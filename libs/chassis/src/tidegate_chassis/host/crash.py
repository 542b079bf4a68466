"""Named crash points: places where a test may kill this process with SIGKILL.

``TIDEGATE_CRASH_AT=after_commit:3`` kills the process the third time that it comes by. Without
the variable a point costs one comparison.
"""

from __future__ import annotations

import os
import signal

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
ENVIRONMENT_NAME = "TIDEGATE_CRASH_AT"


class CrashPoints:
    """Counts visits and ends the process at the one that was asked for."""

    def __init__(self, setting: str) -> None:
        """Read ``point:count``; an unknown point or count is an error, empty means never."""
        self._point = ""
        self._left = 0
        if not setting:
            return
        point, _, count = setting.partition(":")
        if point not in POINTS or not (count or "1").isdigit():
            message = (
                f"expected {ENVIRONMENT_NAME} to be POINT:COUNT with POINT one of "
                f"{', '.join(POINTS)}, found {setting!r}"
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


_POINTS = CrashPoints(os.environ.get(ENVIRONMENT_NAME, ""))


def visit(point: str) -> None:
    """Come by a named point of this process."""
    _POINTS.visit(point)
