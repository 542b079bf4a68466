"""I11: after quiet and reconciliation, portfolio = venue to the unit; so do risk and execution.

Checked here: quantities of every symbol in portfolio's ledger, risk's book and execution's
holdings, and the cash of portfolio and execution, against the venue's own book. What the venue paid
without an order counts in all of them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.portfolio import LedgerEntry
from tidegate_lab.simulate.evidence import PORTFOLIO

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

ZERO = Decimal(0)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    venue = evidence.venue
    if venue is None or evidence.restored or evidence.unsettled:
        return []
    expected = dict(venue.book.holdings)
    faults = [
        f"{name}: expected {_written(expected)} as the venue holds, found {_written(found)}"
        for name, found in _holdings(evidence).items()
        if found != expected
    ]
    cash = sum(
        (e.amount for _, e in evidence.said(PORTFOLIO, LedgerEntry) if e.account == "assets:cash"),
        ZERO,
    )
    if cash != venue.book.cash:
        faults.append(f"portfolio: expected {venue.book.cash} in cash, found {cash}")
    if evidence.execution is not None:
        known = evidence.execution._state.reconciliation
        cash = (known.opening_cash or ZERO) + known.cash_flow
        if known.opening_cash is not None and cash != venue.book.cash:
            faults.append(f"execution: expected {venue.book.cash} in cash, found {cash}")
    return faults


def _holdings(evidence: Evidence) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {"portfolio": {}}
    for _, entry in evidence.said(PORTFOLIO, LedgerEntry):
        if entry.account.startswith("assets:position:") and entry.currency != "USD":
            _add(found["portfolio"], entry.currency, entry.amount)
    if evidence.risk is not None:
        positions = evidence.risk.state.book.holdings.positions
        found["risk"] = {listing.partition("|")[2]: each for listing, each in positions.items()}
    if evidence.execution is not None:
        held: dict[str, Decimal] = {}
        for symbols in evidence.execution._state.holdings.values():
            for symbol, quantity in symbols.items():
                _add(held, symbol, quantity)
        found["execution"] = held
    return {
        name: {symbol: each for symbol, each in sorted(holdings.items()) if each != 0}
        for name, holdings in found.items()
    }


def _add(amounts: dict[str, Decimal], key: str, amount: Decimal) -> None:
    amounts[key] = amounts.get(key, ZERO) + amount


def _written(holdings: dict[str, Decimal]) -> str:
    return ", ".join(f"{quantity} {symbol}" for symbol, quantity in holdings.items()) or "nothing"
