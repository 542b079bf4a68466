"""I09: when risk has been silent for 3 s, nothing is sent.

Checked here by the world's clock: every risk-increasing order leaves within 3 s of a heartbeat
that has come to the very life of execution's process that sends it. Skewed wall clocks may not
lengthen that by more than the half second that they may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

SILENT_S = 3.0
CLOCKS_S = 0.5


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    heard: dict[int, list[float]] = {}
    for at_s, life in evidence.world.beats:
        heard.setdefault(life, []).append(at_s)
    faults = []
    for sent in evidence.world.sent:
        if not sent.request.risk_increasing:
            continue
        before = [at_s for at_s in heard.get(sent.life, ()) if at_s <= sent.at_s]
        identity = sent.request.specification.client_order_id
        if not before:
            faults.append(f"order {identity} was sent before any heartbeat had come")
        elif sent.at_s - before[-1] > SILENT_S + CLOCKS_S:
            silent_s = sent.at_s - before[-1]
            faults.append(f"order {identity} was sent {silent_s:.3f} s after the last heartbeat")
    return faults
