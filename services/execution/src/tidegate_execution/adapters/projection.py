"""Rows for queries: what each published message leaves behind in the service's database.

=========  =====================  ====================================================
kind       key                    holds
=========  =====================  ====================================================
`order`    the client order id    the order as its last event left it
`fill`     the execution id       every fill, for good
`entry`    the entry's id         every account entry, for good
`latch`    the latch's id         every raise that this service took without risk
=========  =====================  ====================================================

Amounts are plain decimal strings, enumerations their names, times nanoseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import AuditEntry, Row
from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent
from tidegate_contracts.risk import GateLatch
from tidegate_execution.core.reasons import Code
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_kernel.machine import Body

ORDER = "order"
FILL = "fill"
ENTRY = "entry"
LATCH = "latch"

Document = dict[str, object]
_BY_HAND = (Code.CANCELLED_BY_HAND, Code.REPLACED_BY_HAND)


def project(body: Body) -> tuple[Row | AuditEntry, ...]:
    """Return the rows of a published message; what people did goes into the audit."""
    if isinstance(body, OrderEvent):
        row = Row(ORDER, body.specification.client_order_id, _order(body))
        return (row, _audit(body)) if body.reason_code in _BY_HAND else (row,)
    if isinstance(body, Fill):
        return (Row(FILL, body.execution_id, _fill(body)),)
    if isinstance(body, AccountEntry):
        row = Row(ENTRY, body.entry_id, _entry(body))
        return (row, _audit_entry(body)) if body.principal else (row,)
    if isinstance(body, GateLatch):
        return (Row(LATCH, body.latch_id, _latch(body)),)
    return ()


def _audit(event: OrderEvent) -> AuditEntry:
    who, _, why = event.reason.removeprefix("by ").partition(": ")
    wanted = event.specification
    return AuditEntry(
        session=event.session,
        at_ns=event.event_at_ns,
        who=who,
        what=str(event.reason_code),
        about=wanted.client_order_id,
        why=why,
        numbers={
            "symbol": wanted.symbol,
            "quantity": plain(wanted.quantity),
            "filled_quantity": plain(event.filled_quantity),
        },
    )


def _audit_entry(entry: AccountEntry) -> AuditEntry:
    return AuditEntry(
        session=entry.session,
        at_ns=entry.event_at_ns,
        who=f"{entry.principal}, approved by {entry.approver}",
        what=entry.kind.name,
        about=entry.entry_id,
        why=entry.reason,
        numbers={
            "symbol": entry.symbol,
            "quantity": plain(entry.quantity),
            "cash": plain(entry.cash),
        },
    )


def _entry(entry: AccountEntry) -> Document:
    return {
        "entry_id": entry.entry_id,
        "session": entry.session,
        "account": entry.account,
        "strategy": entry.strategy,
        "kind": entry.kind.name,
        "venue": entry.venue,
        "symbol": entry.symbol,
        "quantity": plain(entry.quantity),
        "price": _or_none(entry.price),
        "currency": entry.currency,
        "cash": plain(entry.cash),
        "event_at_ns": entry.event_at_ns,
        "event_at": format_time(entry.event_at_ns),
        "principal": entry.principal,
        "approver": entry.approver,
        "reason": entry.reason,
    }


def _order(event: OrderEvent) -> Document:
    wanted = event.specification
    return {
        "client_order_id": wanted.client_order_id,
        "session": event.session,
        "account": event.account,
        "strategy": event.strategy,
        "signal_key": event.signal_key,
        "leg": event.leg,
        "venue": wanted.venue,
        "symbol": wanted.symbol,
        "side": wanted.side.name,
        "order_type": wanted.order_type.name,
        "quantity": plain(wanted.quantity),
        "limit_price": _or_none(wanted.limit_price),
        "trigger_price": _or_none(wanted.trigger_price),
        "trail_amount": _or_none(wanted.trail_amount),
        "trail_percent": _or_none(wanted.trail_percent),
        "expires_at_ns": wanted.expires_at_ns,
        "post_only": wanted.post_only,
        "extended_hours": wanted.extended_hours,
        "oco_group": wanted.oco_group,
        "algorithm": wanted.algorithm.kind.name if wanted.algorithm else None,
        "legs": [
            {
                "symbol": leg.symbol,
                "side": leg.side.name,
                "ratio": leg.ratio,
                "filled_quantity": plain(filled.filled_quantity),
            }
            for leg, filled in zip(wanted.legs, event.legs_filled, strict=True)
        ]
        or None,
        "time_in_force": wanted.time_in_force.name,
        "reduce_only": wanted.reduce_only,
        "state": event.state.name,
        "filled_quantity": plain(event.filled_quantity),
        "venue_order_id": event.venue_order_id,
        "decided_at_ns": event.decided_at_ns,
        "event_at_ns": event.event_at_ns,
        "decided_at": format_time(event.decided_at_ns),
        "event_at": format_time(event.event_at_ns),
        "reason_code": str(event.reason_code),
        "reason": event.reason,
        "arrival_price": None if event.arrival_price is None else plain(event.arrival_price),
        "market_price": None if event.market_price is None else plain(event.market_price),
        "sends": event.sends,
    }


def _or_none(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _fill(fill: Fill) -> Document:
    return {
        "execution_id": fill.execution_id,
        "client_order_id": fill.client_order_id,
        "session": fill.session,
        "account": fill.account,
        "strategy": fill.strategy,
        "signal_key": fill.signal_key,
        "leg": fill.leg,
        "venue": fill.venue,
        "symbol": fill.symbol,
        "side": fill.side.name,
        "quantity": plain(fill.quantity),
        "price": plain(fill.price),
        "fee": plain(fill.fee),
        "fee_currency": fill.fee_currency,
        "liquidity": fill.liquidity.name,
        "event_at_ns": fill.event_at_ns,
        "event_at": format_time(fill.event_at_ns),
    }


def _latch(latch: GateLatch) -> Document:
    return {
        "latch_id": latch.latch_id,
        "shard": latch.shard,
        "session": latch.session,
        "scope": latch.scope,
        "level": latch.level.name,
        "principal": latch.principal,
        "reason": latch.reason,
        "at_ns": latch.at_ns,
        "at": format_time(latch.at_ns),
    }
