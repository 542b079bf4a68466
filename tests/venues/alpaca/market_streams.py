"""Bars, trades and quotes: MessagePack for those who ask for it in the handshake, else JSON.

One connection per feed: a second one is told `406 connection limit exceeded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgpack
import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from tests.venues.alpaca.shapes import time_text
from tests.venues.exchange.tape import PublishedBar
from tests.venues.streams import Hub, Line

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.market import Market
    from tests.venues.exchange.tape import PublishedTrade, Tape
    from tests.venues.keys import Keys

Document = dict[str, object]
KINDS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "orderbooks", "statuses", "lulds")
FEEDS = {
    "/v1beta3/crypto/us": "crypto",
    "/v2/iex": "us_equity",
    "/v2/sip": "us_equity",
    "/v1beta1/indicative": "us_option",
    "/v1beta1/opra": "us_option",
}


@dataclass
class MarketStreams:
    """The public streams of an exchange."""

    exchange: Exchange
    tape: Tape
    keys: Keys
    # One for each feed's path.
    hubs: dict[str, Hub]

    def __post_init__(self) -> None:
        """Listen to the exchange and its tape."""
        self.tape.readers.append(self._on_published)
        self.exchange.watchers.append(self._on_change)

    def routes(self) -> list[WebSocketRoute]:
        """Return an endpoint per feed."""
        return [WebSocketRoute(path, partial(self.connect, path)) for path in FEEDS]

    async def connect(self, path: str, socket: WebSocket) -> None:
        """Serve one client."""
        await socket.accept()
        line = Line(socket)
        hub = self.hubs[path]
        await _say(line, [{"T": "success", "msg": "connected"}])
        if hub.lines:
            await _say(line, [{"T": "error", "code": 406, "msg": "connection limit exceeded"}])
            await socket.close()
            return
        await hub.serve(line, lambda: self._listen(line))

    async def _listen(self, line: Line) -> None:
        authorized = False
        while True:
            message = await line.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            asked = _decode(line, message)
            action = asked.get("action")
            if action == "auth":
                authorized = self.keys.fit(str(asked.get("key")), str(asked.get("secret")))
                ok: Document = {"T": "success", "msg": "authenticated"}
                await _say(
                    line, [ok if authorized else {"T": "error", "code": 402, "msg": "auth failed"}]
                )
            elif not authorized:
                await _say(line, [{"T": "error", "code": 401, "msg": "not authenticated"}])
            elif action in ("subscribe", "unsubscribe"):
                await self._subscribe(line, asked, add=action == "subscribe")

    async def _subscribe(self, line: Line, asked: Document, *, add: bool) -> None:
        for kind in KINDS:
            symbols = asked.get(kind)
            named = (
                {f"{kind} {symbol}" for symbol in symbols} if isinstance(symbols, list) else set()
            )
            line.topics = line.topics | named if add else line.topics - named
        told: Document = {"T": "subscription"}
        for kind in KINDS:
            told[kind] = sorted(
                each.removeprefix(f"{kind} ") for each in line.topics if each.startswith(f"{kind} ")
            )
        await _say(line, [told])

    def _on_published(self, published: PublishedBar | PublishedTrade) -> None:
        kind, document = _published_document(published)
        self._publish(kind, published.symbol, document)

    def _on_change(self, what: str, market: Market) -> None:
        if what != "quote" or not market.bids or not market.asks:
            return
        bid, ask = market.bids[0], market.asks[0]
        document: Document = {
            "T": "q",
            "S": market.listing.symbol,
            "bp": float(bid[0]),
            "bs": float(bid[1]),
            "ap": float(ask[0]),
            "as": float(ask[1]),
            "t": self.exchange.clock(),
        }
        if market.listing.asset_class == "us_equity":
            document |= {"bx": "V", "ax": "V", "c": ["R"], "z": "C"}
        self._publish("quotes", market.listing.symbol, document)

    def _publish(self, kind: str, symbol: str, document: Document) -> None:
        asset_class = self.exchange.market(symbol).listing.asset_class
        for path, hub in self.hubs.items():
            if FEEDS[path] != asset_class:
                continue
            for topic in (f"{kind} {symbol}", f"{kind} *"):
                hub.publish(topic, lambda line: _encode(line, [document]))


def _published_document(published: PublishedBar | PublishedTrade) -> tuple[str, Document]:
    if isinstance(published, PublishedBar):
        return "bars", {
            "T": "b",
            "S": published.symbol,
            "o": float(published.open),
            "h": float(published.high),
            "l": float(published.low),
            "c": float(published.close),
            "v": float(published.volume),
            "t": published.start_ns,
            "n": published.trades,
            "vw": float(published.close),
        }
    return "trades", {
        "T": "t",
        "S": published.symbol,
        "p": float(published.price),
        "s": float(published.quantity),
        "t": published.at_ns,
        "i": published.number,
        "tks": "B" if published.buyer_took else "S",
    }


def _speaks_msgpack(line: Line) -> bool:
    return "msgpack" in line.socket.headers.get("content-type", "")


def _encode(line: Line, documents: list[Document]) -> bytes | str:
    if _speaks_msgpack(line):
        told = [
            {
                name: msgpack.Timestamp.from_unix_nano(value) if name == "t" else value
                for name, value in each.items()
            }
            for each in documents
        ]
        return bytes(msgpack.packb(told))
    texts = [
        {
            name: time_text(value) if name == "t" and isinstance(value, int) else value
            for name, value in each.items()
        }
        for each in documents
    ]
    return msgspec.json.encode(texts).decode()


def _decode(line: Line, message: Mapping[str, object]) -> Document:
    payload = message.get("bytes") or message.get("text") or b"{}"
    if isinstance(payload, bytes) and _speaks_msgpack(line):
        unpacked: Document = msgpack.unpackb(payload)
        return unpacked
    assert isinstance(payload, bytes | str)
    decoded: Document = msgspec.json.decode(payload)
    return decoded


async def _say(line: Line, documents: list[Document]) -> None:
    await line.send(_encode(line, documents))
