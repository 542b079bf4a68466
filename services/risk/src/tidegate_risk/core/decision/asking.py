"""What would you say to this order? A copy of the machine answers, so nothing can change.

The copy handles the signal as any other: the same rules, the same sizing, the same verdict. Then it
is forgotten, with what it has reserved and remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import Verdict
from tidegate_kernel.machine import Publish

if TYPE_CHECKING:
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.decision.machine import DecisionMachine


def ask(copy: DecisionMachine, signal: Signal, now_ns: int) -> Verdict | None:
    """Return the verdict that a signal would get now; None if it has had one."""
    for effect in copy.handle(signal, now_ns):
        if isinstance(effect, Publish) and isinstance(effect.body, Verdict):
            return effect.body
    return None
