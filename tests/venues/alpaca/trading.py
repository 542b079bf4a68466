"""REST under `/v2`: orders, positions, account, activities, assets, contracts, clock, calendar."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.venues.alpaca.multi_leg import multi_leg_of
from tests.venues.alpaca.shapes import (
    account_document,
    asset_document,
    asset_id,
    contract_document,
    order_document,
    position_document,
    time_ns,
    time_text,
)
from tests.venues.alpaca.tickets import answer_of, changes_of, posted_of
from tests.venues.exchange.choices import EITHER
from tests.venues.exchange.exchange import NOT_FOUND
from tests.venues.exchange.orders import (
    MULTI_LEG,
    ZERO,
    Force,
    Order,
    Refused,
    Side,
    Status,
    Ticket,
)

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.alpaca.activities import Activities
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.keys import Keys

Document = dict[str, object]
Endpoint = Callable[["Request"], Awaitable[Response]]
DAY_AND_NIGHT = {
    "open": "00:00",
    "close": "23:59",
    "session_open": "0000",
    "session_close": "2359",
}
REQUESTS_A_MINUTE = 10_000
"""Far more than Alpaca grants: tests ask fast."""


@dataclass
class Trading:
    """The trading API of one account."""

    exchange: Exchange
    keys: Keys
    activities: Activities
    # False: a nested list leaves the exits of an entry out that has ended, as people report.
    lists_exits: bool = True

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/orders", self.post_order),
            ("GET", "/orders", self.get_orders),
            ("DELETE", "/orders", self.delete_orders),
            ("GET", "/orders:by_client_order_id", self.get_by_client_id),
            ("GET", "/orders/{order_id}", self.get_order),
            ("PATCH", "/orders/{order_id}", self.patch_order),
            ("DELETE", "/orders/{order_id}", self.delete_order),
            ("GET", "/positions", self.get_positions),
            ("GET", "/positions/{symbol:path}", self.get_position),
            ("DELETE", "/positions/{symbol:path}", self.delete_position),
            ("GET", "/account", self.get_account),
            ("GET", "/account/activities", self.activities.answer),
            ("GET", "/account/activities/{kind}", self.activities.answer),
            ("GET", "/assets", self.get_assets),
            ("GET", "/assets/{symbol:path}", self.get_asset),
            ("GET", "/options/contracts", self.get_contracts),
            ("GET", "/options/contracts/{symbol}", self.get_contract),
            ("GET", "/clock", self.get_clock),
            ("GET", "/calendar", self.get_calendar),
        ]
        return [
            Route(f"/v2{path}", self._checked(endpoint), methods=[method])
            for method, path, endpoint in table
        ]

    def _checked(self, endpoint: Endpoint) -> Endpoint:
        async def checked(request: Request) -> Response:
            if not self.keys.fit_headers(request.headers):
                return JSONResponse({"code": 40110000, "message": "request is not authorized"}, 401)
            try:
                answer = await endpoint(request)
            except Refused as refused:
                status, body = answer_of(refused)
                answer = JSONResponse(body, status)
            answer.headers["X-RateLimit-Limit"] = str(REQUESTS_A_MINUTE)
            return answer

        return checked

    # --- orders -----------------------------------------------------------------------------

    async def post_order(self, request: Request) -> Response:
        """Take an order; the answer shows it before it is matched, as the venue's own does."""
        document: Document = msgspec.json.decode(await request.body())
        several = document.get("order_class") == MULTI_LEG
        posted = multi_leg_of(document) if several else posted_of(document)
        if several:
            order = self.exchange.submit_legs(posted.ticket, posted.others)
        elif posted.order_class == EITHER:
            order = self.exchange.submit_either(posted.ticket, posted.others[0])
        else:
            order = self.exchange.submit_bracket(posted.ticket, posted.others, posted.order_class)
        return JSONResponse(self._document(_as_taken(order)))

    async def get_orders(self, request: Request) -> Response:
        """List orders: open, closed or all, by symbol, newest first."""
        asked = request.query_params
        wanted = asked.get("status", "open")
        symbols = [each for each in asked.get("symbols", "").split(",") if each]
        with self.exchange.lock:
            found = [order for order in self.exchange.orders.values() if _is_wanted(order, wanted)]
            found = [order for order in found if not symbols or order.ticket.symbol in symbols]
            if "after" in asked:
                found = [each for each in found if each.created_at_ns > time_ns(asked["after"])]
            if asked.get("direction", "desc") == "desc":
                found.reverse()
            found = found[: int(asked.get("limit", "50"))]
            nested = asked.get("nested", "").lower() == "true"
            rolled_up = found if self.lists_exits else self.exchange.orders.values()
            children = {leg.order_id for each in rolled_up for leg in each.legs} if nested else ()
            kept = [order for order in found if order.order_id not in children]
            return JSONResponse([self._document(order, nested=nested) for order in kept])

    async def get_order(self, request: Request) -> Response:
        """Return one order, with its exits if they are asked for."""
        order = self.exchange.find(request.path_params["order_id"])
        nested = request.query_params.get("nested", "").lower() == "true"
        return self._answer(order, nested=nested or order.order_class == MULTI_LEG)

    async def get_by_client_id(self, request: Request) -> Response:
        """Return one order by the client's id; it does not show exits, which is the harder case."""
        order = self.exchange.find_client(request.query_params["client_order_id"])
        return self._answer(order, nested=order.order_class == MULTI_LEG)

    async def patch_order(self, request: Request) -> Response:
        """Replace an order."""
        document: Document = msgspec.json.decode(await request.body())
        order = self.exchange.replace(
            request.path_params["order_id"],
            changes_of(document),
            str(document.get("client_order_id") or ""),
        )
        return self._answer(order)

    async def delete_order(self, request: Request) -> Response:
        """Cancel an order."""
        self.exchange.cancel(request.path_params["order_id"])
        return Response(status_code=204)

    async def delete_orders(self, request: Request) -> Response:
        """Cancel everything."""
        del request
        cancelled = self.exchange.open_orders()
        for order in cancelled:
            if order.is_open:
                self.exchange.cancel(order.order_id)
        return JSONResponse([{"id": order.order_id, "status": 200} for order in cancelled], 207)

    # --- account ----------------------------------------------------------------------------

    async def get_positions(self, request: Request) -> Response:
        """List positions."""
        del request
        with self.exchange.lock:
            return JSONResponse(
                [position_document(self.exchange, each) for each in self.exchange.account.positions]
            )

    async def get_position(self, request: Request) -> Response:
        """Return one position."""
        with self.exchange.lock:
            return JSONResponse(position_document(self.exchange, self._held_symbol(request)))

    async def delete_position(self, request: Request) -> Response:
        """Close a position at the market."""
        with self.exchange.lock:
            symbol = self._held_symbol(request)
            held = self.exchange.account.positions[symbol].quantity
            side = Side.SELL if held > 0 else Side.BUY
            crypto = self.exchange.market(symbol).listing.asset_class == "crypto"
            ticket = Ticket(symbol, side, abs(held), force=Force.GTC if crypto else Force.DAY)
            return JSONResponse(self._document(_as_taken(self.exchange.submit(ticket))))

    def _held_symbol(self, request: Request) -> str:
        asked = request.path_params["symbol"]
        for symbol in self.exchange.account.positions:
            if asked in (symbol, symbol.replace("/", ""), asset_id(symbol)):
                return symbol
        raise Refused(NOT_FOUND, "position does not exist")

    async def get_account(self, request: Request) -> Response:
        """Return the account."""
        del request
        with self.exchange.lock:
            return JSONResponse(account_document(self.exchange))

    # --- what can be traded, and when -------------------------------------------------------

    async def get_assets(self, request: Request) -> Response:
        """List assets."""
        wanted = request.query_params.get("asset_class", "us_equity")
        listings = [market.listing for market in self.exchange.markets.values()]
        return JSONResponse(
            [asset_document(each) for each in listings if each.asset_class == wanted]
        )

    async def get_asset(self, request: Request) -> Response:
        """Return one asset."""
        asked = request.path_params["symbol"]
        for symbol, market in self.exchange.markets.items():
            if asked in (symbol, symbol.replace("/", ""), asset_id(symbol)):
                return JSONResponse(asset_document(market.listing))
        raise Refused(NOT_FOUND, f"asset not found for {asked}")

    async def get_contracts(self, request: Request) -> Response:
        """List option contracts."""
        underlying = request.query_params.get("underlying_symbols", "").split(",")
        options = [
            m.listing
            for m in self.exchange.markets.values()
            if m.listing.asset_class == "us_option"
        ]
        found = [contract_document(each) for each in options]
        kept = [
            each for each in found if underlying == [""] or each["underlying_symbol"] in underlying
        ]
        return JSONResponse({"option_contracts": kept, "next_page_token": None})

    async def get_contract(self, request: Request) -> Response:
        """Return one option contract."""
        return JSONResponse(
            contract_document(self.exchange.market(request.path_params["symbol"]).listing)
        )

    async def get_clock(self, request: Request) -> Response:
        """Return the market's clock: this venue is always open."""
        del request
        now_ns = self.exchange.clock()
        day_ns = 86_400 * 10**9
        tomorrow = time_text(now_ns - now_ns % day_ns + day_ns)
        return JSONResponse(
            {
                "timestamp": time_text(now_ns),
                "is_open": True,
                "next_open": tomorrow,
                "next_close": tomorrow,
            }
        )

    async def get_calendar(self, request: Request) -> Response:
        """List trading days: Monday to Friday, New York hours, no holidays; or all of every day."""
        today = datetime.fromtimestamp(self.exchange.clock() // 10**9, UTC).date()
        first = date.fromisoformat(request.query_params.get("start", str(today))[:10])
        last = date.fromisoformat(request.query_params.get("end", str(today))[:10])
        days = [first + timedelta(each) for each in range((last - first).days + 1)]
        hours = {"open": "09:30", "close": "16:00", "session_open": "0400", "session_close": "2000"}
        if self.exchange.open_always:
            return JSONResponse([{"date": str(day), **hours, **DAY_AND_NIGHT} for day in days])
        return JSONResponse([{"date": str(day), **hours} for day in days if day.weekday() < 5])

    def _answer(self, order: Order, *, nested: bool = True) -> Response:
        return JSONResponse(self._document(order, nested=nested))

    def _document(self, order: Order, *, nested: bool = True) -> Document:
        with self.exchange.lock:
            return order_document(
                order, self.exchange.market(order.ticket.symbol).listing, nested=nested
            )


def _as_taken(order: Order) -> Order:
    """Return an order as it was before it was matched, with what hangs on it."""
    several = order.order_class == MULTI_LEG
    taken = replace(order, filled=ZERO, value=ZERO, ended_at_ns=0, status=Status.NEW)
    legs = [_as_taken(leg) for leg in order.legs]
    taken.legs = legs if several else [replace(leg, status=Status.HELD) for leg in legs]
    return taken


def _is_wanted(order: Order, wanted: str) -> bool:
    return wanted == "all" or (wanted == "open") == order.is_open
