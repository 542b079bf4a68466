"""Orders that wait for a trigger at Binance's USD-M contracts: its algo service.

It is a book of its own beside the matching engine (Binance's documentation of USD-M futures: New
Algo Order, Query Algo Order, Query All Algo Orders; of the private stream, Algo Order Update).

1. An order is placed, asked for and cancelled there by `clientAlgoId`, which is our id.
2. When it is triggered, an ordinary order works in its place, under a number and an id of the
   venue's. `actualOrderId`, in the stream `ai`, names its number. Executions, quantity and ending
   are those of the ordinary order, and are told under our id.
3. So an ordinary order whose id is not ours may be ours all the same. Before it is called somebody
   else's, the service is asked which of our orders has become it. What was triggered just now may
   be in the matching engine before the service says so: for some seconds nothing is proven.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tidegate_chassis.venues.exchanges import BINANCE
from tidegate_contracts.execution import CancelOrder, OrderState, OrderType, QueryOrder
from tidegate_execution.adapters.ccxt.completeness import WAITING, require
from tidegate_execution.adapters.ccxt.orders import (
    NS_PER_MS,
    Document,
    at_ns,
    text,
    venue_order,
)
from tidegate_execution.adapters.ccxt.outcomes import NotFound, Refused, Unproven
from tidegate_kernel.identifiers import is_client_order_id
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueOrder
    from tidegate_execution.adapters.ccxt.client import Client

NAMED_AFTER_NS: Final = 5 * NS_PER_SECOND
"""After so long the service has said what was triggered."""
REMEMBERED_MAX: Final = 10_000
AHEAD_MS: Final = 60_000
"""By how much the service's clock is ahead of ours at most."""
WEEK_MS: Final = 7 * 86_400_000
WEEKS: Final = 13
"""The service forgets an order after 90 days, and tells of 7 days at a time."""
PAGE_MAX: Final = 1_000
_WAITING: Final = frozenset({"NEW", "TRIGGERING"})
_STATES: Final = {
    **dict.fromkeys(_WAITING, OrderState.WORKING),
    "CANCELED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
}
_TYPES: Final = {
    "STOP_MARKET": OrderType.STOP,
    "STOP": OrderType.STOP_LIMIT,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}
_THERE: Final = {"trigger": True}
"""Sends ccxt's question to the service."""


class NotNamed(Unproven):
    """An ordinary order may be one of ours that was triggered just now."""


