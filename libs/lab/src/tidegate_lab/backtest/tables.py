"""What the machines said, as Arrow tables: the columns of the run folder's Parquet files.

Times are int64 nanoseconds since 1970 in UTC, their names end in ``_ns``. Amounts, prices and
quantities are exact: decimal128(38, 12), money in the session's currency. Enumerations are the
contract's names.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tidegate_contracts.execution import Fill, OrderEvent
    from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry
    from tidegate_lab.backtest.journal import Entry

DECIMAL = pa.decimal128(38, 12)
TEXT = pa.string()
WORD = pa.dictionary(pa.int32(), pa.string())
"""Text of which few different ones occur."""
WHOLE = pa.int64()
FLAG = pa.bool_()


class Column(NamedTuple):
    """A column: its Arrow type and how it is read off a message."""

    kind: Any
    read: Callable[[Any], object]


def _fields(kind: Any, *names: str) -> dict[str, Column]:  # noqa: ANN401 - an Arrow type
    return {name: Column(kind, attrgetter(name)) for name in names}


def _named(**paths: str) -> dict[str, Column]:
    """Return columns of enumerations: their names instead of their numbers."""
    return {name: Column(WORD, _name_of(attrgetter(path))) for name, path in paths.items()}


def _name_of(get: Callable[[Any], Any]) -> Callable[[Any], object]:
    return lambda message: get(message).name


def _specified(kind: Any, *names: str) -> dict[str, Column]:  # noqa: ANN401 - an Arrow type
    return {name: Column(kind, attrgetter(f"specification.{name}")) for name in names}


ORDERS: Mapping[str, Column] = {
    **_fields(WHOLE, "decided_at_ns", "event_at_ns"),
    **_specified(TEXT, "client_order_id"),
    **_fields(WORD, "session", "account", "strategy"),
    **_fields(TEXT, "signal_key"),
    **_fields(WHOLE, "leg"),
    **_specified(WORD, "venue", "symbol"),
    **_named(side="specification.side", order_type="specification.order_type"),
    **_specified(DECIMAL, "quantity", "limit_price"),
    **_named(time_in_force="specification.time_in_force"),
    **_specified(FLAG, "reduce_only"),
    **_named(state="state"),
    **_fields(DECIMAL, "filled_quantity"),
    **_fields(WORD, "reason_code"),
    **_fields(TEXT, "reason"),
}
"""The last event of every order, in the order of their first events."""

FILLS: Mapping[str, Column] = {
    **_fields(WHOLE, "event_at_ns"),
    **_fields(TEXT, "client_order_id", "execution_id"),
    **_fields(WORD, "session", "account", "strategy"),
    **_fields(TEXT, "signal_key"),
    **_fields(WHOLE, "leg"),
    **_fields(WORD, "venue", "symbol"),
    **_named(side="side"),
    **_fields(DECIMAL, "quantity", "price", "fee"),
    **_fields(WORD, "fee_currency"),
    **_named(liquidity="liquidity"),
}

LEDGER: Mapping[str, Column] = {
    **_fields(WHOLE, "event_at_ns"),
    **_fields(TEXT, "transaction_id"),
    **_fields(WORD, "account", "currency"),
    **_fields(DECIMAL, "amount"),
    **_fields(WORD, "reason"),
    **_fields(TEXT, "order_key"),
}

EQUITY: Mapping[str, Column] = {
    **_fields(WHOLE, "event_at_ns"),
    **_fields(DECIMAL, "equity", "cash", "positions_value", "realized_pnl", "unrealized_pnl"),
    **_fields(DECIMAL, "fees", "peak_equity", "drawdown"),
    **_fields(WHOLE, "open_positions", "fills_booked"),
}
"""Every snapshot of the account: once a day, and after fills."""

JOURNAL: Mapping[str, Column] = {
    "instant_ns": Column(WHOLE, lambda entry: entry.place[0]),
    "round": Column(WHOLE, lambda entry: entry.place[1]),
    **_fields(WORD, "shard"),
    "kind": Column(WORD, lambda entry: type(entry.event).__name__),
    "input": Column(TEXT, lambda entry: _json(_told(entry.event))),
    "effects": Column(TEXT, lambda entry: _json([_told(each) for each in entry.effects])),
}
"""Every input that caused something, in the order of handling; instant -1 is before the first.

``input`` and ``effects`` are JSON: ``{"Fill": {...}}``, ``[{"Publish": {"body": {...}}}]``.
"""


def orders_table(orders: Iterable[OrderEvent]) -> pa.Table:
    """Return the orders."""
    return _table(ORDERS, orders)


def fills_table(fills: Iterable[Fill]) -> pa.Table:
    """Return the fills."""
    return _table(FILLS, fills)


def ledger_table(entries: Iterable[LedgerEntry]) -> pa.Table:
    """Return the entries of the ledger."""
    return _table(LEDGER, entries)


def equity_table(snapshots: Iterable[AccountSnapshot]) -> pa.Table:
    """Return the account's snapshots."""
    return _table(EQUITY, snapshots)


def journal_table(entries: Iterable[Entry]) -> pa.Table:
    """Return the journal."""
    return _table(JOURNAL, entries)


def _table(columns: Mapping[str, Column], rows: Iterable[Any]) -> pa.Table:
    messages = list(rows)
    arrays = {
        name: pa.array([column.read(message) for message in messages], column.kind)
        for name, column in columns.items()
    }
    return pa.table(arrays)


def _told(thing: msgspec.Struct) -> dict[str, object]:
    """Name a struct and the messages that it carries; a contract's message is plain."""
    if not type(thing).__module__.startswith("tidegate_kernel"):
        return {type(thing).__name__: thing}
    fields = {
        name: _told(value) if isinstance(value, msgspec.Struct) else value
        for name in thing.__struct_fields__
        for value in (getattr(thing, name),)
    }
    return {type(thing).__name__: fields}


def _json(thing: object) -> str:
    return msgspec.json.encode(thing).decode()
