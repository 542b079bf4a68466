"""I10: debits equal credits in every currency after every message; no float.

Checked here over the committed ledger entries, input by input and transaction by transaction.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.portfolio import LedgerEntry
from tidegate_lab.simulate.evidence import PORTFOLIO

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    sums: dict[tuple[int, str, str], Decimal] = {}
    faults = []
    for said, entry in evidence.said(PORTFOLIO, LedgerEntry):
        # The contract says so, but a struct does not check what it is given.
        kind: type = type(entry.amount)
        if kind is not Decimal:
            faults.append(f"{entry.transaction_id}: expected a Decimal, found {entry.amount!r}")
            continue
        key = (said.n, entry.transaction_id, entry.currency)
        sums[key] = sums.get(key, Decimal(0)) + entry.amount
    faults += [
        f"{transaction}: expected 0 {currency}, found {amount}"
        for (_, transaction, currency), amount in sums.items()
        if amount != 0
    ]
    return faults
