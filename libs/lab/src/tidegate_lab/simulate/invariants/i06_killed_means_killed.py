"""I06: after "KILLED" no new risk-increasing order but those on the wire, and soon none is open.

Checked here: from the confirmation until the lowering is committed nothing risk-increasing in the
scope leaves execution; when "KILLED" is shown, the venue's book holds no order in the scope that
had arrived before the raise; and the confirmation comes within 60 s if nothing is lowered before.
What is closed then is closed in the right order (`cover`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.simulate.invariants import cover
from tidegate_lab.simulate.invariants.legs import symbols_of
from tidegate_lab.simulate.invariants.scopes import covers

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence
    from tidegate_lab.simulate.venue import Sent
    from tidegate_lab.simulate.world import Kill

OPEN_S_MAX = 60.0


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    faults = []
    for kill in evidence.world.kills:
        if kill.confirmed_at_s == 0:
            ended_s = kill.lowered_at_s or evidence.world.loop.now_s
            if ended_s - kill.raised_at_s > OPEN_S_MAX and not evidence.restored:
                faults.append(f"{kill.scope}: not confirmed within {OPEN_S_MAX} s")
            continue
        faults += [
            f"{kill.scope}: killed at {kill.confirmed_at_s:.3f} s, order "
            f"{sent.request.specification.client_order_id} was sent at {sent.at_s:.3f} s"
            for sent in evidence.world.sent
            if _breaks(kill, sent, evidence)
        ]
        faults += [
            f"{kill.scope}: killed at {kill.confirmed_at_s:.3f} s with {identity} open at the venue"
            for identity in kill.left_open
        ]
    return faults + cover.check(evidence)


def _breaks(kill: Kill, sent: Sent, evidence: Evidence) -> bool:
    until_s = kill.lowered_at_s or evidence.world.loop.now_s
    # The lowering takes effect at its commit, a moment before it is answered.
    if not kill.confirmed_at_s < sent.at_s < min(until_s, kill.lowering_s or until_s):
        return False
    specification = sent.request.specification
    strategy = evidence.strategy_of(specification.client_order_id)
    return sent.request.risk_increasing and covers(kill.scope, strategy, symbols_of(specification))
