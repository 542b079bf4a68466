"""I16: matching creates and loses nothing, and fills nothing through its limit.

Checked here on the venue's book: cash and holdings follow from its executions alone, and from what
it told of the account without an order; no order executes more than was ordered, of any leg, none
beyond its limit, which for legs that fill at one moment is a net price. Price-time priority and
equality with a naive oracle are tested in services/execution.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import VenueEntry
from tidegate_lab.simulate.evidence import VENUE
from tidegate_lab.simulate.invariants.legs import filled_of, is_whole, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_execution.core.paper.book import PaperOrder
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
        signs = {part.symbol: part.sign for part in parts_of(specification)}
        for execution in order.executions:
            symbol = execution.symbol or specification.symbol
            signed = signs[symbol] * execution.quantity
            holdings[symbol] = holdings.get(symbol, Decimal(0)) + signed
            cash -= signed * execution.price + execution.fee
        found = (*_beyond_limit(order), *_too_much(order))
        faults += [f"order {identity}: {each}" for each in found]
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


def _beyond_limit(order: PaperOrder) -> Iterator[str]:
    """Say which executions are worse than the limit; those of legs are of one moment together."""
    specification = order.resting.specification
    limit = specification.limit_price
    if limit is None:
        return
    signs = {part.symbol: part.sign for part in parts_of(specification)}
    if not specification.legs:
        sign = signs[specification.symbol]
        for each in order.executions:
            if sign * (each.price - limit) > 0:
                yield f"filled at {each.price}, limit {limit}"
        return
    paid: dict[int, Decimal] = {}
    units: dict[int, Decimal] = {}
    ratios = {leg.symbol: leg.ratio for leg in specification.legs}
    for each in order.executions:
        at_ns, cost = each.event_at_ns, signs[each.symbol] * each.quantity * each.price
        paid[at_ns] = paid.get(at_ns, Decimal(0)) + cost
        units[at_ns] = each.quantity / ratios[each.symbol]
    for at_ns, cost in paid.items():
        if is_whole(order) and cost > limit * units[at_ns]:
            yield f"filled for {cost} with {units[at_ns]} units at {at_ns}, net limit {limit}"


def _too_much(order: PaperOrder) -> Iterator[str]:
    filled, specification = filled_of(order), order.resting.specification
    for symbol, _, quantity in parts_of(specification):
        if filled.get(symbol, Decimal(0)) > quantity:
            yield f"{filled[symbol]} of {quantity} {symbol} filled"
    if specification.legs:
        whole = min(filled.get(e.symbol, Decimal(0)) / e.ratio for e in specification.legs)
        if order.filled != whole:
            yield f"{order.filled} counted, {whole} structures are whole"
