"""The fills of an order.

Alpaca gives an execution an id in the private stream and another in the account's activities. What
both carry is the order and its cumulative quantity after the execution: no two executions of an
order share it, so that is the id under which a fill is booked once, wherever it was heard of.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import VenueExecution
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    documents_of,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.orders import filled_of, symbol_of
from tidegate_kernel.contracts import units_of
from tidegate_kernel.money import plain
from tidegate_kernel.time import NS_PER_SECOND, format_time

if TYPE_CHECKING:
    from tidegate_execution.adapters.alpaca.client import AlpacaClient
    from tidegate_execution.adapters.alpaca.fees import Fees

PATH = "/account/activities/FILL"
PAGE = 100
PAGES_MAX = 50


def execution_id(order_id: str, cumulative: Decimal) -> str:
    """Return the id of an execution: its order, and how much of it is executed with it."""
    return f"{order_id}:{plain(cumulative)}"


@dataclass(frozen=True)
class Readings:
    """Reads executions of one order, from wherever they are told."""

    order: Document
    fees: Fees

    def execution(self, document: Document, cumulative: Decimal, at_ns: int) -> VenueExecution:
        """Return an execution; ``cumulative`` is how much of the order is executed with it."""
        quantity = decimal_of(document, "qty") * units_of(symbol_of(self.order))
        price = decimal_of(document, "price")
        fee, currency, liquidity = self.fees.of(self.order, quantity, price, at_ns)
        return VenueExecution(
            execution_id=execution_id(text_of(self.order, "id"), cumulative),
            quantity=quantity,
            price=price,
            fee=fee,
            fee_currency=currency,
            liquidity=liquidity,
            event_at_ns=at_ns,
        )


def executions_of(client: AlpacaClient, order: Document, fees: Fees) -> tuple[VenueExecution, ...]:
    """Return the executions of an order, oldest first, as far as the activities hold them.

    The newest activities are read first, until the order's filled quantity is explained or its
    beginning is reached. What is still missing is missing in the answer: it is asked for again.
    """
    order_id, missing, units = text_of(order, "id"), filled_of(order), units_of(symbol_of(order))
    readings = Readings(order, fees)
    found: list[VenueExecution] = []
    token = ""
    for _ in range(PAGES_MAX):
        if missing <= 0:
            break
        page = documents_of(client.get(PATH, _query(order, token)), "activities")
        for document in page:
            if text_of(document, "order_id") == order_id:
                at_ns = time_ns_of(document, "transaction_time")
                cumulative = decimal_of(document, "cum_qty") * units
                found.append(readings.execution(document, cumulative, at_ns))
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
