# Generated from proto/tidegate/portfolio/v1/portfolio.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.portfolio`."""

from typing import Any

from tidegate_contracts._wire.checks import Codec, decimal_of, decimal_or_zero, decimal_text
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position


def write_ledger_entry(wire: Any, body: LedgerEntry) -> None:
    """Fill a wire message from a `LedgerEntry`."""
    wire.session = body.session
    wire.transaction_id = body.transaction_id
    wire.account = body.account
    wire.currency = body.currency
    wire.amount = decimal_text(body.amount, "amount")
    wire.reason = body.reason
    wire.order_key = body.order_key
    wire.event_at_ns = body.event_at_ns


def read_ledger_entry(wire: Any) -> LedgerEntry:
    """Make a `LedgerEntry` from a wire message."""
    return LedgerEntry(
        session=wire.session,
        transaction_id=wire.transaction_id,
        account=wire.account,
        currency=wire.currency,
        amount=decimal_or_zero(wire.amount, "amount"),
        reason=wire.reason,
        order_key=wire.order_key,
        event_at_ns=wire.event_at_ns,
    )


def write_position(wire: Any, body: Position) -> None:
    """Fill a wire message from a `Position`."""
    wire.session = body.session
    wire.account = body.account
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.quantity = decimal_text(body.quantity, "quantity")
    wire.average_cost = decimal_text(body.average_cost, "average_cost")
    wire.mark_price = decimal_text(body.mark_price, "mark_price")
    wire.realized_pnl = decimal_text(body.realized_pnl, "realized_pnl")
    wire.unrealized_pnl = decimal_text(body.unrealized_pnl, "unrealized_pnl")
    wire.fees = decimal_text(body.fees, "fees")
    wire.event_at_ns = body.event_at_ns


def read_position(wire: Any) -> Position:
    """Make a `Position` from a wire message."""
    return Position(
        session=wire.session,
        account=wire.account,
        venue=wire.venue,
        symbol=wire.symbol,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        average_cost=decimal_or_zero(wire.average_cost, "average_cost"),
        mark_price=decimal_or_zero(wire.mark_price, "mark_price"),
        realized_pnl=decimal_or_zero(wire.realized_pnl, "realized_pnl"),
        unrealized_pnl=decimal_or_zero(wire.unrealized_pnl, "unrealized_pnl"),
        fees=decimal_or_zero(wire.fees, "fees"),
        event_at_ns=wire.event_at_ns,
    )


def write_account_snapshot(wire: Any, body: AccountSnapshot) -> None:
    """Fill a wire message from a `AccountSnapshot`."""
    wire.session = body.session
    wire.account = body.account
    wire.currency = body.currency
    wire.cash = decimal_text(body.cash, "cash")
    wire.positions_value = decimal_text(body.positions_value, "positions_value")
    wire.equity = decimal_text(body.equity, "equity")
    wire.realized_pnl = decimal_text(body.realized_pnl, "realized_pnl")
    wire.unrealized_pnl = decimal_text(body.unrealized_pnl, "unrealized_pnl")
    wire.fees = decimal_text(body.fees, "fees")
    wire.peak_equity = decimal_text(body.peak_equity, "peak_equity")
    wire.drawdown = decimal_text(body.drawdown, "drawdown")
    wire.day_start_equity = decimal_text(body.day_start_equity, "day_start_equity")
    wire.open_positions = body.open_positions
    wire.marks_stale = body.marks_stale
    wire.event_at_ns = body.event_at_ns
    wire.fills_booked = body.fills_booked
    if body.transfers is not None:
        wire.transfers = decimal_text(body.transfers, "transfers")


def read_account_snapshot(wire: Any) -> AccountSnapshot:
    """Make a `AccountSnapshot` from a wire message."""
    return AccountSnapshot(
        session=wire.session,
        account=wire.account,
        currency=wire.currency,
        cash=decimal_or_zero(wire.cash, "cash"),
        positions_value=decimal_or_zero(wire.positions_value, "positions_value"),
        equity=decimal_or_zero(wire.equity, "equity"),
        realized_pnl=decimal_or_zero(wire.realized_pnl, "realized_pnl"),
        unrealized_pnl=decimal_or_zero(wire.unrealized_pnl, "unrealized_pnl"),
        fees=decimal_or_zero(wire.fees, "fees"),
        peak_equity=decimal_or_zero(wire.peak_equity, "peak_equity"),
        drawdown=decimal_or_zero(wire.drawdown, "drawdown"),
        day_start_equity=decimal_or_zero(wire.day_start_equity, "day_start_equity"),
        open_positions=wire.open_positions,
        marks_stale=wire.marks_stale,
        event_at_ns=wire.event_at_ns,
        fills_booked=wire.fills_booked,
        transfers=decimal_of(wire.transfers, "transfers") if wire.HasField("transfers") else None,
    )


def write_performance(wire: Any, body: Performance) -> None:
    """Fill a wire message from a `Performance`."""
    wire.session = body.session
    wire.strategy = body.strategy
    wire.event_at_ns = body.event_at_ns
    wire.trades_closed = body.trades_closed
    wire.trades_won = body.trades_won
    wire.realized_pnl = decimal_text(body.realized_pnl, "realized_pnl")
    wire.gross_profit = decimal_text(body.gross_profit, "gross_profit")
    wire.gross_loss = decimal_text(body.gross_loss, "gross_loss")
    wire.max_drawdown = decimal_text(body.max_drawdown, "max_drawdown")


def read_performance(wire: Any) -> Performance:
    """Make a `Performance` from a wire message."""
    return Performance(
        session=wire.session,
        strategy=wire.strategy,
        event_at_ns=wire.event_at_ns,
        trades_closed=wire.trades_closed,
        trades_won=wire.trades_won,
        realized_pnl=decimal_or_zero(wire.realized_pnl, "realized_pnl"),
        gross_profit=decimal_or_zero(wire.gross_profit, "gross_profit"),
        gross_loss=decimal_or_zero(wire.gross_loss, "gross_loss"),
        max_drawdown=decimal_or_zero(wire.max_drawdown, "max_drawdown"),
    )


CODECS: tuple[Codec, ...] = (
    Codec(LedgerEntry, "tidegate.portfolio.v1.LedgerEntry", write_ledger_entry, read_ledger_entry),
    Codec(Position, "tidegate.portfolio.v1.Position", write_position, read_position),
    Codec(
        AccountSnapshot,
        "tidegate.portfolio.v1.AccountSnapshot",
        write_account_snapshot,
        read_account_snapshot,
    ),
    Codec(Performance, "tidegate.portfolio.v1.Performance", write_performance, read_performance),
)
