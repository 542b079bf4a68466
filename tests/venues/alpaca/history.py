"""Bars over REST: crypto, equities and options, paged; and what options are quoted at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.venues.alpaca.shapes import time_ns, time_text
from tests.venues.exchange.tape import NS_PER_MINUTE

if TYPE_CHECKING:
    from starlette.requests import Request
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.market import Market
    from tests.venues.exchange.tape import PublishedBar, Tape

LENGTHS = {"Min": 1, "T": 1, "Hour": 60, "H": 60, "Day": 1440, "D": 1440}
PATHS = ("/v1beta3/crypto/{place}/bars", "/v2/stocks/bars", "/v1beta1/options/bars")
PAGE_DEFAULT = 1000
SYMBOLS_SEPARATOR = ","


@dataclass
class History:
    """The past of a tape."""

    exchange: Exchange
    tape: Tape

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        bars = [Route(path, self.bars, methods=["GET"]) for path in PATHS]
        return [*bars, Route("/v1beta1/options/snapshots", self.snapshots, methods=["GET"])]

    async def snapshots(self, request: Request) -> Response:
        """Return the newest quotes of options, with Greeks; of what is not quoted, nothing."""
        symbols = request.query_params.get("symbols", "").split(SYMBOLS_SEPARATOR)
        told = {
            symbol: snapshot_document(self.exchange.markets[symbol], self.exchange.clock())
            for symbol in symbols
            if symbol in self.exchange.markets and self.exchange.markets[symbol].asks
        }
        return JSONResponse({"snapshots": told, "next_page_token": None})

    async def bars(self, request: Request) -> Response:
        """Return bars of symbols in a stretch of time, at most ``limit`` in all."""
        asked = request.query_params
        length_ns = _length_ns(asked.get("timeframe", "1Min"))
        start_ns = time_ns(asked["start"]) if "start" in asked else 0
        end_ns = time_ns(asked["end"]) if "end" in asked else self.exchange.clock()
        symbols = sorted(asked.get("symbols", "").split(SYMBOLS_SEPARATOR))
        found = [
            bar
            for symbol in symbols
            for bar in self.tape.history(symbol, start_ns, end_ns)
            if bar.length_ns == length_ns
        ]
        first = int(asked.get("page_token") or 0)
        last = first + int(asked.get("limit") or PAGE_DEFAULT)
        bars: dict[str, list[dict[str, object]]] = {}
        for bar in found[first:last]:
            bars.setdefault(bar.symbol, []).append(bar_document(bar))
        return JSONResponse(
            {"bars": bars, "next_page_token": str(last) if last < len(found) else None}
        )


def snapshot_document(market: Market, now_ns: int) -> dict[str, object]:
    """Return a snapshot; the Greeks of every option of this venue are the same."""
    (ask, ask_size), (bid, bid_size) = market.asks[0], market.bids[0]
    return {
        "greeks": {"delta": 0.5, "gamma": 0.02, "rho": 0.1, "theta": -0.05, "vega": 0.3},
        "impliedVolatility": 0.25,
        "latestQuote": {
            "ap": float(ask),
            "as": float(ask_size),
            "bp": float(bid),
            "bs": float(bid_size),
            "t": time_text(now_ns),
        },
    }


def bar_document(bar: PublishedBar) -> dict[str, object]:
    """Return a bar as the history writes it; prices are JSON numbers there."""
    return {
        "t": time_text(bar.start_ns),
        "o": float(bar.open),
        "h": float(bar.high),
        "l": float(bar.low),
        "c": float(bar.close),
        "v": float(bar.volume),
        "n": bar.trades,
        "vw": float(bar.close),
    }


def _length_ns(text: str) -> int:
    digits = "".join(each for each in text if each.isdigit()) or "1"
    return int(digits) * LENGTHS[text.removeprefix(digits)] * NS_PER_MINUTE
