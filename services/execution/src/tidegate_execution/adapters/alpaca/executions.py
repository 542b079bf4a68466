"""The fills of an order.

Alpaca gives an execution an id in the private stream and another in the account's activities. What
both carry is the order and its cumulative quantity after the execution: no two executions of an
order share it, so that is the id under which a fill is booked once, wherever it was heard of.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Liquidity, VenueExecution
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    documents_of,
    text_of,
    time_ns_of,
)
from tidegate_kernel.money import ZERO, plain
from tidegate_kernel.time import NS_PER_SECOND, format_time

if TYPE_CHECKING:
    from tidegate_execution.adapters.alpaca.client import AlpacaClient

PATH = "/account/activities/FILL"
PAGE = 100
PAGES_MAX = 50
CURRENCY = "USD"


def execution_id(order_id: str, cumulative: Decimal) -> str:
    """Return the id of an execution: its order, and how much of it is executed with it."""
    return f"{order_id}:{plain(cumulative)}"


def execution_of(
    document: Document, order_id: str, cumulative: Decimal, at_ns: int
) -> VenueExecution:
    """Return an execution. Alpaca charges fees at the end of the day, as activities."""
    return VenueExecution(
        execution_id=execution_id(order_id, cumulative),
        quantity=decimal_of(document, "qty"),
        price=decimal_of(document, "price"),
        fee=ZERO,
        fee_currency=CURRENCY,
        liquidity=Liquidity.UNSPECIFIED,
        event_at_ns=at_ns,
    )


def executions_of(client: AlpacaClient, order: Document) -> tuple[VenueExecution, ...]:
    """Return the executions of an order, oldest first, as far as the activities hold them.

    The newest activities are read first, until the order's filled quantity is explained or its
    beginning is reached. What is still missing is missing in the answer: it is asked for again.
    """
    order_id, missing = text_of(order, "id"), decimal_of(order, "filled_qty")
    found: list[VenueExecution] = []
    token = ""
    for _ in range(PAGES_MAX):
        if missing <= 0:
            break
        page = documents_of(client.get(PATH, _query(order, token)), "activities")
        for document in page:
            if document.get("order_id") == order_id:
                at_ns = time_ns_of(document, "transaction_time")
                cumulative = decimal_of(document, "cum_qty")
                found.append(execution_of(document, order_id, cumulative, at_ns))
                missing -= found[-1].quantity
        if len(page) < PAGE:
            break
        token = text_of(page[-1], "id")
    return tuple(reversed(found))


def _query(order: Document, token: str) -> dict[str, object]:
    whole_seconds = time_ns_of(order, "created_at") // NS_PER_SECOND * NS_PER_SECOND
    query: dict[str, object] = {
        "direction": "desc",
        "page_size": PAGE,
        "after": format_time(whole_seconds - NS_PER_SECOND),
    }
    return query | {"page_token": token} if token else query
