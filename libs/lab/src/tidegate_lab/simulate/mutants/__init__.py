"""Deliberate mistakes, each breaking one rule of the design from outside; the cores know none.

==========  ======================================================================================
mutant      what a mutant is, and how it is put in force
hosting     mistakes of the host: journal, outbox, channels, requests, leases
executing   mistakes of execution: sending, resolving, booking, the kill switch
replacing   mistakes about orders that a person replaces
deciding    mistakes of risk: reserving, exposure, the gate
accounting  mistakes of the portfolio: what it books
==========  ======================================================================================
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from tidegate_lab.simulate.mutants import accounting, deciding, executing, hosting, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_lab.simulate.mutants.mutant import Mutant

MUTANTS: dict[str, Mutant] = {
    mutant.name: mutant
    for module in (hosting, executing, replacing, deciding, accounting)
    for mutant in module.MUTANTS
}
"""Every mutant by its name."""


@contextmanager
def applied(name: str) -> Iterator[None]:
    """Put a mutant in force."""
    with ExitStack() as stack:
        for change in MUTANTS[name].changes:
            if isinstance(change.target, dict):
                stack.enter_context(patch.dict(change.target, {change.name: change.value}))
            else:
                stack.enter_context(patch.object(change.target, str(change.name), change.value))
        yield
