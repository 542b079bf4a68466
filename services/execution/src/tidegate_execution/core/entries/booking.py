"""Books what a venue says of the account: each entry once, by the venue's own id.

1. It is shared among its owners (`sharing`), and each share is an `AccountEntry` of its own, named
   after the venue's entry and its owner, and for what an option delivered after its symbol as well.
2. The expectation with which the account is compared moves with it: what strategies hold, or what
   lay there before the session began. No book ever held the latter, so its units are not told; its
   cash is, as nobody's.
3. What contradicts itself is not booked. The account then differs from the venue, and that halts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import AccountEntry, AccountEntryAnswer, AccountEntryKind
from tidegate_execution.core.entries.sharing import (
    OPENING,
    cash_step,
    quantity_step,
    share,
    weights_of,
)
from tidegate_execution.core.entries.splitting import take_split
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.state import NOBODY
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_contracts.execution import VenueEntry
    from tidegate_execution.core.turn import Turn

ENTRIES_REMEMBERED = 10_000
"""A venue says an entry again for a few days at most; a busy account has some dozens a day."""


class Leg(msgspec.Struct, frozen=True, gc=False):
    """One instrument that an entry changes, or cash alone."""

    symbol: str
    quantity: Decimal
    price: Decimal | None
    cash: Decimal
    # What is added to the id of its entries.
    suffix: str = ""


def take_entry(turn: Turn, entry: VenueEntry) -> AccountEntryAnswer:
    """Book an entry unless it is booked already; say whether it counts."""
    problem = _problem(turn, entry)
    if problem:
        return AccountEntryAnswer(
            entry_id=entry.entry_id, accepted=False, code=Code.ENTRY_INVALID, message=problem
        )
    if entry.entry_id not in turn.state.entries:
        note(turn, entry.entry_id)
        _book(turn, entry)
    return AccountEntryAnswer(entry_id=entry.entry_id, accepted=True)


def note(turn: Turn, entry_id: str) -> None:
    """Remember that an entry is dealt with, and forget the oldest."""
    known = turn.state.entries
    known[entry_id] = None
    if len(known) > ENTRIES_REMEMBERED:
        del known[next(iter(known))]


def _problem(turn: Turn, entry: VenueEntry) -> str:
    """Return what is wrong with an entry, as a sentence; empty when nothing is."""
    amounts = (entry.quantity, entry.delivered_quantity, entry.cash)
    numbers = (*amounts, entry.price or ZERO, entry.delivered_price or ZERO)
    if not all(each.is_finite() for each in numbers):
        return f"expected numbers in entry {entry.entry_id}, found one that is not finite"
    unnamed = (entry.quantity and not entry.symbol) or (
        entry.delivered_quantity and not (entry.symbol and entry.delivered_symbol)
    )
    needed = {
        f"one of session {turn.parameters.session}": entry.session == turn.parameters.session,
        "one with an id, or it could be booked twice": entry.entry_id != "",
        "one with a kind": entry.kind is not AccountEntryKind.UNSPECIFIED,
        "one that changes something": any(amounts),
        "a symbol with its quantity": not unnamed,
        "a currency with its cash": entry.cash == 0 or entry.currency != "",
    }
    missing = [sentence for sentence, given in needed.items() if not given]
    return f"expected of an entry {', '.join(missing)}, found {entry}" if missing else ""


def _book(turn: Turn, entry: VenueEntry) -> None:
    weights = weights_of(turn.state, entry.symbol)
    for leg in _legs(entry):
        _book_leg(turn, entry, leg, weights)
    if entry.kind is AccountEntryKind.SPLIT and entry.quantity != 0:
        take_split(turn, entry.symbol, weights)
    turn.state.changes += 1


def _legs(entry: VenueEntry) -> list[Leg]:
    """Return what an entry changes: what was delivered for an option comes with the cash."""
    if not entry.delivered_symbol:
        return [Leg(entry.symbol, entry.quantity, entry.price, entry.cash)]
    symbol = entry.delivered_symbol
    delivered = Leg(
        symbol, entry.delivered_quantity, entry.delivered_price, entry.cash, f"/{symbol}"
    )
    return [Leg(entry.symbol, entry.quantity, entry.price, ZERO), delivered]


def _book_leg(turn: Turn, entry: VenueEntry, leg: Leg, weights: Mapping[str, Decimal]) -> None:
    step = quantity_step(turn.state, entry.venue, leg.symbol, leg.quantity)
    quantities = share(leg.quantity, weights, step)
    amounts = share(leg.cash, weights, cash_step(leg.cash))
    if OPENING in amounts:
        amounts[NOBODY] = amounts.get(NOBODY, ZERO) + amounts.pop(OPENING)
    if OPENING in quantities:
        opening = turn.state.reconciliation.opening
        assert opening is not None, "it has a weight"
        opening[leg.symbol] = opening.get(leg.symbol, ZERO) + quantities.pop(OPENING)
    turn.state.reconciliation.cash_flow += leg.cash
    for owner in sorted({*quantities, *amounts}):
        quantity, cash = quantities.get(owner, ZERO), amounts.get(owner, ZERO)
        if quantity != 0:
            turn.state.move(owner, leg.symbol, quantity)
            turn.state.venues.setdefault(leg.symbol, entry.venue)
        if quantity != 0 or cash != 0:
            turn.publish(_told(turn, entry, leg, owner, (quantity, cash)))


def _told(
    turn: Turn, entry: VenueEntry, leg: Leg, owner: str, change: tuple[Decimal, Decimal]
) -> AccountEntry:
    quantity, cash = change
    whose = f"/{owner}" if owner else ""
    return AccountEntry(
        session=turn.parameters.session,
        account=turn.parameters.account,
        strategy=owner,
        entry_id=f"{entry.entry_id}{leg.suffix}{whose}",
        kind=entry.kind,
        venue=entry.venue,
        symbol=leg.symbol,
        quantity=quantity,
        price=leg.price,
        currency=entry.currency,
        cash=cash,
        event_at_ns=entry.event_at_ns,
        reason=entry.reason,
    )
