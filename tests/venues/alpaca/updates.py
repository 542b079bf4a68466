"""The stream `/stream`: JSON in binary frames, `trade_updates` after `listen`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from tests.venues.alpaca.shapes import update_document
from tests.venues.streams import Hub, Line

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.orders import Update
    from tests.venues.keys import Keys

TOPIC = "trade_updates"


@dataclass
class Updates:
    """The private stream of one account."""

    exchange: Exchange
    keys: Keys
    hub: Hub

    def __post_init__(self) -> None:
        """Listen to the exchange."""
        self.exchange.listeners.append(self._on_update)

    def routes(self) -> list[WebSocketRoute]:
        """Return the endpoint."""
        return [WebSocketRoute("/stream", self.connect)]

    async def connect(self, socket: WebSocket) -> None:
        """Serve one client."""
        await socket.accept()
        line = Line(socket)
        await self.hub.serve(line, lambda: self._listen(line))

    async def _listen(self, line: Line) -> None:
        authorized = False
        while True:
            message = await line.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            asked = msgspec.json.decode(message.get("text") or message.get("bytes") or b"{}")
            data = asked.get("data") or {}
            if asked.get("action") in ("authenticate", "auth"):
                key = data.get("key_id") or asked.get("key", "")
                secret = data.get("secret_key") or asked.get("secret", "")
                authorized = self.keys.fit(key, secret)
                status = "authorized" if authorized else "unauthorized"
                await self._say(line, "authorization", {"status": status, "action": "authenticate"})
            elif asked.get("action") == "listen" and authorized:
                line.topics = set(data.get("streams", ())) & {TOPIC}
                await self._say(line, "listening", {"streams": sorted(line.topics)})

    async def _say(self, line: Line, stream: str, data: dict[str, object]) -> None:
        await line.send(msgspec.json.encode({"stream": stream, "data": data}))

    def _on_update(self, update: Update) -> None:
        listing = self.exchange.market(update.order.ticket.symbol).listing
        payload = msgspec.json.encode(update_document(update, listing))
        self.hub.publish(TOPIC, lambda _: payload)
