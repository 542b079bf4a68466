"""A message of the private stream as a report, or nothing if it reports nothing that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import LegFilled, VenueReport, VenueReportKind
from tidegate_execution.adapters.alpaca.attached import is_exit
from tidegate_execution.adapters.alpaca.choices import Choices, is_part
from tidegate_execution.adapters.alpaca.executions import Readings
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    document_of,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.orders import filled_of, symbol_of
from tidegate_execution.adapters.alpaca.structures import (
    Families,
    is_leg,
    is_structure,
    legs_filled,
    legs_of,
)
from tidegate_kernel.contracts import option_of
from tidegate_kernel.money import ZERO

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
    """Return the report of an update; `Unreadable` if a field that counts is missing.

    Of an order of several legs the venue speaks as a whole: what each leg has filled, not the
    executions. They are asked for, because the report says more than is booked.
    """
    event = text_of(data, "event")
    kind = KINDS.get(event)
    if kind is None:
        return None
    order = document_of(data.get("order"), "order")
    order_id, at_ns = text_of(order, "id"), time_ns_of(data, "timestamp")
    filled, several = filled_of(order), is_structure(order)
    is_fill = kind is VenueReportKind.FILLED
    executed = is_fill and not several
    return VenueReport(
        session=session,
        client_order_id=text_of(order, "client_order_id"),
        venue_order_id=order_id,
        venue=venue,
        symbol=symbol_of(order),
        kind=kind,
        execution=Readings(order, fees).execution(data, filled, at_ns) if executed else None,
        filled_quantity=filled,
        legs_filled=legs_filled(legs_of(order)) if several else (),
        event_at_ns=at_ns,
        reason="" if is_fill else event,
    )


def report_of_leg(
    data: Document, family: Families, session: str, venue: str, fees: Fees
) -> VenueReport | None:
    """Return the report of a leg's execution, under the ids of the order that it is part of.

    Nothing of a leg that only ended: that is its order's to say. `Unreadable` if nobody knows whose
    leg it is, so that the account is asked for.
    """
    leg = document_of(data.get("order"), "order")
    if KINDS.get(text_of(data, "event")) is not VenueReportKind.FILLED:
        return None
    parent, symbol = family.parent_of(leg), text_of(leg, "symbol")
    option = option_of(symbol)
    if parent is None or option is None:
        raise Unreadable(f"expected the leg of a known order, found {text_of(leg, 'id')}")
    filled, at_ns = filled_of(leg), time_ns_of(data, "timestamp")
    return VenueReport(
        session=session,
        client_order_id=parent[0],
        venue_order_id=parent[1],
        venue=venue,
        symbol=option.underlying,
        kind=VenueReportKind.FILLED,
        execution=Readings(leg, fees).execution(data, filled, at_ns),
        filled_quantity=ZERO,
        legs_filled=(LegFilled(symbol=symbol, filled_quantity=filled),),
        event_at_ns=at_ns,
    )


def report_of_part(
    data: Document, known: Choices, session: str, venue: str, fees: Fees
) -> VenueReport | None:
    """Return the report of a stop or a target, under the ids of the order that both are.

    Nothing of one that has only ended while the other has not. `Unreadable` if nobody knows whose
    part it is, or the venue has put another in its place, so that the account is asked for.
    """
    part, event = document_of(data.get("order"), "order"), text_of(data, "event")
    kind = KINDS.get(event)
    if kind is None:
        return None
    heard, order_id = known.hear(part), text_of(part, "id")
    if heard is None or event == "replaced":
        raise Unreadable(f"expected a part of a known order, found {order_id} {event}")
    is_fill, at_ns = kind is VenueReportKind.FILLED, time_ns_of(data, "timestamp")
    if not (is_fill or heard.ended):
        return None
    cumulative = decimal_of(part, "filled_qty")
    return VenueReport(
        session=session,
        client_order_id=heard.client_order_id,
        venue_order_id=heard.order_id,
        venue=venue,
        symbol=text_of(part, "symbol"),
        kind=kind,
        execution=Readings(part, fees).execution(data, cumulative, at_ns) if is_fill else None,
        filled_quantity=heard.filled,
        event_at_ns=at_ns,
        reason="" if is_fill else event,
    )


def is_about_a_part(data: Document) -> bool:
    """Tell whether an update speaks of a stop or a target that is no order of its own here."""
    order = document_of(data.get("order"), "order")
    return is_part(order) or is_exit(order)


def is_about_a_leg(data: Document) -> bool:
    """Tell whether an update speaks of a leg alone."""
    return is_leg(document_of(data.get("order"), "order"))


def event_key(data: Document) -> str:
    """Return what tells an update from every other: a repeated one has the same."""
    event_id = data.get("event_id")
    if isinstance(event_id, str) and event_id:
        return event_id
    order = document_of(data.get("order"), "order")
    at = data.get("timestamp")
    return f"{order.get('id')}:{data.get('event')}:{order.get('filled_qty')}:{at}"
