"""REST of one Binance exchange: `/api/v3` for spot, `/fapi` for USD-M contracts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.venues.binance import shapes
from tests.venues.binance.algo_service import WAITING_KINDS
from tests.venues.binance.income import income
from tests.venues.binance.listings_documents import exchange_info
from tests.venues.binance.signing import Fields, Signing, Unsigned
from tests.venues.binance.tickets import UNKNOWN_SYMBOL, answer_of, ticket_of
from tests.venues.exchange.exchange import NOT_FOUND, NOT_OPEN
from tests.venues.exchange.orders import Order, Refused, Side
from tests.venues.exchange.tape import NS_PER_MINUTE

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.exchange.bookings import Bookings
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.tape import PublishedBar, Tape

Answer = dict[str, object] | list[object]
Public = Callable[[Fields], Answer]
Private = Callable[[Fields], Answer]
KLINES_MAX = 1000
DEPTH_DEFAULT = 100
LENGTHS = {"m": 1, "h": 60, "d": 1440}


@dataclass
class Endpoints:
    """What spot and contracts share."""

    exchange: Exchange
    tape: Tape
    signing: Signing
    bookings: Bookings
    contracts: bool

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        public: list[tuple[str, Public]] = [
            ("ping", lambda _: {}),
            ("time", lambda _: {"serverTime": shapes.milliseconds(self.exchange.clock())}),
            ("exchangeInfo", lambda _: exchange_info(self.exchange, contracts=self.contracts)),
            ("depth", self._depth),
            ("klines", self._klines),
            ("ticker/bookTicker", self._book_ticker),
        ]
        trades = "userTrades" if self.contracts else "myTrades"
        private: list[tuple[str, str, Private]] = [
            ("POST", "order", self._place),
            ("GET", "order", self._show),
            ("DELETE", "order", self._cancel),
            ("GET", "openOrders", self._open_orders),
            ("DELETE", "allOpenOrders" if self.contracts else "openOrders", self._cancel_all),
            ("GET", "allOrders", self._all_orders),
            ("GET", trades, self._trades),
        ]
        prefix = "/fapi/v1" if self.contracts else "/api/v3"
        routes = [self._public(f"{prefix}/{path}", endpoint) for path, endpoint in public]
        routes += [
            self._private(method, f"{prefix}/{path}", endpoint)
            for method, path, endpoint in private
        ]
        return routes + (self._contract_routes() if self.contracts else self._spot_routes())

    def _spot_routes(self) -> list[Route]:
        return [
            self._private("GET", "/api/v3/account", lambda _: shapes.spot_account(self.exchange)),
            self._private("POST", "/api/v3/order/cancelReplace", self._cancel_replace),
        ]

    def _contract_routes(self) -> list[Route]:
        def positions(_: Fields) -> Answer:
            return list(shapes.contract_positions(self.exchange))

        def account(_: Fields) -> Answer:
            return shapes.contract_account(self.exchange)

        return [
            *(
                self._private("GET", f"/fapi/{version}/account", account)
                for version in ("v2", "v3")
            ),
            *(
                self._private("GET", f"/fapi/{version}/positionRisk", positions)
                for version in ("v2", "v3")
            ),
            self._private("PUT", "/fapi/v1/order", self._modify),
            self._private(
                "GET", "/fapi/v1/income", lambda fields: list(income(self.bookings, fields))
            ),
            self._private("GET", "/fapi/v1/leverageBracket", lambda _: self._brackets()),
            self._private(
                "GET", "/fapi/v1/positionSide/dual", lambda _: {"dualSidePosition": False}
            ),
        ]

    def _public(self, path: str, endpoint: Public) -> Route:
        async def answer(request: Request) -> Response:
            return self._answered(endpoint, dict(request.query_params))

        return Route(path, answer, methods=["GET"])

    def _private(self, method: str, path: str, endpoint: Private) -> Route:
        async def answer(request: Request) -> Response:
            try:
                fields = await self.signing.fields(request)
            except Unsigned as unsigned:
                return unsigned.response
            return self._answered(endpoint, fields)

        return Route(path, answer, methods=[method])

    def _answered(self, endpoint: Private, fields: Fields) -> Response:
        try:
            with self.exchange.lock:
                return JSONResponse(endpoint(fields))
        except Refused as refused:
            status, body = answer_of(refused, contracts=self.contracts)
            return JSONResponse(body, status)

    # --- orders -----------------------------------------------------------------------------

    def _place(self, fields: Fields) -> Answer:
        if fields.get("symbol") not in self.exchange.markets:
            raise Refused(UNKNOWN_SYMBOL, "Invalid symbol.")
        ticket = ticket_of(fields)
        if self.contracts and ticket.kind in WAITING_KINDS:
            raise Refused("-4120", "Order type not supported for this endpoint.")
        order = self.exchange.submit(ticket)
        return shapes.contract_order(order) if self.contracts else shapes.spot_placed(order)

    def _show(self, fields: Fields) -> Answer:
        return self._shape(self._named(fields))

    def _cancel(self, fields: Fields) -> Answer:
        try:
            order = self.exchange.cancel(self._named(fields).order_id)
        except Refused:
            raise Refused(NOT_OPEN, "Unknown order sent.") from None
        return {**self._shape(order), "origClientOrderId": order.ticket.client_order_id}

    def _cancel_all(self, fields: Fields) -> Answer:
        cancelled = [
            order
            for order in self.exchange.open_orders()
            if order.ticket.symbol == fields["symbol"]
        ]
        for order in cancelled:
            if order.is_open:
                self.exchange.cancel(order.order_id)
        if self.contracts:
            return {"code": 200, "msg": "The operation of cancel all open order is done."}
        return [self._shape(order) for order in cancelled]

    def _cancel_replace(self, fields: Fields) -> Answer:
        named = {
            "symbol": fields["symbol"],
            "orderId": fields.get("cancelOrderId", ""),
            "origClientOrderId": fields.get("cancelOrigClientOrderId", ""),
        }
        cancelled = self._cancel(named)
        placed = self._place(fields)
        return {
            "cancelResult": "SUCCESS",
            "newOrderResult": "SUCCESS",
            "cancelResponse": cancelled,
            "newOrderResponse": placed,
        }

    def _modify(self, fields: Fields) -> Answer:
        changes: dict[str, object] = {
            "quantity": Decimal(fields["quantity"]),
            "limit_price": Decimal(fields["price"]),
        }
        old = self._named(fields)
        # The order keeps its client id: only the venue's own number changes.
        self.exchange.cancel(old.order_id)
        ticket = type(old.ticket)(**{**old.ticket.__dict__, **changes})
        return shapes.contract_order(self.exchange.submit(ticket))

    def _open_orders(self, fields: Fields) -> Answer:
        symbol = fields.get("symbol")
        return [
            self._shape(order)
            for order in self.exchange.open_orders()
            if symbol in (None, order.ticket.symbol)
        ]

    def _all_orders(self, fields: Fields) -> Answer:
        orders = self.exchange.orders.values()
        return [self._shape(order) for order in orders if order.ticket.symbol == fields["symbol"]]

    def _trades(self, fields: Fields) -> Answer:
        shape = shapes.contract_trade if self.contracts else shapes.spot_trade
        wanted = fields.get("orderId")
        return [
            shape(order, execution)
            for order, execution in self.exchange.executions
            if order.ticket.symbol == fields["symbol"] and wanted in (None, str(order.number))
        ]

    def _named(self, fields: Fields) -> Order:
        by_id = fields.get("origClientOrderId")
        if by_id:
            order = self.exchange.find_client(by_id)
        else:
            wanted = fields.get("orderId") or "0"
            found = [each for each in self.exchange.orders.values() if str(each.number) == wanted]
            if not found:
                raise Refused(NOT_FOUND, "Order does not exist.")
            order = found[0]
        return order

    def _shape(self, order: Order) -> dict[str, object]:
        return shapes.contract_order(order) if self.contracts else shapes.spot_order(order)

    # --- the market -------------------------------------------------------------------------

    def _depth(self, fields: Fields) -> Answer:
        market = self.exchange.market(fields["symbol"])
        most = int(fields.get("limit", DEPTH_DEFAULT))
        sides = {"bids": Side.BUY, "asks": Side.SELL}
        at_ms = shapes.milliseconds(self.exchange.clock())
        times = {"E": at_ms, "T": at_ms} if self.contracts else {}
        return {"lastUpdateId": market.changes, **times} | {
            name: [
                [str(price), str(size)] for price, size in list(market.depth(side).items())[:most]
            ]
            for name, side in sides.items()
        }

    def _book_ticker(self, fields: Fields) -> Answer:
        market = self.exchange.market(fields["symbol"])
        bid, ask = market.bids[0], market.asks[0]
        return {
            "symbol": fields["symbol"],
            "bidPrice": str(bid[0]),
            "bidQty": str(bid[1]),
            "askPrice": str(ask[0]),
            "askQty": str(ask[1]),
        }

    def _klines(self, fields: Fields) -> Answer:
        text = fields["interval"]
        length_ns = int(text[:-1]) * LENGTHS[text[-1]] * NS_PER_MINUTE
        start_ns = int(fields.get("startTime", 0)) * shapes.NS_PER_MS
        end_ns = (
            int(fields["endTime"]) * shapes.NS_PER_MS
            if "endTime" in fields
            else self.exchange.clock()
        )
        found = [
            bar
            for bar in self.tape.history(fields["symbol"], start_ns, end_ns)
            if bar.length_ns == length_ns
        ]
        most = int(fields.get("limit", 500))
        kept = found[:most] if "startTime" in fields else found[-most:]
        return [kline(bar) for bar in kept]

    def _brackets(self) -> Answer:
        bracket = {
            "bracket": 1,
            "initialLeverage": 20,
            "notionalCap": 1_000_000_000,
            "notionalFloor": 0,
            "maintMarginRatio": 0.01,
            "cum": 0.0,
        }
        return [{"symbol": symbol, "brackets": [bracket]} for symbol in self.exchange.markets]


def kline(bar: PublishedBar) -> list[object]:
    """Return a bar as an array."""
    start_ms = shapes.milliseconds(bar.start_ns)
    end_ms = shapes.milliseconds(bar.start_ns + bar.length_ns) - 1
    prices = [str(each) for each in (bar.open, bar.high, bar.low, bar.close)]
    value = str(bar.close * bar.volume)
    return [start_ms, *prices, str(bar.volume), end_ms, value, bar.trades, "0", "0", "0"]
