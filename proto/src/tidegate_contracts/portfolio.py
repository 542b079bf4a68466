# Generated from proto/tidegate/portfolio/v1/portfolio.proto by `make generate`; do not edit.
"""The books: ledger, positions, account, performance."""

from decimal import Decimal

import msgspec

from tidegate_kernel.money import ZERO


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the double-entry ledger.

    The entries of one transaction sum to zero per currency.
    """

    session: str = ""
    transaction_id: str = ""
    """Groups the entries that balance each other."""
    account: str = ""
    """For example `assets:cash`, `assets:position:AAPL`, `equity:capital`, `income:realized`,
    `expenses:fees`.
    """
    currency: str = ""
    """A currency, or a symbol when the entry counts units."""
    amount: Decimal = ZERO
    """Debit positive, credit negative."""
    reason: str = ""
    """CAPITAL, TRADE, FEE, REALIZED_PNL, or the kind of an account entry."""
    order_key: str = ""
    """Logical key of the order (signal key and leg); empty when there is none."""
    event_at_ns: int = 0


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A position after a change."""

    session: str = ""
    account: str = ""
    venue: str = ""
    symbol: str = ""
    quantity: Decimal = ZERO
    """Signed: negative is short."""
    average_cost: Decimal = ZERO
    mark_price: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    unrealized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    event_at_ns: int = 0


class AccountSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The account after fills and at a declared interval."""

    session: str = ""
    account: str = ""
    currency: str = ""
    cash: Decimal = ZERO
    positions_value: Decimal = ZERO
    equity: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    unrealized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    peak_equity: Decimal = ZERO
    """Highest equity so far."""
    drawdown: Decimal = ZERO
    """(peak - equity) / peak, 0 to 1."""
    day_start_equity: Decimal = ZERO
    """Equity at the start of the UTC day."""
    open_positions: int = 0
    marks_stale: bool = False
    """True when a mark price is missing or stale."""
    event_at_ns: int = 0
    fills_booked: int = 0
    """Fills and account entries booked, as a count: how far the books have got."""
    transfers: Decimal | None = None
    """Brought in since the opening, less what was taken out: neither profit nor loss.

    Absent: none.
    """


class Performance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Performance so far."""

    session: str = ""
    strategy: str = ""
    event_at_ns: int = 0
    trades_closed: int = 0
    trades_won: int = 0
    realized_pnl: Decimal = ZERO
    gross_profit: Decimal = ZERO
    gross_loss: Decimal = ZERO
    max_drawdown: Decimal = ZERO
