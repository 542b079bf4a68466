"""The session's clock: the wall's, or a replay's, which the feed tells.

A replay at speed N runs N seconds of feed time per second. Its feed sets the clock at its start
from the place that it continues at; every other shard learns it from the feed's messages and
heads and lets it run on between them. What a shard is told never goes back: when the feed was
away for a while, the others' clocks stand still until it has come to where they are.
"""

from __future__ import annotations

import time


def wall_ns() -> int:
    """Return the wall's time, UTC."""
    return time.time_ns()


class SessionClock:
    """Tells a session's time."""

    def __init__(self, *, replay: bool, speed: float) -> None:
        """``speed`` in feed seconds per second; only replays have one other than 1."""
        self._replay = replay
        self._speed = speed
        self._origin_session_ns = 0
        self._origin_monotonic_ns = 0
        self._last_ns = 0

    @property
    def known(self) -> bool:
        """Tell whether the clock has a time yet."""
        return not self._replay or self._origin_session_ns > 0

    def sync(self, session_ns: int) -> None:
        """Learn that it is at least this late in the session."""
        if self._replay and session_ns > self._now():
            self._origin_session_ns = session_ns
            self._origin_monotonic_ns = time.monotonic_ns()

    def follow(self, session_ns: int) -> None:
        """Learn from the feed itself how late it is in the session now, earlier or later."""
        if self._replay and session_ns > 0:
            self._origin_session_ns = session_ns
            self._origin_monotonic_ns = time.monotonic_ns()

    def now(self) -> int:
        """Return the session's time; never earlier than before."""
        self._last_ns = max(self._last_ns, self._now() if self._replay else wall_ns())
        return self._last_ns

    def _now(self) -> int:
        if not self._origin_session_ns:
            return 0
        passed = time.monotonic_ns() - self._origin_monotonic_ns
        return self._origin_session_ns + int(passed * self._speed)

    def wall_seconds_until(self, session_ns: int) -> float:
        """Return how long to wait for a session time, in seconds of the wall."""
        return max(0.0, (session_ns - self.now()) / (self._speed * 1e9))
