"""Account entries: what each kind moves in cash, units, cost and profit.

1. Units with a price are booked like a fill at it. Without one the total cost stays and is spread
   over what is held then; an option's units go at zero, and so does what leaves nothing behind.
2. Cash moves by what the entry says. What cash and units do not explain of each other is the kind's
   own: a dividend is income, a transfer is capital, and the account of each is in `ACCOUNTS`.
3. All of it but a transfer is profit or loss, of the account and of the strategy that is named, and
   of the position if a symbol is. A transfer moves what losses are measured from.
4. Marks of before a split are brought over it, for the next bar may be hours away.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import AccountEntryKind as Kind
from tidegate_kernel.money import ZERO, round_to_scaled, to_decimal
from tidegate_portfolio.core import ledger
from tidegate_portfolio.core.ledger import Line
from tidegate_portfolio.core.positions import rebook

if TYPE_CHECKING:
    from tidegate_contracts.execution import AccountEntry
    from tidegate_portfolio.core.performance import Book
    from tidegate_portfolio.core.positions import Booking, Holding
    from tidegate_portfolio.core.state import State

ACCOUNTS = {
    Kind.ADJUSTMENT: ledger.ADJUSTMENTS,
    Kind.DIVIDEND: ledger.DIVIDENDS,
    Kind.SPLIT: ledger.SPLITS,
    Kind.BORROW_FEE: ledger.BORROWING,
    Kind.FUNDING: ledger.FUNDING,
    Kind.INTEREST: ledger.INTEREST,
    Kind.FEE: ledger.FEES,
    Kind.TRANSFER: ledger.TRANSFERS,
    Kind.OPTION_EXPIRY: ledger.OPTIONS,
    Kind.OPTION_EXERCISE: ledger.OPTIONS,
    Kind.OPTION_ASSIGNMENT: ledger.OPTIONS,
}
"""The ledger's account of each kind."""

_OF_OPTIONS = (Kind.OPTION_EXPIRY, Kind.OPTION_EXERCISE, Kind.OPTION_ASSIGNMENT)


class Moved(msgspec.Struct, frozen=True, gc=False):
    """What an entry has moved in one book, in the currency of the holding."""

    cost_change: Decimal
    realized: Decimal


def book_entry(book: Book, holding: Holding | None, entry: AccountEntry, *, valued: bool) -> Moved:
    """Book an entry into one book: the account's, or its strategy's."""
    booking = _move(holding, entry)
    moved = Moved(
        ZERO if booking is None else booking.cost_change,
        ZERO if booking is None else booking.realized,
    )
    if not valued:
        return moved
    own = own_part(entry, moved)
    if entry.kind is Kind.FEE:
        book.fees -= own
    elif entry.kind is not Kind.TRANSFER:
        book.realized_pnl += own
    book.realized_pnl += moved.realized
    if holding is not None and entry.kind is Kind.FEE:
        holding.fees -= own
        holding.trip_pnl += own
    elif holding is not None and entry.kind is not Kind.TRANSFER:
        holding.realized_pnl += own
        holding.trip_pnl += own
    if booking is not None and booking.trip_pnl is not None:
        book.end_trip(booking.trip_pnl)
    return moved


def own_part(entry: AccountEntry, moved: Moved) -> Decimal:
    """Return what cash and units do not explain of each other, above 0 when the account gains."""
    return ledger.amount(entry.cash) + moved.cost_change - moved.realized


def _move(holding: Holding | None, entry: AccountEntry) -> Booking | None:
    if holding is None or entry.quantity == 0:
        return None
    price = ZERO if entry.price is None and entry.kind in _OF_OPTIONS else entry.price
    return rebook(holding, entry.quantity, price)


def lines_of(entry: AccountEntry, moved: Moved, currency: str) -> list[Line]:
    """Return both sides of everything that an entry moves; ``currency`` is the holding's."""
    reason, own = entry.kind.name, ACCOUNTS[entry.kind]
    cash, paid_in = ledger.amount(entry.cash), entry.currency or currency
    lines = [Line(ledger.CASH, paid_in, cash, reason)]
    if entry.symbol:
        position, units = ledger.position_account(entry.symbol), entry.quantity
        lines += [
            Line(position, currency, moved.cost_change, reason),
            Line(ledger.REALIZED, currency, -moved.realized, reason),
            Line(position, entry.symbol, units, reason),
            Line(ledger.units_account(entry.symbol), entry.symbol, -units, reason),
        ]
    left = moved.realized - moved.cost_change
    if paid_in == currency:
        return [*lines, Line(own, currency, left - cash, reason)]
    return [*lines, Line(own, paid_in, -cash, reason), Line(own, currency, left, reason)]


def carry_mark(state: State, entry: AccountEntry, before: Decimal, after: Decimal) -> None:
    """Bring a mark of before a split over it: as much more held is worth as much less each."""
    if entry.kind is not Kind.SPLIT or before == 0 or after == 0:
        return
    mark = state.marks.get(entry.venue, {}).get(entry.symbol)
    instrument = state.instruments.get(entry.venue, {}).get(entry.symbol)
    if mark is None or instrument is None or mark[0] > entry.event_at_ns:
        return
    price = to_decimal(mark[2], instrument[0]) * before / after
    close = round_to_scaled(price, instrument[0])
    state.marks[entry.venue][entry.symbol] = (mark[0], mark[1], close)
