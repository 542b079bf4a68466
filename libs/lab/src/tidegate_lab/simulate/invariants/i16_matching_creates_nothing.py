"""I16: matching creates and loses nothing, and fills nothing through its limit.

Checked here on the venue's book: cash and holdings follow from its executions alone, and from what
it told of the account without an order; no order executes more than was ordered, none beyond its
limit. Price-time priority and equality with a naive oracle are tested in services/execution.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side, VenueEntry
from tidegate_lab.simulate.evidence import VENUE

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.venue is None:
        return []
    book, cash = evidence.venue.book, evidence.venue.parameters.cash
    holdings: dict[str, Decimal] = {}
    faults = []
    for identity, order in book.orders.items():
        specification = order.resting.specification
        sign = 1 if specification.side == Side.BUY else -1
        for execution in order.executions:
            signed = sign * execution.quantity
            holdings[specification.symbol] = holdings.get(specification.symbol, Decimal(0)) + signed
            cash -= signed * execution.price + execution.fee
            limit = specification.limit_price
            if limit is not None and sign * (execution.price - limit) > 0:
                faults.append(f"order {identity}: filled at {execution.price}, limit {limit}")
        if order.filled > specification.quantity:
            faults.append(f"order {identity}: {order.filled} of {specification.quantity} filled")
    if book.arrivals != len(book.orders):
        return faults  # an order under an id of an earlier one replaces it here: see I02
    for _, entry in evidence.said(VENUE, VenueEntry):
        holdings[entry.symbol] = holdings.get(entry.symbol, Decimal(0)) + entry.quantity
        cash += entry.cash
    held = {symbol: quantity for symbol, quantity in holdings.items() if quantity != 0}
    if held != dict(book.holdings):
        faults.append(f"expected {held} held, found {dict(book.holdings)}")
    if cash != book.cash:
        faults.append(f"expected {cash} in cash, found {book.cash}")
    return faults
