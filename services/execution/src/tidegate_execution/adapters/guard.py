"""The guard: asked just before a risk-increasing request leaves, with the wall's time.

It looks at what cannot be in the journal: the kill flag, risk's heartbeat, the lease, the
request's own send-by time. A refusal is the request's outcome and is journalled like any other.
In lockstep sessions only the kill flag counts: silence stops their clock, not their orders.

A replay on the wall's clock has no send-by time, for its session time may stand still. There an
order may be sent again only for as long after its first request as a verdict lives.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tidegate_contracts.execution import SubmitOrder
from tidegate_execution.adapters.heartbeats import (
    OFFSET_MAX_NS,
    SILENT_AFTER_NS,
    Heartbeats,
)
from tidegate_execution.adapters.kill_flags import KillFlags
from tidegate_execution.core.submission import SEND_BY_PASSED
from tidegate_kernel.machine import Body

Withholding = tuple[str, str]
"""A stable code and a sentence."""

NS_PER_SECOND = 1_000_000_000
AGAIN_WITHIN_NS = 2 * NS_PER_SECOND
ORDERS_REMEMBERED = 1_000


def _monotonic_ns() -> int:
    return time.monotonic_ns()


@dataclass(frozen=True)
class Guard:
    """Keeps requests of one session back."""

    session: str
    account: str
    lockstep: bool
    flags: KillFlags
    heartbeats: Heartbeats
    # Tells whether this process still holds the lease of a shard.
    holds_lease: Callable[[str], bool]
    monotonic_ns: Callable[[], int] = _monotonic_ns
    # When each order without a send-by time was let out first.
    _let_out_ns: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: Body, now_wall_ns: int) -> Withholding | None:
        """Return why the request must not leave, or None."""
        if not isinstance(request, SubmitOrder):
            return None
        flag = self.flags.stop(request, self.account)
        if flag is not None:
            return "KILLED", f"{flag.level.name} in {flag.scope} by {flag.principal}: {flag.reason}"
        if self.lockstep:
            return None
        return (
            self._lease_withholds()
            or self._heartbeat_withholds(now_wall_ns)
            or _time_withholds(request, now_wall_ns)
            or self._repetition_withholds(request)
        )

    def _lease_withholds(self) -> Withholding | None:
        shard = f"execution/{self.session}"
        if self.holds_lease(shard):
            return None
        return "LEASE_LOST", f"expected to hold the lease of {shard}, found it expired"

    def _heartbeat_withholds(self, now_wall_ns: int) -> Withholding | None:
        pulse = self.heartbeats.of(self.session)
        if pulse is None:
            return "HEARTBEAT_SILENT", "expected risk's heartbeat, none has come yet"
        age_ns = pulse.age_ns(now_wall_ns)
        if age_ns > SILENT_AFTER_NS:
            found = f"{age_ns / NS_PER_SECOND:.3f} s"
            return (
                "HEARTBEAT_SILENT",
                f"expected risk's heartbeat within 3 s, the last is {found} old",
            )
        if abs(pulse.offset_ns) > OFFSET_MAX_NS or age_ns < -OFFSET_MAX_NS:
            found = f"{pulse.offset_ns / NS_PER_SECOND:.3f} s"
            return "CLOCK_OFFSET", f"expected risk's clock within 0.5 s of ours, found {found}"
        return None

    def _repetition_withholds(self, request: SubmitOrder) -> Withholding | None:
        if request.send_by_ns:
            return None
        known, now_ns = self._let_out_ns, self.monotonic_ns()
        first_ns = known.setdefault(request.specification.client_order_id, now_ns)
        if len(known) > ORDERS_REMEMBERED:
            del known[next(iter(known))]
        late_s = (now_ns - first_ns - AGAIN_WITHIN_NS) / NS_PER_SECOND
        if late_s <= 0:
            return None
        return SEND_BY_PASSED, f"expected to be sent again {late_s:.3f} s earlier"


def _time_withholds(request: SubmitOrder, now_wall_ns: int) -> Withholding | None:
    if request.send_by_ns == 0 or now_wall_ns <= request.send_by_ns:
        return None
    late_s = (now_wall_ns - request.send_by_ns) / NS_PER_SECOND
    return SEND_BY_PASSED, f"expected to be sent {late_s:.3f} s earlier"
