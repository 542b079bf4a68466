"""Trades, books, best prices and klines: `SUBSCRIBE` to names such as `btcusdt@kline_1m`."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from tests.venues.binance.shapes import milliseconds
from tests.venues.exchange.orders import ZERO, Side
from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar
from tests.venues.streams import Hub, Line

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.market import Market
    from tests.venues.exchange.tape import PublishedTrade, Tape

Document = dict[str, object]
Depth = dict[Decimal, Decimal]
LENGTHS = {1: "1m", 5: "5m", 15: "15m", 60: "1h", 1440: "1d"}


@dataclass
class MarketStreams:
    """The public streams of one exchange."""

    exchange: Exchange
    tape: Tape
    hub: Hub
    paths: tuple[str, ...]
    contracts: bool
    _told: dict[tuple[str, Side], Depth] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen to the exchange and its tape."""
        self.tape.readers.append(self._on_published)
        self.exchange.watchers.append(self._on_change)

    def routes(self) -> list[WebSocketRoute]:
        """Return the endpoints; clients open several numbered connections."""
        return [
            WebSocketRoute(path + tail, self.connect)
            for path in self.paths
            for tail in ("", "/{number}")
        ]

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
            names = set(asked.get("params") or ())
            if asked.get("method") == "SUBSCRIBE":
                line.topics |= names
            elif asked.get("method") == "UNSUBSCRIBE":
                line.topics -= names
            await line.send(msgspec.json.encode({"result": None, "id": asked.get("id")}).decode())

    def _publish(self, name: str, document: Document) -> None:
        payload = msgspec.json.encode(document).decode()
        self.hub.publish(name, lambda _: payload)

    def _on_published(self, published: PublishedBar | PublishedTrade) -> None:
        symbol, now_ms = published.symbol, milliseconds(self.exchange.clock())
        if isinstance(published, PublishedBar):
            interval = LENGTHS[published.length_ns // NS_PER_MINUTE]
            document = {"e": "kline", "E": now_ms, "s": symbol, "k": _kline(published, interval)}
            self._publish(f"{symbol.lower()}@kline_{interval}", document)
            return
        shared: Document = {
            "E": now_ms,
            "s": symbol,
            "p": str(published.price),
            "q": str(published.quantity),
            "T": milliseconds(published.at_ns),
            "m": not published.buyer_took,
            "M": True,
        }
        self._publish(f"{symbol.lower()}@trade", {"e": "trade", "t": published.number, **shared})
        numbers = {"a": published.number, "f": published.number, "l": published.number}
        self._publish(f"{symbol.lower()}@aggTrade", {"e": "aggTrade", **numbers, **shared})

    def _on_change(self, what: str, market: Market) -> None:
        del what
        symbol, now_ms = market.listing.symbol, milliseconds(self.exchange.clock())
        document: Document = {
            "e": "depthUpdate",
            "E": now_ms,
            "s": symbol,
            "U": market.changes,
            "u": market.changes,
            "b": self._difference(market, Side.BUY),
            "a": self._difference(market, Side.SELL),
        }
        if self.contracts:
            document |= {"T": now_ms, "pu": market.changes - 1}
        for name in ("depth", "depth@100ms", "depth@500ms"):
            self._publish(f"{symbol.lower()}@{name}", document)
        if market.bids and market.asks:
            bid, ask = ([str(each) for each in side[0]] for side in (market.bids, market.asks))
            best: Document = {
                "u": market.changes,
                "s": symbol,
                "b": bid[0],
                "B": bid[1],
                "a": ask[0],
                "A": ask[1],
            }
            if self.contracts:
                best |= {"e": "bookTicker", "E": now_ms, "T": now_ms}
            self._publish(f"{symbol.lower()}@bookTicker", best)

    def _difference(self, market: Market, side: Side) -> list[list[str]]:
        key = (market.listing.symbol, side)
        before, now = self._told.get(key, {}), market.depth(side)
        self._told[key] = now
        changed = {price: size for price, size in now.items() if before.get(price) != size}
        gone = {price: ZERO for price in before if price not in now}
        return [[str(price), str(size)] for price, size in (changed | gone).items()]


def _kline(bar: PublishedBar, interval: str) -> Document:
    return {
        "t": milliseconds(bar.start_ns),
        "T": milliseconds(bar.start_ns + bar.length_ns) - 1,
        "s": bar.symbol,
        "i": interval,
        "f": 1,
        "L": bar.trades,
        "o": str(bar.open),
        "c": str(bar.close),
        "h": str(bar.high),
        "l": str(bar.low),
        "v": str(bar.volume),
        "n": bar.trades,
        "x": True,
        "q": str(bar.close * bar.volume),
        "V": "0",
        "Q": "0",
        "B": "0",
    }
