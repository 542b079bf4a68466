"""The account's activities: fills, and what the venue has booked by itself, paged by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from tests.venues.alpaca.shapes import Document, fill_document, number, time_ns, time_text
from tests.venues.exchange.exchange import OFF_GRID
from tests.venues.exchange.orders import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.exchange.bookings import Booking, Bookings

PAGE = 100
PAGE_MAX = 100
NS_PER_SECOND = 10**9
CATEGORIES = ("trade_activity", "non_trade_activity")


@dataclass
class Activities:
    """What one account's activities are."""

    bookings: Bookings

    async def answer(self, request: Request) -> Response:
        """List activities of the kinds or the category that are asked for."""
        asked = request.query_params
        kinds = request.path_params.get("kind") or asked.get("activity_types")
        category = asked.get("category")
        if kinds and category:
            raise Refused(OFF_GRID, "category cannot be used with activity_types")
        if int(asked.get("page_size", PAGE)) > PAGE_MAX:
            raise Refused(OFF_GRID, f"page_size must be at most {PAGE_MAX}")
        found = self._found(kinds.split(",") if kinds else None, category)
        if "after" in asked:
            after_ns = time_ns(asked["after"])
            found = [each for each in found if each[0] >= after_ns]
        if asked.get("direction", "desc") == "desc":
            found.reverse()
        documents = [document for _, document in found]
        token = asked.get("page_token")
        if token:
            ids = [each["id"] for each in documents]
            documents = documents[ids.index(token) + 1 :] if token in ids else []
        return JSONResponse(documents[: int(asked.get("page_size", PAGE))])

    def _found(self, kinds: list[str] | None, category: str | None) -> list[tuple[int, Document]]:
        exchange = self.bookings.exchange
        with exchange.lock:
            fills = [
                (execution.at_ns, fill_document(order, execution))
                for order, execution in exchange.executions
            ]
        others = [(row.at_ns, booking_document(row)) for row in self.bookings.listed()]
        if category is not None:
            return fills if category == CATEGORIES[0] else others
        if kinds is None:
            return sorted([*fills, *others], key=lambda each: each[0])
        return [each for each in [*fills, *others] if each[1]["activity_type"] in kinds]


def booking_document(row: Booking) -> Document:
    """Return an activity that is no trade: dated by its day, with when it was created beside it."""
    day = f"{datetime.fromtimestamp(row.at_ns // NS_PER_SECOND, UTC):%Y%m%d}"
    document: Document = {
        "id": f"{day}000000000::{row.booking_id}",
        "activity_type": row.kind,
        "date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "created_at": time_text(row.at_ns // 1000 * 1000),
        "net_amount": number(row.amount),
        "currency": row.asset,
        "status": "executed",
    }
    if row.text:
        document["description"] = row.text
    if row.symbol:
        document["symbol"] = row.symbol
        document["qty"] = number(row.quantity)
    if row.per_unit is not None:
        document["per_share_amount"] = number(row.per_unit)
        document["activity_sub_type"] = "CDIV"
    if row.price is not None:
        document["price"] = number(row.price)
    if row.group:
        document["group_id"] = row.group
    return document
