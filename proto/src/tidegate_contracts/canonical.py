"""What two runs must have in common: one hash over all orders, one over the whole ledger.

docs/reference/hashes.md defines both in words. Nothing that may differ between equal runs enters:
no producer, term, counter, venue's id, wall time, trace or intermediate state.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from tidegate_contracts.errors import PayloadError
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from tidegate_contracts.execution import Fill, OrderEvent
    from tidegate_contracts.portfolio import LedgerEntry

_Place: TypeAlias = tuple[int, str, str, str, str, int]
"""Event time of the decision, account, strategy, symbol, signal's logical key, leg."""
_Row: TypeAlias = "tuple[int, str, str, Decimal, str, str]"
"""Event time, account, currency, amount, reason, order's key."""


def orders_hash(orders: Iterable[OrderEvent], fills: Iterable[Fill]) -> str:
    """Return the hash of the orders of one session and their fills, in any order.

    ``orders`` holds the last event of every order. An order that occurs twice is an error, and
    so is a fill without its order: the caller has lost or invented something.
    """
    fills_of: dict[str, list[Fill]] = {}
    for fill in fills:
        fills_of.setdefault(fill.client_order_id, []).append(fill)
    lines: dict[str, tuple[_Place, bytes]] = {}
    for order in orders:
        name = order.specification.client_order_id
        if name in lines:
            raise PayloadError("orders_hash", "the last event of each order", f"{name} twice")
        lines[name] = (_place(order), _order_line(order, fills_of.pop(name, [])))
    if fills_of:
        found = ", ".join(sorted(fills_of))
        raise PayloadError("orders_hash", "an order for each fill", f"only fills for {found}")
    return _hash([line for _, line in sorted(lines.values())])


def _place(order: OrderEvent) -> _Place:
    return (
        order.decided_at_ns,
        order.account,
        order.strategy,
        order.specification.symbol,
        order.signal_key,
        order.leg,
    )


def _order_line(order: OrderEvent, fills: list[Fill]) -> bytes:
    wanted = order.specification
    return _ENCODER.encode_lines(
        [
            {
                "decided_at_ns": order.decided_at_ns,
                "account": order.account,
                "strategy": order.strategy,
                "symbol": wanted.symbol,
                "signal_key": order.signal_key,
                "leg": order.leg,
                "side": wanted.side.name,
                "type": wanted.order_type.name,
                "quantity": plain(wanted.quantity),
                "limit_price": None if wanted.limit_price is None else plain(wanted.limit_price),
                "time_in_force": wanted.time_in_force.name,
                "final_state": order.state.name,
                "fills": [
                    [at_ns, plain(quantity), plain(price), plain(fee)]
                    for at_ns, quantity, price, fee in sorted(
                        [(fill.event_at_ns, fill.quantity, fill.price, fill.fee) for fill in fills]
                    )
                ],
            }
        ]
    )


def ledger_hash(entries: Iterable[LedgerEntry]) -> str:
    """Return the hash of the ledger entries of one session, in any order."""
    rows = sorted(
        [(e.event_at_ns, e.account, e.currency, e.amount, e.reason, e.order_key) for e in entries]
    )
    some = (rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE))
    return _hash(_ledger_lines(each) for each in some)


def _ledger_lines(rows: Sequence[_Row]) -> bytes:
    return _ENCODER.encode_lines(
        [
            {
                "event_at_ns": event_at_ns,
                "account": account,
                "currency": currency,
                "amount": plain(amount),
                "reason": reason,
                "order_key": order_key,
            }
            for event_at_ns, account, currency, amount, reason, order_key in rows
        ]
    )


def _hash(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


_ENCODER = msgspec.json.Encoder()
"""Writes canonical JSON lines: keys in the order of the definition, no spaces, UTF-8."""
_ROWS_AT_ONCE = 1_024
