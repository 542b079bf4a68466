"""Private streams: spot by a signed subscription of the websocket API, contracts by listen keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from tests.venues.binance import shapes
from tests.venues.binance.signing import Signing, Unsigned
from tests.venues.streams import Hub, Line

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.binance.algo_service import AlgoOrder, AlgoService
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.orders import Update

Document = dict[str, object]
TOPIC = "user"
LISTEN_KEY = "listen-key-of-the-test-venue"
SUBSCRIBE = "userDataStream.subscribe.signature"
UNTOLD = frozenset({"pending_new"})


@dataclass
class SpotUserStream:
    """`/ws-api/v3`: `userDataStream.subscribe.signature`."""

    exchange: Exchange
    signing: Signing
    hub: Hub

    def __post_init__(self) -> None:
        """Listen to the exchange."""
        self.exchange.listeners.append(self._on_update)

    def routes(self) -> list[BaseRoute]:
        """Return the endpoint."""
        return [WebSocketRoute("/ws-api/v3", self.connect)]

    async def connect(self, socket: WebSocket) -> None:
        """Serve one client."""
        await socket.accept()
        line = Line(socket)
        await self.hub.serve(line, lambda: self._listen(line))

    async def _listen(self, line: Line) -> None:
        while True:
            message = await line.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            asked = msgspec.json.decode(message.get("text") or message.get("bytes") or b"{}")
            answer = self._answer(line, asked)
            await line.send(msgspec.json.encode({"id": asked.get("id"), **answer}).decode())

    def _answer(self, line: Line, asked: Document) -> Document:
        if asked.get("method") != SUBSCRIBE:
            return {
                "status": 400,
                "error": {"code": -1100, "msg": f"Unknown method {asked.get('method')}."},
            }
        parameters = asked.get("params")
        assert isinstance(parameters, dict)
        signature = str(parameters.pop("signature", ""))
        payload = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        if parameters.get("apiKey") != self.signing.keys.key:
            return {
                "status": 401,
                "error": {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."},
            }
        if not self.signing.keys.signs(payload, signature):
            return {
                "status": 400,
                "error": {"code": -1022, "msg": "Signature for this request is not valid."},
            }
        try:
            self.signing.check_time(parameters)
        except Unsigned as unsigned:
            return {"status": 400, "error": msgspec.json.decode(unsigned.response.body)}
        line.topics.add(TOPIC)
        return {"status": 200, "result": {"subscriptionId": 0}, "rateLimits": []}

    def _on_update(self, update: Update) -> None:
        if update.what in UNTOLD:
            return
        self._say(shapes.execution_report(update))
        at_ms = shapes.milliseconds(update.at_ns)
        told = [
            {"a": asset, "f": shapes.number(free), "l": shapes.number(locked)}
            for asset, free, locked in shapes.balances(self.exchange)
        ]
        self._say({"e": "outboundAccountPosition", "E": at_ms, "u": at_ms, "B": told})

    def _say(self, event: Document) -> None:
        payload = msgspec.json.encode({"subscriptionId": 0, "event": event}).decode()
        self.hub.publish(TOPIC, lambda _: payload)


@dataclass
class ContractUserStream:
    """`/private/ws?listenKey=…`, and the listen keys over REST."""

    exchange: Exchange
    service: AlgoService
    signing: Signing
    hub: Hub

    def __post_init__(self) -> None:
        """Listen to the exchange, and to the service where orders wait."""
        self.exchange.listeners.append(self._on_update)
        self.service.listeners.append(self._on_algo_update)

    def routes(self) -> list[BaseRoute]:
        """Return the endpoints."""
        return [
            Route("/fapi/v1/listenKey", self.listen_key, methods=["POST", "PUT", "DELETE"]),
            WebSocketRoute("/private/ws", self.connect),
            WebSocketRoute("/private/ws/{number}", self.connect),
        ]

    async def listen_key(self, request: Request) -> Response:
        """Give out, keep or end the listen key."""
        try:
            self.signing.check_key(request)
        except Unsigned as unsigned:
            return unsigned.response
        return JSONResponse({} if request.method == "DELETE" else {"listenKey": LISTEN_KEY})

    async def connect(self, socket: WebSocket) -> None:
        """Serve one client that has the listen key."""
        await socket.accept()
        if LISTEN_KEY not in str(socket.url):
            await socket.close(1008)
            return
        line = Line(socket, topics={TOPIC})
        await self.hub.serve(line, lambda: _read(line))

    def _on_update(self, update: Update) -> None:
        if update.what in UNTOLD:
            return
        documents = [shapes.order_trade_update(update)]
        if update.execution is not None:
            documents.insert(0, self._account_update(update))
        for document in documents:
            self._say(msgspec.json.encode(document).decode())

    def _on_algo_update(self, order: AlgoOrder) -> None:
        self._say(msgspec.json.encode(shapes.algo_update(order)).decode())

    def _say(self, payload: str) -> None:
        self.hub.publish(TOPIC, lambda _: payload)

    def _account_update(self, update: Update) -> Document:
        at_ms = shapes.milliseconds(update.at_ns)
        wallet = shapes.number(self.exchange.account.balances.get("USDT"))
        symbol = update.order.ticket.symbol
        position = self.exchange.account.positions.get(symbol)
        held: Document = {
            "s": symbol,
            "pa": shapes.number(position.quantity if position else None),
            "ep": shapes.number(position.entry_price if position else None),
            "bep": "0",
            "cr": "0",
            "up": "0",
            "mt": "cross",
            "iw": "0",
            "ps": "BOTH",
        }
        balance = {"a": "USDT", "wb": wallet, "cw": wallet, "bc": "0"}
        return {
            "e": "ACCOUNT_UPDATE",
            "E": at_ms,
            "T": at_ms,
            "a": {"m": "ORDER", "B": [balance], "P": [held]},
        }


async def _read(line: Line) -> None:
    while (await line.socket.receive())["type"] != "websocket.disconnect":
        pass
