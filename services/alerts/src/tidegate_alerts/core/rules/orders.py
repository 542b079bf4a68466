"""Orders: a venue rejected one, or nobody can prove what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.execution import OrderState, Side
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.execution import OrderEvent

REJECTED = "order-rejected"
UNKNOWN = "order-unknown"


class OrdersSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether rejected and unknown orders are told."""

    enabled: bool = True


def see_order(event: OrderEvent) -> Sequence[Finding]:
    """Return what a change of an order gives rise to."""
    findings: list[Finding] = []
    if event.state is OrderState.UNKNOWN:
        findings.append(_unknown(event, over=False))
    elif event.previous_state is OrderState.UNKNOWN:
        findings.append(_unknown(event, over=True))
    if event.state is OrderState.REJECTED:
        findings.append(_rejected(event))
    return findings


def _unknown(event: OrderEvent, *, over: bool) -> Finding:
    title = f"Order {event.state.name.lower()}: {_order(event)}"
    if over:
        text = f"Its fate is proven: {event.state.name.lower()}."
    else:
        text = (
            f"Nothing proves whether the venue has it: {event.reason or event.reason_code}. It "
            f"counts as open until reconciliation has found out; client id "
            f"{event.specification.client_order_id}."
        )
    return Finding(
        rule=UNKNOWN,
        subject=event.specification.client_order_id,
        severity=Severity.CRITICAL,
        title=title,
        text=text,
        event_at_ns=event.event_at_ns,
        over=over,
    )


def _rejected(event: OrderEvent) -> Finding:
    symbol = event.specification.symbol
    return Finding(
        rule=REJECTED,
        subject=f"{event.strategy}/{symbol}/{event.reason_code}",
        severity=Severity.WARNING,
        title=f"Order rejected: {_order(event)}",
        text=f"{event.reason_code}: {event.reason}",
        event_at_ns=event.event_at_ns,
    )


def _order(event: OrderEvent) -> str:
    order = event.specification
    side = "buy" if order.side is Side.BUY else "sell"
    owner = event.strategy or "the gate"
    what = f"{order.symbol} in {len(order.legs)} legs" if order.legs else order.symbol
    return f"{side} {plain(order.quantity)} {what} on {order.venue} for {owner}"
