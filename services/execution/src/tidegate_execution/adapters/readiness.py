"""What `/readyz` adds for execution: wall-clock sessions are ready when they are reconciled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_chassis.venues.budget import Budget
    from tidegate_execution.core.machine import ExecutionMachine


class Led(Protocol):
    """A shard of this process."""

    @property
    def machine(self) -> ExecutionMachine | None:
        """Its machine while this process leads it."""
        ...


def not_reconciled(shards: Iterable[Led]) -> list[str]:
    """Return the sessions that are led here and send no entry before they are reconciled."""
    reasons = []
    for shard in shards:
        machine = shard.machine
        if machine is None or machine.parameters.lockstep:
            continue
        standing = machine.confirmation()
        if not standing.reconciled:
            problem = standing.problem or "the venue's account has not been compared yet"
            reasons.append(f"{standing.shard}: not reconciled: {problem}")
    return reasons


def not_shared(budgets: Iterable[Budget]) -> list[str]:
    """Return the accounts whose rate budget every process counts alone, against half of it."""
    return [f"rate budget of {each.account}: {each.problem}" for each in budgets if each.problem]
