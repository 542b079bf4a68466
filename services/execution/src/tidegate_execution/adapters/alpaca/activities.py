"""The account's activities that are no trades, page by page, as far back as they are asked for.

Alpaca lists an activity some time after it has moved the account, and dates it by its day. So those
of a week before are read with every question: whoever books them knows them by their ids.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tidegate_execution.adapters.alpaca.bookings import Reading
from tidegate_execution.adapters.alpaca.failures import Unproven
from tidegate_execution.adapters.alpaca.fields import Document, documents_of, text_of
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, format_time

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueEntry
    from tidegate_execution.adapters.alpaca.client import AlpacaClient
    from tidegate_execution.adapters.alpaca.deadlines import Deadlines

PATH = "/account/activities"
CATEGORY = "non_trade_activity"
OVERLAP_NS = 7 * NS_PER_DAY
PAGE = 100
PAGES_MAX = 50


@dataclass(frozen=True)
class Activities:
    """Reads what one account's venue has booked by itself."""

    client: AlpacaClient
    deadlines: Deadlines
    # Spends what a further page costs of the account's budget.
    spend: Callable[[], Awaitable[None]]
    session: str
    venue: str

    async def since(self, since_ns: int) -> tuple[VenueEntry, ...]:
        """Return what was booked since a time, and in the week before it, oldest first."""
        begins_ns = (since_ns - OVERLAP_NS) // NS_PER_SECOND * NS_PER_SECOND
        rows: list[Document] = []
        token = ""
        for number in range(PAGES_MAX):
            if number:
                await self.spend()
            page = await self.deadlines.run(partial(self._page, begins_ns, token))
            rows += page
            if len(page) < PAGE:
                return Reading(self.session, self.venue, begins_ns).entries(rows)
            token = text_of(page[-1], "id")
        raise Unproven(f"expected fewer than {PAGE * PAGES_MAX} activities in a week")

    def _page(self, begins_ns: int, token: str) -> list[Document]:
        query: dict[str, object] = {
            "category": CATEGORY,
            "direction": "asc",
            "page_size": PAGE,
            "after": format_time(begins_ns),
        }
        if token:
            query["page_token"] = token
        return documents_of(self.client.get(PATH, query), "activities")
