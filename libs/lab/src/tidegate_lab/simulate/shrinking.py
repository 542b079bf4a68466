"""From a plan that breaks an invariant to a small one that still does: faults are left out."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec

from tidegate_lab.simulate.hour import Violation, play
from tidegate_lab.simulate.mutants import applied
from tidegate_lab.simulate.plan import Plan

if TYPE_CHECKING:
    from tidegate_lab.simulate.plan import Fault

PLAYS_MAX = 60


class Shrunk(msgspec.Struct, frozen=True):
    """The smallest plan found, and how it breaks."""

    plan: Plan
    violation: Violation
    plays: int


def shrink(plan: Plan, mutant: str = "") -> Shrunk | None:
    """Leave out faults, many at a time and then one by one, while the invariant still breaks.

    None when the plan breaks nothing.
    """
    with applied(mutant) if mutant else nullcontext():
        whole = play(plan).violations
    if not whole:
        return None
    violation, plays = whole[0], 1
    size = max(1, len(plan.faults) // 2)
    while plays < PLAYS_MAX:
        start, smaller = 0, False
        while start < len(plan.faults) and plays < PLAYS_MAX:
            tried = _without(plan, plan.faults[start : start + size])
            plays += 1
            found = _breaks(tried, violation.invariant, mutant)
            if found is None:
                start += size
            else:
                plan, violation, smaller = tried, found, True
        if size == 1 and not smaller:
            break
        size = max(1, size // 2)
    return Shrunk(plan, violation, plays)


def _without(plan: Plan, faults: tuple[Fault, ...]) -> Plan:
    left = tuple(fault for fault in plan.faults if fault not in faults)
    return msgspec.structs.replace(plan, faults=left)


def _breaks(plan: Plan, invariant: str, mutant: str) -> Violation | None:
    with applied(mutant) if mutant else nullcontext():
        result = play(plan)
    return next((each for each in result.violations if each.invariant == invariant), None)
