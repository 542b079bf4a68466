"""What is known of risk's heartbeat, session by session."""

from __future__ import annotations

import msgspec

from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.risk import Heartbeat
from tidegate_kernel.time import NS_PER_SECOND

SILENT_AFTER_NS = 3_000_000_000
OFFSET_MAX_NS = 500_000_000


class Pulse(msgspec.Struct, frozen=True, gc=False):
    """The newest heartbeat of a session; both times are the wall's, of two clocks."""

    term: int
    sent_at_ns: int
    received_at_ns: int

    def age_ns(self, now_wall_ns: int) -> int:
        """Return the larger of the age by the sender's clock and the time since receipt."""
        return now_wall_ns - min(self.sent_at_ns, self.received_at_ns)

    @property
    def offset_ns(self) -> int:
        """Our clock against the sender's when it came; its way here is part of it."""
        return self.received_at_ns - self.sent_at_ns


class Heartbeats:
    """The newest heartbeat of every session; written by the kill switch's thread."""

    def __init__(self) -> None:
        self._pulses: dict[str, Pulse] = {}

    def take(self, heartbeat: Heartbeat, received_at_ns: int) -> None:
        """Take a heartbeat whose signature was checked; one that is older changes nothing."""
        known = self._pulses.get(heartbeat.session)
        place = (heartbeat.term, heartbeat.sent_at_ns)
        if known is not None and place <= (known.term, known.sent_at_ns):
            return
        pulse = Pulse(heartbeat.term, heartbeat.sent_at_ns, received_at_ns)
        self._pulses[heartbeat.session] = pulse

    def measure(self, session: str, now_wall_ns: int) -> None:
        """Set the gauges of a session; before its first heartbeat there is nothing to measure."""
        pulse = self.of(session)
        if pulse is None:
            return
        age_s = max(0, pulse.age_ns(now_wall_ns)) / NS_PER_SECOND
        PROCESS.set(names.HEARTBEAT_AGE_SECONDS, age_s, (session,))
        PROCESS.set(names.CLOCK_OFFSET_SECONDS, pulse.offset_ns / NS_PER_SECOND, (session,))

    def of(self, session: str) -> Pulse | None:
        """Return the newest heartbeat of a session."""
        return self._pulses.get(session)
