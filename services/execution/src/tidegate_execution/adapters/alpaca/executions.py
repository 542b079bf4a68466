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
from tidegate_execution.adapters.alpaca.choices import is_whole, parts_of
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    documents_of,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.structures import is_leg, is_structure, legs_of
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
    """Reads executions of one order, or of one leg, from wherever they are told."""

    order: Document
    fees: Fees

    def execution(self, document: Document, cumulative: Decimal, at_ns: int) -> VenueExecution:
        """Return an execution; ``cumulative`` is how much of the order is executed with it."""
        symbol = text_of(self.order, "symbol")
        quantity = decimal_of(document, "qty") * units_of(symbol)
        price = decimal_of(document, "price")
        fee, currency, liquidity = self.fees.of(self.order, quantity, price, at_ns)
        return VenueExecution(
            execution_id=execution_id(text_of(self.order, "id"), cumulative),
            symbol=symbol if is_leg(self.order) else "",
            quantity=quantity,
            price=price,
            fee=fee,
            fee_currency=currency,
            liquidity=liquidity,
            event_at_ns=at_ns,
        )


def executions_of(client: AlpacaClient, order: Document, fees: Fees) -> tuple[VenueExecution, ...]:
    """Return the executions of an order, oldest first, as far as the activities hold them.

    Of an order of several legs, those of each leg; of a stop and a target, those of both. The
    newest activities are read first, until the filled quantity of each is explained or the order's
    beginning is reached. What is still missing is missing in the answer: it is asked for again.
    """
    parts = _executed(order)
    readings = {text_of(each, "id"): Readings(each, fees) for each in parts}
    missing = {text_of(each, "id"): _counted(each) for each in parts}
    found: list[VenueExecution] = []
    token = ""
    for _ in range(PAGES_MAX):
        if all(quantity <= 0 for quantity in missing.values()):
            break
        page = documents_of(client.get(PATH, _query(order, token)), "activities")
        for document in page:
            order_id = text_of(document, "order_id")
            if order_id in readings:
                found.append(_execution_of(readings[order_id], document))
                missing[order_id] -= found[-1].quantity
        if len(page) < PAGE:
            break
        token = text_of(page[-1], "id")
    return tuple(reversed(found))


def _executed(order: Document) -> list[Document]:
    """Return what of an order is executed under an id of its own."""
    if is_structure(order):
        return [each.document for each in legs_of(order)]
    return list(parts_of(order)) if is_whole(order) else [order]


def _counted(part: Document) -> Decimal:
    """Return how much of it is executed, in units: of it alone, whatever hangs on it."""
    return decimal_of(part, "filled_qty") * units_of(text_of(part, "symbol"))


def _execution_of(reading: Readings, activity: Document) -> VenueExecution:
    units = units_of(text_of(reading.order, "symbol"))
    cumulative = decimal_of(activity, "cum_qty") * units
    return reading.execution(activity, cumulative, time_ns_of(activity, "transaction_time"))


def _query(order: Document, token: str) -> dict[str, object]:
    whole_seconds = time_ns_of(order, "created_at") // NS_PER_SECOND * NS_PER_SECOND
    query: dict[str, object] = {
        "direction": "desc",
        "page_size": PAGE,
        "after": format_time(whole_seconds - NS_PER_SECOND),
    }
    return query | {"page_token": token} if token else query
