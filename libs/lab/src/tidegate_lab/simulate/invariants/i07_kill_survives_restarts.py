"""I07: the kill survives every restart; two different principals lower it, having seen it.

Checked here: every LOWERED names two principals that differ, and lowers no raise that is newer than
what the one has seen who asked; what risk's gate and execution hold at the end are equal to the
fold of the committed events, whatever has died in between; and an answered raise is among those
events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import GateAction, GateEvent
from tidegate_lab.simulate.evidence import GATE

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

_RAISES = (GateAction.RAISED, GateAction.LATCH_FOLDED)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    events = [event for _, event in evidence.said(GATE, GateEvent)]
    faults = [] if evidence.restored else _unseen(evidence, events)
    levels: dict[str, int] = {}
    for event in events:
        if event.action == GateAction.LOWERED and event.principal in ("", event.approver):
            faults.append(f"{event.scope}: lowered by {event.principal!r} and {event.approver!r}")
        if event.action in (*_RAISES, GateAction.LOWERED):
            levels[event.scope] = int(event.level)
    if evidence.restored or evidence.unsettled:
        return faults
    for name, machine in (("risk", evidence.gate), ("execution", evidence.execution)):
        if machine is None:
            continue
        view = machine.state.view if name == "risk" else machine._state.gate  # type: ignore[union-attr]
        found = {scope: int(view.level_of(scope)) for scope in levels}
        if found != levels:
            faults.append(f"{name}: expected the gate at {levels}, found {found}")
    for kill in evidence.world.kills:
        told = [e for e in events if e.action in _RAISES and e.scope == kill.scope]
        if kill.answered_at_s and not any(event.level >= kill.level for event in told):
            faults.append(f"{kill.scope}: the answered raise is not among the gate's events")
    return faults


def _unseen(evidence: Evidence, events: list[GateEvent]) -> list[str]:
    """Find raises that were lowered by who had looked before them."""
    faults = []
    raised: dict[str, int] = {}
    for event in events:
        if event.action in _RAISES:
            raised[event.scope] = event.gate_epoch
        elif event.action == GateAction.LOWERED:
            newest = raised.get(event.scope, 0)
            seen = evidence.world.seen_epochs[event.request_id]
            if newest > seen:
                faults.append(
                    f"{event.scope}: {event.request_id} was asked for at epoch {seen} and has "
                    f"lowered the raise of epoch {newest}"
                )
    return faults
