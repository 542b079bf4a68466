"""A message of the private stream as a report, or nothing if it reports nothing that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import VenueReport, VenueReportKind
from tidegate_execution.adapters.alpaca.executions import Readings
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    document_of,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.orders import filled_of

if TYPE_CHECKING:
    from tidegate_execution.adapters.alpaca.fees import Fees

KINDS = {
    "fill": VenueReportKind.FILLED,
    "partial_fill": VenueReportKind.FILLED,
    "canceled": VenueReportKind.CANCELLED,
    "replaced": VenueReportKind.CANCELLED,
    "expired": VenueReportKind.EXPIRED,
    "rejected": VenueReportKind.REJECTED,
}
# They change what was said before: only the account itself can tell how it stands now.
AMENDING = frozenset({"trade_bust", "trade_correct", "restated"})


def report_of(data: Document, session: str, venue: str, fees: Fees) -> VenueReport | None:
    """Return the report of an update; `Unreadable` if a field that counts is missing."""
    event = text_of(data, "event")
    kind = KINDS.get(event)
    if kind is None:
        return None
    order = document_of(data.get("order"), "order")
    order_id, at_ns = text_of(order, "id"), time_ns_of(data, "timestamp")
    filled = filled_of(order)
    is_fill = kind is VenueReportKind.FILLED
    return VenueReport(
        session=session,
        client_order_id=text_of(order, "client_order_id"),
        venue_order_id=order_id,
        venue=venue,
        symbol=text_of(order, "symbol"),
        kind=kind,
        execution=Readings(order, fees).execution(data, filled, at_ns) if is_fill else None,
        filled_quantity=filled,
        event_at_ns=at_ns,
        reason="" if is_fill else event,
    )


def event_key(data: Document) -> str:
    """Return what tells an update from every other: a repeated one has the same."""
    event_id = data.get("event_id")
    if isinstance(event_id, str) and event_id:
        return event_id
    order = document_of(data.get("order"), "order")
    at = data.get("timestamp")
    return f"{order.get('id')}:{data.get('event')}:{order.get('filled_qty')}:{at}"
