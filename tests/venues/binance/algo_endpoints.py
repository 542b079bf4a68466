"""REST of the algo service: `/fapi/v1/algoOrder` and what lists its orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.venues.binance import shapes
from tests.venues.binance.algo_service import WAITING_KINDS, AlgoStatus
from tests.venues.binance.signing import Fields, Signing, Unsigned
from tests.venues.binance.tickets import UNKNOWN_SYMBOL, UNKNOWN_TYPE, answer_of, ticket_of
from tests.venues.exchange.orders import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.binance.algo_service import AlgoOrder, AlgoService

Answer = dict[str, object] | list[object]


@dataclass
class AlgoEndpoints:
    """What clients say to the service."""

    service: AlgoService
    signing: Signing

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        return [
            Route("/fapi/v1/algoOrder", self.order, methods=["POST", "GET", "DELETE"]),
            Route("/fapi/v1/openAlgoOrders", self.opened, methods=["GET"]),
            Route("/fapi/v1/allAlgoOrders", self.listed, methods=["GET"]),
            Route("/fapi/v1/algoOpenOrders", self.cancel_all, methods=["DELETE"]),
        ]

    async def order(self, request: Request) -> Response:
        """Place, show or cancel one."""
        actions = {"POST": self._place, "GET": self._show, "DELETE": self._cancel}
        return await self._answered(request, actions[request.method])

    async def opened(self, request: Request) -> Response:
        """Return what waits, of one symbol or of all."""
        return await self._answered(request, self._opened)

    async def listed(self, request: Request) -> Response:
        """Return the orders of one symbol that were placed in a time."""
        return await self._answered(request, self._listed)

    async def cancel_all(self, request: Request) -> Response:
        """Cancel all that wait in one symbol."""
        return await self._answered(request, self._cancel_all)

    async def _answered(self, request: Request, action: object) -> Response:
        assert callable(action), "one of ours"
        try:
            fields = await self.signing.fields(request)
        except Unsigned as unsigned:
            return unsigned.response
        try:
            with self.service.exchange.lock:
                return JSONResponse(action(fields))
        except Refused as refused:
            status, body = answer_of(refused, contracts=True)
            return JSONResponse(body, status)

    def _place(self, fields: Fields) -> Answer:
        if fields.get("symbol") not in self.service.exchange.markets:
            raise Refused(UNKNOWN_SYMBOL, "Invalid symbol.")
        ticket = ticket_of(fields)
        if ticket.kind not in WAITING_KINDS or fields.get("algoType") != "CONDITIONAL":
            raise Refused(UNKNOWN_TYPE, "Invalid orderType.")
        return shapes.algo_order(self.service.place(ticket))

    def _show(self, fields: Fields) -> Answer:
        return shapes.algo_order(self._named(fields))

    def _cancel(self, fields: Fields) -> Answer:
        found = self._named(fields)
        self.service.cancel(found)
        return {
            "algoId": found.number,
            "clientAlgoId": found.ticket.client_order_id,
            "code": "200",
            "msg": "success",
        }

    def _named(self, fields: Fields) -> AlgoOrder:
        return self.service.find(fields.get("clientAlgoId", ""), fields.get("algoId", ""))

    def _opened(self, fields: Fields) -> Answer:
        symbol = fields.get("symbol")
        return [
            shapes.algo_order(each)
            for each in self.service.waiting()
            if symbol in (None, each.ticket.symbol)
        ]

    def _listed(self, fields: Fields) -> Answer:
        start_ms, end_ms = int(fields.get("startTime", 0)), int(fields.get("endTime", 2**62))
        found = [
            shapes.algo_order(each)
            for each in self.service.orders
            if each.ticket.symbol == fields["symbol"]
            and start_ms <= shapes.milliseconds(each.waits.created_at_ns) <= end_ms
        ]
        return list(found[: int(fields.get("limit", 500))])

    def _cancel_all(self, fields: Fields) -> Answer:
        for each in self.service.waiting():
            if each.ticket.symbol == fields["symbol"] and each.status is AlgoStatus.NEW:
                self.service.cancel(each)
        return {"code": 200, "msg": "The operation of cancel all open order is done."}