@dataclass
class AlgoService:
    """What waits in one account."""

    client: Client
    # Ends as one of `outcomes` when it does not end with an answer.
    bounded: Callable[[Awaitable[Any]], Awaitable[Any]]
    # Spends what a further request costs.
    spend: Callable[[type], Awaitable[None]]
    named_after_ns: int = NAMED_AFTER_NS
    # Of ordinary orders, by number: our id under which each waited; empty when it is nobody's here.
    _owners: dict[str, str] = field(default_factory=dict)

    async def find(self, client_order_id: str, symbol: str) -> Document | None:
        """Return what the service knows of an order; None when it knows no such order."""
        by_id = {"clientOrderId": client_order_id, **_THERE}
        try:
            found: Document = await self.bounded(self.client.fetch_order(None, symbol, by_id))
        except NotFound:
            return None
        except Refused as refused:
            raise Unproven(f"the query was refused: {refused}") from None
        require(BINANCE, found, WAITING)
        if found.get("clientOrderId") != client_order_id:
            raise Unproven("the answer is about another order")
        return found

    async def cancel(self, client_order_id: str, symbol: str) -> bool:
        """Cancel what waits, or what it has become; False when neither is open."""
        await self.spend(CancelOrder)
        by_id = {"clientOrderId": client_order_id, **_THERE}
        try:
            await self.bounded(self.client.cancel_order(None, symbol, by_id))
        except Refused:
            return await self._cancel_what_became(client_order_id, symbol)
        return True

    async def _cancel_what_became(self, client_order_id: str, symbol: str) -> bool:
        await self.spend(CancelOrder)
        found = await self.find(client_order_id, symbol)
        number = "" if found is None else became(found)
        if not number:
            if found is not None and _status(found) in _WAITING:
                raise Unproven("it is being triggered")
            return False
        await self.spend(CancelOrder)
        try:
            await self.bounded(self.client.cancel_order(number, symbol))
        except NotFound:
            return False
        except Refused as refused:
            raise Unproven(f"the cancel was refused: {refused}") from None
        return True

    async def waiting(self, kind: Document) -> list[Document]:
        """Return what waits, of whomever; what was triggered is the matching engine's to list."""
        try:
            asked = {**kind, **_THERE}
            listed = await self.bounded(self.client.fetch_open_orders(None, None, None, asked))
        except Refused as refused:
            raise Unproven(f"the question was refused: {refused}") from None
        return [each for each in listed if not (each.get("info") or {}).get("actualOrderId")]

    def hear(self, order: Document) -> None:
        """Note what the private stream says that an order has become."""
        told = order.get("info") or {}
        if told.get("caid") and told.get("ai"):
            self._note(str(told["ai"]), str(told["caid"]))

    async def owner_of(self, order: Document) -> str:
        """Return the id of an ordinary order: ours, if it is what one of ours has become."""
        name, number = text(order, "clientOrderId"), text(order, "id")
        if is_client_order_id(name):
            return name
        if number not in self._owners:
            self._note(number, await self._owner_of(order, number))
        return self._owners[number] or name

    async def _owner_of(self, order: Document, number: str) -> str:
        until_ms, unnamed = self._now_ns() // NS_PER_MS + AHEAD_MS, False
        for _ in range(WEEKS):
            listed = await self._placed(text(order, "symbol"), until_ms)
            for each in listed:
                if became(each) == number:
                    return text(each, "clientOrderId")
                ours = is_client_order_id(text(each, "clientOrderId"))
                same = each.get("side") == order.get("side")
                ended = _status(each) in _STATES.keys() - _WAITING
                unnamed = unnamed or (ours and same and not ended and not became(each))
            until_ms -= WEEK_MS
        touched_ns = at_ns(order, "lastUpdateTimestamp", "timestamp")
        if unnamed and self._now_ns() - touched_ns < self.named_after_ns:
            raise NotNamed(f"{number} may be an order of ours that was triggered just now")
        return ""

    async def _placed(self, symbol: str, until_ms: int) -> list[Document]:
        """Return what was placed in a symbol in a week."""
        await self.spend(QueryOrder)
        since_ms = until_ms - WEEK_MS + 1
        asked = {"until": until_ms, **_THERE}
        try:
            listed: list[Document] = await self.bounded(
                self.client.fetch_orders(symbol, since_ms, PAGE_MAX, asked)
            )
        except Refused as refused:
            raise Unproven(f"the question was refused: {refused}") from None
        if len(listed) >= PAGE_MAX:
            raise Unproven(f"expected fewer than {PAGE_MAX} orders in a week, found a full page")
        for each in listed:
            require(BINANCE, each, WAITING)
        return listed

    def _now_ns(self) -> int:
        """Return the venue's time."""
        offset_ms = int(self.client.options.get("timeDifference") or 0)
        return time.time_ns() - offset_ms * NS_PER_MS

    def _note(self, number: str, client_order_id: str) -> None:
        self._owners[number] = client_order_id
        if len(self._owners) > REMEMBERED_MAX:
            del self._owners[next(iter(self._owners))]


def became(waiting: Document) -> str:
    """Return the number of the ordinary order that an order has become; empty while it waits."""
    require(BINANCE, waiting, WAITING)
    return str(waiting["info"]["actualOrderId"])


def waiting_order(waiting: Document, venue: str) -> VenueOrder:
    """Return what the service proves of an order that has become no ordinary one."""
    require(BINANCE, waiting, WAITING)
    status = _status(waiting)
    if status not in _STATES:
        raise Unproven(f"expected what a {status} order has become, found nothing yet")
    order_type = _TYPES.get(str(waiting["info"]["orderType"]), OrderType.UNSPECIFIED)
    return venue_order(waiting, venue, (), (order_type, _STATES[status]))


def _status(waiting: Document) -> str:
    return str(waiting["info"]["algoStatus"])
