"""The session's clock of a replay: told by the feed, running on between, never going back."""

from __future__ import annotations

import pytest

from tidegate_chassis.host import timing
from tidegate_chassis.host.timing import SessionClock

SECOND_NS = 1_000_000_000


class Monotonic:
    """The host's monotonic clock, moved by the test."""

    def __init__(self) -> None:
        self.at_ns = 5 * SECOND_NS

    def monotonic_ns(self) -> int:
        """Return the time."""
        return self.at_ns

    def time_ns(self) -> int:
        """Return the wall's time."""
        return 1_700_000_000 * SECOND_NS + self.at_ns


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    """Give the time that the clocks of a test see."""
    clock = Monotonic()
    monkeypatch.setattr(timing, "time", clock)
    return clock


def test_a_replay_runs_on_at_its_speed(host: Monotonic) -> None:
    """Between two messages of the feed the session's time passes by itself."""
    clock = SessionClock(replay=True, speed=60.0)
    assert clock.now() == 0
    clock.sync(1_000 * SECOND_NS)
    host.at_ns += 2 * SECOND_NS
    assert clock.known
    assert clock.now() == 1_120 * SECOND_NS
    assert clock.wall_seconds_until(1_180 * SECOND_NS) == 1.0


@pytest.mark.usefixtures("host")
def test_a_message_of_the_past_changes_nothing() -> None:
    """A bar says only that it is at least so late."""
    clock = SessionClock(replay=True, speed=1.0)
    clock.sync(1_000 * SECOND_NS)
    clock.sync(900 * SECOND_NS)
    assert clock.now() == 1_000 * SECOND_NS


def test_a_feed_that_was_away_is_waited_for(host: Monotonic) -> None:
    """The clock stands still until the feed has come to where it is, and then runs on with it."""
    clock = SessionClock(replay=True, speed=1.0)
    clock.sync(1_000 * SECOND_NS)
    host.at_ns += 10 * SECOND_NS
    assert clock.now() == 1_010 * SECOND_NS
    clock.follow(1_001 * SECOND_NS)
    assert clock.now() == 1_010 * SECOND_NS
    host.at_ns += 8 * SECOND_NS
    assert clock.now() == 1_010 * SECOND_NS
    host.at_ns += 4 * SECOND_NS
    assert clock.now() == 1_013 * SECOND_NS


def test_the_walls_clock_follows_nobody(host: Monotonic) -> None:
    """A live session's time is the wall's, whatever a feed says."""
    clock = SessionClock(replay=False, speed=1.0)
    clock.follow(SECOND_NS)
    clock.sync(2_000_000_000 * SECOND_NS)
    assert clock.now() == host.time_ns()
