"""What people and other processes may do to the venue over HTTP, under `/venue/`.

* `GET /venue/faults`, `POST /venue/faults`: read and change the faults; `DELETE` clears them.
* `POST /venue/quote` `{"venue","symbol","bids","asks"}`.
* `POST /venue/trade` `{"venue","symbol","price"}`.
* `POST /venue/close` `{"venue","symbol"}`: close a position as a broker does by itself.
* `POST /venue/bar` `{"venue","symbol","start_ns","prices","volume"}`.
* `POST /venue/drop`: cut every stream. `GET /venue/book`: orders and holdings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.venues.exchange.tape import PublishedBar

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.server import TestVenue


@dataclass
class Administration:
    """The endpoints of one venue."""

    venue: TestVenue

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        return [
            Route("/venue/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/venue/quote", self.quote, methods=["POST"]),
            Route("/venue/trade", self.trade, methods=["POST"]),
            Route("/venue/close", self.close, methods=["POST"]),
            Route("/venue/bar", self.bar, methods=["POST"]),
            Route("/venue/drop", self.drop, methods=["POST"]),
            Route("/venue/book", self.book, methods=["GET"]),
        ]

    async def faults(self, request: Request) -> Response:
        """Read, change or clear the faults."""
        plan = self.venue.plan
        if request.method == "DELETE":
            plan.clear()
        if request.method == "POST":
            try:
                plan.set(**msgspec.json.decode(await request.body()))
            except (TypeError, ValueError) as error:
                return JSONResponse({"message": str(error)}, 422)
        return JSONResponse(plan.document())

    async def quote(self, request: Request) -> Response:
        """Replace a symbol's liquidity."""
        asked = msgspec.json.decode(await request.body())
        self._exchange(asked).quote(asked["symbol"], asked["bids"], asked["asks"])
        return Response(status_code=204)

    async def trade(self, request: Request) -> Response:
        """Let a trade of others happen."""
        asked = msgspec.json.decode(await request.body())
        self._exchange(asked).trade(asked["symbol"], asked["price"])
        return Response(status_code=204)

    async def close(self, request: Request) -> Response:
        """Close a position by an order that no client sent."""
        asked = msgspec.json.decode(await request.body())
        self._exchange(asked).close_by_itself(asked["symbol"])
        return Response(status_code=204)

    async def bar(self, request: Request) -> Response:
        """Publish a bar."""
        asked = msgspec.json.decode(await request.body())
        bar = PublishedBar.of(
            asked["symbol"], asked["start_ns"], tuple(asked["prices"]), asked.get("volume", "1")
        )
        self.venue.publish(asked.get("venue", "alpaca"), bar)
        return Response(status_code=204)

    async def drop(self, request: Request) -> Response:
        """Cut every stream."""
        del request
        self.venue.drop_streams()
        return Response(status_code=204)

    async def book(self, request: Request) -> Response:
        """Return orders and holdings of one venue."""
        exchange = self.venue.exchanges[request.query_params.get("venue", "alpaca")]
        with exchange.lock:
            orders = [
                {
                    "client_order_id": order.ticket.client_order_id,
                    "class": order.order_class,
                    "symbol": order.ticket.symbol,
                    "side": order.ticket.side.value,
                    "quantity": str(order.ticket.quantity),
                    "filled": str(order.filled),
                    "status": order.status.value,
                }
                for order in exchange.orders.values()
            ]
            held = {
                symbol: str(each.quantity) for symbol, each in exchange.account.positions.items()
            }
            balances = {asset: str(each) for asset, each in exchange.account.balances.items()}
        return JSONResponse({"orders": orders, "positions": held, "balances": balances})

    def _exchange(self, asked: dict[str, str]) -> Exchange:
        return self.venue.exchanges[asked.get("venue", "alpaca")]
