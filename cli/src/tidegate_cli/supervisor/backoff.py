"""How long to wait before a process is started again."""

from __future__ import annotations

import time

FIRST_S = 0.1
LONGEST_S = 5.0
CALM_S = 30.0


class Backoff:
    """Doubles from 0.1 s to 5 s; half a minute without a failure forgets them."""

    def __init__(self) -> None:
        self._wait_s = FIRST_S
        self._last_s = time.monotonic()

    def next_s(self) -> float:
        """Return how long to wait after the failure that just happened."""
        now_s = time.monotonic()
        if now_s - self._last_s > CALM_S:
            self._wait_s = FIRST_S
        wait_s = self._wait_s
        self._wait_s = min(self._wait_s * 2, LONGEST_S)
        self._last_s = now_s
        return wait_s
