"""What strategies have won and lost, trade by trade, at average cost.

A trade begins when a strategy's share of a listing leaves zero and ends when it comes back, or
turns: its result is what its fills brought, fees included, and what account entries of its listing
brought meanwhile. A trade that the gate has closed (its order has no signal) says nothing of the
strategy and is not counted; nor one that an adjustment or a transfer has closed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import AccountEntryKind as Kind, Fill, Side
from tidegate_kernel.fees import fee_in_quote, taken_in_kind
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.breakers.record import Record

if TYPE_CHECKING:
    from tidegate_contracts.execution import AccountEntry
    from tidegate_contracts.market import Instrument


_BY_HAND = (Kind.ADJUSTMENT, Kind.TRANSFER)


class Trade(msgspec.Struct):
    """An open trade of a strategy in a listing."""

    # Signed.
    quantity: Decimal = ZERO
    average: Decimal = ZERO
    # Realised so far, less fees.
    result: Decimal = ZERO
    # What was paid, or sold short, to enter; 0 for a trade from before this was kept.
    cost: Decimal = ZERO


class Closed(msgspec.Struct, frozen=True, gc=False):
    """A trade that has ended."""

    strategy: str
    listing: str
    symbol: str
    result: Decimal


class Results(msgspec.Struct):
    """Open trades by strategy|listing, and how many losses in a row there were."""

    trades: dict[str, Trade] = {}
    # By strategy, and by listing.
    losses_of_strategy: dict[str, int] = {}
    losses_in_listing: dict[str, int] = {}
    # By strategy.
    records: dict[str, Record] = {}

    def book(self, fill: Fill, instrument: Instrument | None) -> Closed | None:
        """Take a fill; return the strategy's own trade that it ends. Less than a lot is nothing."""
        listing = listing_of(fill.venue, fill.symbol)
        key = f"{fill.strategy}|{listing}"
        trade = self.trades.get(key)
        if trade is None:
            trade = self.trades[key] = Trade()
        closed = _take(trade, fill, instrument)
        if trade.quantity == 0:
            del self.trades[key]
        if not closed or not fill.signal_key:
            return None
        result, cost = closed
        ended = Closed(fill.strategy, listing, fill.symbol, result)
        if cost > 0:
            self.records.setdefault(ended.strategy, Record()).add(result, cost)
        _count(self.losses_of_strategy, ended.strategy, ended.result)
        _count(self.losses_in_listing, ended.listing, ended.result)
        return ended

    def book_entry(self, entry: AccountEntry, instrument: Instrument | None) -> Closed | None:
        """Take an account entry; return the strategy's own trade that it ends."""
        if not (entry.strategy and entry.symbol):
            return None
        trade = self.trades.get(f"{entry.strategy}|{listing_of(entry.venue, entry.symbol)}")
        before = ZERO if trade is None else trade.quantity
        after = before + entry.quantity
        price = entry.price or ZERO
        if trade is not None and entry.kind != Kind.TRANSFER:
            trade.result += entry.cash + entry.quantity * price
        if entry.quantity == 0:
            return None
        if trade is not None and entry.price is None and before * after > 0:
            trade.average = trade.average * before / after
            trade.quantity = after
            return None
        return self.book(_as_fill(entry, price), instrument)


def _as_fill(entry: AccountEntry, price: Decimal) -> Fill:
    """Write what an entry moves as a fill; one that no person has made counts as the strategy's."""
    return Fill(
        strategy=entry.strategy,
        signal_key="" if entry.kind in _BY_HAND else entry.entry_id,
        venue=entry.venue,
        symbol=entry.symbol,
        side=Side.BUY if entry.quantity > 0 else Side.SELL,
        quantity=abs(entry.quantity),
        price=price,
    )


def _take(trade: Trade, fill: Fill, instrument: Instrument | None) -> tuple[Decimal, ...]:
    """Book a fill; return result and cost of the trade that it ends, if it ends one."""
    signed = fill.quantity if fill.side == Side.BUY else -fill.quantity
    trade.result -= _fee_of(fill, instrument)
    charged = taken_in_kind(fill.symbol, fill.fee, fill.fee_currency)
    before, after = trade.quantity, trade.quantity + signed
    if before * signed >= 0:
        trade.average = (trade.average * before + fill.price * signed) / after
        trade.cost += abs(signed) * fill.price
        # What was taken in kind was paid for, and is in the result: its price is not lost twice.
        trade.quantity = after - charged
        return ()
    ended = -before if abs(signed) >= abs(before) else signed
    trade.result -= ended * (fill.price - trade.average)
    if instrument is not None and abs(after) < instrument.lot_size:
        after = ZERO
    trade.quantity = after
    if before * after > 0:
        return ()
    ended_as = trade.result, trade.cost
    trade.average, trade.result, trade.cost = fill.price, ZERO, abs(after) * fill.price
    return ended_as


def _fee_of(fill: Fill, instrument: Instrument | None) -> Decimal:
    """Return a fee in the quote currency; one in a third coin has no price here and counts 0."""
    if taken_in_kind(fill.symbol, fill.fee, fill.fee_currency):
        return fee_in_quote(fill.symbol, fill.fee, fill.fee_currency, fill.price)
    if instrument is None or fill.fee_currency in ("", instrument.quote_currency):
        return fill.fee
    return ZERO


def _count(losses: dict[str, int], key: str, result: Decimal) -> None:
    """Count a loss; whatever is none ends the row."""
    if result < 0:
        losses[key] = losses.get(key, 0) + 1
    else:
        losses.pop(key, None)
