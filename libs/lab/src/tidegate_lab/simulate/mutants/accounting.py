"""Mistakes of the portfolio: what it books, and whether both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_lab.simulate.mutants.mutant import Change, Mutant
from tidegate_portfolio.core import entries, ledger, machine
from tidegate_portfolio.core.machine import PortfolioMachine

if TYPE_CHECKING:
    from tidegate_contracts.execution import AccountEntry
    from tidegate_portfolio.core.entries import Moved
    from tidegate_portfolio.core.ledger import Line

_lines_of = entries.lines_of


def _lose(_machine: PortfolioMachine, _entry: AccountEntry, _now_ns: int) -> tuple[()]:
    return ()


def _one_side(entry: AccountEntry, moved: Moved, currency: str) -> list[Line]:
    """Say what cash an entry brings, and not where it comes from."""
    return _lines_of(entry, moved, currency)[:-1]


MUTANTS = (
    Mutant(
        "entry_lost_on_its_way",
        "what execution tells of the account reaches the books",
        (Change(PortfolioMachine, "_on_entry", _lose),),
    ),
    Mutant(
        "one_side_booked",
        "debits equal credits",
        (
            Change(machine, "lines_of", _one_side),
            Change(ledger, "sums_to_zero", lambda _lines: True),
        ),
    ),
)
"""The portfolio's."""
