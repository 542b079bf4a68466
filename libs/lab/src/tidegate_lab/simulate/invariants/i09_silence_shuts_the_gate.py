"""I09: when risk has been silent for 3 s, nothing is sent.

Checked here by the world's clock: every risk-increasing order leaves within 3 s of a heartbeat
that risk has said (and a moment on the wire).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

SILENT_S = 3.0
WIRE_S = 0.01


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    beats = [at_s for at_s, _ in evidence.world.beats]
    faults = []
    for sent in evidence.world.sent:
        if not sent.request.risk_increasing:
            continue
        before = bisect_right(beats, sent.at_s)
        silent_s = sent.at_s - beats[before - 1] if before else sent.at_s
        if silent_s > SILENT_S + WIRE_S:
            identity = sent.request.specification.client_order_id
            faults.append(f"order {identity} was sent {silent_s:.3f} s after the last heartbeat")
    return faults
