"""Holdings: positions, each strategy's share of them, and cash, from fills and account entries.

A fee that the venue took of the bought coin is taken off the position and not off the cash.

A fill counts once, by its execution id, and an entry by its own. The last `EXECUTIONS_REMEMBERED`
ids are kept: the host already drops repeated messages, so this is the second net, not the first.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import Side
from tidegate_kernel.fees import taken_in_kind
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.market import listing_of

if TYPE_CHECKING:
    from tidegate_contracts.execution import AccountEntry, Fill

EXECUTIONS_REMEMBERED = 10_000


def signed(side: int, quantity: Decimal) -> Decimal:
    """Return a quantity with the sign of its side: buys positive, sells negative."""
    return quantity if side == Side.BUY else -quantity


class Holdings(msgspec.Struct):
    """What the account holds, as far as its fills and entries say."""

    currency: str
    cash: Decimal
    positions: dict[str, Decimal] = {}
    owned: dict[str, Decimal] = {}
    executions: dict[str, None] = {}
    # Fills and entries.
    fills_count: int = 0

    def book(self, fill: Fill) -> bool:
        """Book a fill; return whether it is new."""
        if not self._is_new(f"{fill.venue}|{fill.execution_id}"):
            return False
        listing = listing_of(fill.venue, fill.symbol)
        quantity = signed(fill.side, fill.quantity)
        charged = taken_in_kind(fill.symbol, fill.fee, fill.fee_currency)
        _add(self.positions, listing, quantity - charged)
        _add(self.owned, _share(fill.strategy, listing), quantity - charged)
        self.cash -= quantity * fill.price
        if fill.fee_currency == self.currency and not charged:
            self.cash -= fill.fee
        return True

    def book_entry(self, entry: AccountEntry, quote_currency: str) -> bool:
        """Book an account entry; return whether it is new. Quote currencies count one for one."""
        if not self._is_new(f"entry|{entry.entry_id}"):
            return False
        if entry.symbol:
            listing = listing_of(entry.venue, entry.symbol)
            _add(self.positions, listing, entry.quantity)
            _add(self.owned, _share(entry.strategy, listing), entry.quantity)
        if entry.currency in ("", self.currency, quote_currency):
            self.cash += entry.cash
        return True

    def _is_new(self, identity: str) -> bool:
        if identity in self.executions:
            return False
        self.executions[identity] = None
        if len(self.executions) > EXECUTIONS_REMEMBERED:
            del self.executions[next(iter(self.executions))]
        self.fills_count += 1
        return True

    def position(self, listing: str) -> Decimal:
        """Return the account's signed position in a listing."""
        return self.positions.get(listing, ZERO)

    def owned_by(self, strategy: str, listing: str) -> Decimal:
        """Return the part of the position that a strategy's own fills made."""
        return self.owned.get(_share(strategy, listing), ZERO)


def _share(strategy: str, listing: str) -> str:
    return f"{strategy}|{listing}"


def _add(amounts: dict[str, Decimal], key: str, amount: Decimal) -> None:
    after = amounts.get(key, ZERO) + amount
    if after == 0:
        amounts.pop(key, None)
    else:
        amounts[key] = after
