"""The ledger: double entry, and the one place where amounts are rounded.

The rules, in prose:

1. Everything that happens to the account is a transaction: a group of entries, debit positive,
   credit negative, that sum to zero in each currency. So the whole ledger always does too.
2. Amounts of money have at most `AMOUNT_PLACES` decimal places. `amount` rounds half-even, once,
   before an entry is made; what rounding moves stays inside the transaction.
3. Units are entries as well: a buy of 3 AAPL debits `assets:position:AAPL` with 3 of currency
   ``AAPL`` and credits `trading:units:AAPL`, exactly, without rounding.

Chart of accounts:

=============================  ================================================================
`assets:cash`                  money held, per currency
`assets:position:<symbol>`     the cost of what is held (in its quote currency), and its units
`trading:units:<symbol>`       the other side of units
`equity:capital`               what the account was opened with
`income:realized`              realised profit, credit (a profit is negative)
`expenses:fees`                fees paid, with an execution or without
`equity:transfers`             what was brought in or taken out since
`income:dividends`             received, less paid on shorts
`income:splits`                paid out for fractions
`income:interest`              received, less paid
`income:options`               what options that ended brought beside their units
`income:adjustments`           what people booked so that the books agree with the venue
`expenses:borrowing`           what shorts cost
`expenses:funding`             paid on perpetual futures, less received
=============================  ================================================================
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.portfolio import LedgerEntry
from tidegate_kernel.money import MONEY_CONTEXT, ZERO, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AMOUNT_PLACES = 12
"""Decimal places of every amount of money in the books."""
_STEP = Decimal(1).scaleb(-AMOUNT_PLACES)

CASH = "assets:cash"
CAPITAL = "equity:capital"
REALIZED = "income:realized"
FEES = "expenses:fees"
TRANSFERS = "equity:transfers"
DIVIDENDS = "income:dividends"
SPLITS = "income:splits"
INTEREST = "income:interest"
OPTIONS = "income:options"
ADJUSTMENTS = "income:adjustments"
BORROWING = "expenses:borrowing"
FUNDING = "expenses:funding"

PROFITS = (
    *(REALIZED, DIVIDENDS, SPLITS, INTEREST, OPTIONS, ADJUSTMENTS),
    *(BORROWING, FUNDING),
)
"""The accounts whose sum is the realised loss; fees are told apart."""


def position_account(symbol: str) -> str:
    """Return the account that holds the cost and the units of a symbol."""
    return f"assets:position:{symbol}"


def units_account(symbol: str) -> str:
    """Return the account that balances the units of a symbol."""
    return f"trading:units:{symbol}"


def amount(value: Decimal) -> Decimal:
    """Round a computed amount of money half-even to the places of the books."""
    return value.quantize(_STEP, ROUND_HALF_EVEN, MONEY_CONTEXT)


class Line(msgspec.Struct, frozen=True, gc=False):
    """One side of a transaction before it is posted."""

    account: str
    currency: str
    amount: Decimal
    reason: str


class Heading(msgspec.Struct, frozen=True, gc=False):
    """What all entries of a transaction share."""

    session: str
    transaction_id: str
    order_key: str
    event_at_ns: int


class Ledger(msgspec.Struct):
    """The balances: account, then currency. The entries themselves are published."""

    balances: dict[str, dict[str, Decimal]] = {}

    def post(self, heading: Heading, lines: Sequence[Line]) -> list[LedgerEntry]:
        """Book one transaction and return its entries; lines of zero are left out."""
        assert sums_to_zero(lines), unbalanced(heading.transaction_id, lines)
        entries = []
        for line in lines:
            if line.amount == 0:
                continue
            if line.account not in self.balances:
                self.balances[line.account] = {}
            account = self.balances[line.account]
            if line.currency not in account:
                account[line.currency] = ZERO
            account[line.currency] += line.amount
            entries.append(
                LedgerEntry(
                    session=heading.session,
                    transaction_id=heading.transaction_id,
                    account=line.account,
                    currency=line.currency,
                    amount=line.amount,
                    reason=line.reason,
                    order_key=heading.order_key,
                    event_at_ns=heading.event_at_ns,
                )
            )
        return entries

    def balance(self, account: str, currency: str) -> Decimal:
        """Return what an account holds of a currency."""
        return self.balances.get(account, {}).get(currency, ZERO)

    def total(self, account: str, currencies: Iterable[str]) -> Decimal:
        """Return what an account holds of several currencies that count alike."""
        total = ZERO
        if account in self.balances:
            held = self.balances[account]
            for currency in currencies:
                if currency in held:
                    total += held[currency]
        return total

    def profit(self, currencies: Iterable[str]) -> Decimal:
        """Return the realised profit of trades and account entries, before fees."""
        booked = [self.total(each, currencies) for each in PROFITS if each in self.balances]
        return -sum(booked, ZERO)

    def balanced(self) -> bool:
        """Tell whether all balances sum to zero in every currency (invariant I10)."""
        totals: dict[str, Decimal] = {}
        for account in self.balances.values():
            for currency, held in account.items():
                totals[currency] = totals.get(currency, ZERO) + held
        return all(total == 0 for total in totals.values())


def sums_to_zero(lines: Iterable[Line]) -> bool:
    """Tell whether lines sum to zero in every currency."""
    return not any(_totals(lines).values())


def unbalanced(transaction_id: str, lines: Iterable[Line]) -> str:
    """Say what is wrong with a transaction."""
    wrong = {currency: plain(total) for currency, total in _totals(lines).items() if total}
    return f"transaction {transaction_id}: expected a sum of 0 per currency, found {wrong}"


def _totals(lines: Iterable[Line]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        totals[line.currency] += line.amount
    return totals
