"""The service's queries: feeds, instruments, history and last quotes. It takes no commands."""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query

from tidegate_chassis.http import ApiError
from tidegate_contracts.market import Bar, Instrument
from tidegate_kernel.errors import TimeError
from tidegate_kernel.money import plain, to_decimal
from tidegate_kernel.time import format_duration, format_time, parse_time
from tidegate_market_data.adapters.catalog import Catalog
from tidegate_market_data.adapters.dataset import Bars
from tidegate_market_data.adapters.last_quotes import LastQuotes, QuoteStore

Document = dict[str, Any]
LIMIT_DEFAULT = 1_000
LIMIT_MAX = 10_000
TIME_MAX_NS = 2**63 - 1


class Rows(Protocol):
    """The part of the host's projections that is read here."""

    async def list(self, kind: str, *, after: str = "") -> list[Document]:
        """Return documents oldest first."""


class App(Protocol):
    """The part of the host's context that the routes need."""

    @property
    def projections(self) -> Rows:
        """The rows that were projected."""


class Live(Protocol):
    """A live feed, as far as it is shown."""

    feed: str
    symbols: tuple[str, ...]
    timeframe_ns: int
    reason: str


class MarketDataQueries:
    """What the routes answer from: the catalog, the last quotes and the projections."""

    def __init__(
        self,
        catalog: Catalog,
        quotes: LastQuotes,
        store: QuoteStore | None,
        live: Sequence[Live] = (),
    ) -> None:
        self._catalog = catalog
        self._live = live
        self._quotes = quotes
        self._store = store

    def routes(self, app: App) -> APIRouter:
        """Return the service's routes."""
        router = APIRouter()

        @router.get("/v1/feeds")
        async def feeds() -> Document:
            """Return every feed: its status, and what its data hold."""
            statuses = {row["feed"]: row for row in await app.projections.list("feed")}
            replays = [self._feed(name, statuses.get(name)) for name in self._catalog.feeds]
            return {"feeds": [*replays, *(_live(each, statuses) for each in self._live)]}

        @router.get("/v1/instruments")
        async def instruments(after: str = "") -> Document:
            """Return the instruments published so far; pass the last `cursor` as `after`."""
            return {"instruments": await app.projections.list("instrument", after=after)}

        @router.get("/v1/bars")
        async def bars(
            feed: str,
            symbol: str,
            start: Annotated[str, Query(alias="from")] = "",
            end: Annotated[str, Query(alias="to")] = "",
            limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
        ) -> Document:
            """Return bars of the feed's data that start in [from, to), oldest first."""
            return self._history(feed, symbol, (_time(start, 0), _time(end, TIME_MAX_NS)), limit)

        @router.get("/v1/quotes/last")
        async def last(symbol: str, feed: str = "") -> Document:
            """Return the last price of a symbol: of a feed of bars, its last close."""
            return await self._last(feed or self._only_feed(), symbol)

        return router

    def _feed(self, name: str, status: Document | None) -> Document:
        dataset = self._dataset(name)
        return {
            "feed": name,
            "timeframe": format_duration(dataset.timeframe_ns),
            "bar_count": dataset.bar_count,
            "first": format_time(dataset.first_ns),
            "last": format_time(dataset.last_ns),
            "symbols": [each.symbol for each in dataset.instruments],
            "warnings": list(dataset.warnings),
            "status": status,
        }

    def _history(self, feed: str, symbol: str, between_ns: tuple[int, int], limit: int) -> Document:
        dataset = self._dataset(feed)
        instrument = _instrument(dataset, symbol)
        found = dataset.history(instrument, *between_ns, limit)
        return {
            "feed": feed,
            "venue": instrument.venue,
            "symbol": symbol,
            "timeframe": format_duration(dataset.timeframe_ns),
            "bars": [bar_document(bar, instrument) for bar in found],
        }

    async def _last(self, feed: str, symbol: str) -> Document:
        self._require_symbol(feed, symbol)
        quote = self._quotes.find(feed, symbol)
        if quote is None and self._store is not None:
            quote = await self._store.read(feed, symbol)
        if quote is None:
            expected = f"a bar of {symbol} published by {feed}"
            raise ApiError(404, "NO_QUOTE_YET", expected, "none so far", "ask again later")
        return quote

    def _require_symbol(self, feed: str, symbol: str) -> None:
        live = next((each for each in self._live if each.feed == feed), None)
        if live is None:
            _instrument(self._dataset(feed), symbol)
        elif symbol not in live.symbols:
            raise _unknown_symbol(live.symbols, symbol)

    def _dataset(self, feed: str) -> Bars:
        dataset = self._catalog.find(feed)
        if dataset is None:
            expected = f"one of {', '.join(self._catalog.feeds)}"
            raise ApiError(404, "UNKNOWN_FEED", expected, feed, "see /v1/feeds")
        return dataset

    def _only_feed(self) -> str:
        feeds = (*self._catalog.feeds, *(each.feed for each in self._live))
        if len(feeds) != 1:
            expected = f"feed= one of {', '.join(feeds)}"
            raise ApiError(422, "FEED_NEEDED", expected, "no feed", "this process has several")
        return feeds[0]


def bar_document(bar: Bar, instrument: Instrument) -> Document:
    """Describe a bar for queries; prices and volume as plain decimal strings."""
    price_scale = instrument.price_scale
    return {
        "start": format_time(bar.start_ns),
        "end": format_time(bar.end_ns),
        "start_ns": bar.start_ns,
        "open": plain(to_decimal(bar.open, price_scale)),
        "high": plain(to_decimal(bar.high, price_scale)),
        "low": plain(to_decimal(bar.low, price_scale)),
        "close": plain(to_decimal(bar.close, price_scale)),
        "volume": plain(to_decimal(bar.volume, instrument.size_scale)),
    }


def _instrument(dataset: Bars, symbol: str) -> Instrument:
    for instrument in dataset.instruments:
        if instrument.symbol == symbol:
            return instrument
    raise _unknown_symbol([each.symbol for each in dataset.instruments], symbol)


def _unknown_symbol(known: Sequence[str], symbol: str) -> ApiError:
    expected = f"one of {', '.join(known)}"
    return ApiError(404, "UNKNOWN_SYMBOL", expected, symbol, "see /v1/instruments")


def _live(feed: Live, statuses: dict[str, Document]) -> Document:
    return {
        "feed": feed.feed,
        "timeframe": format_duration(feed.timeframe_ns),
        "symbols": list(feed.symbols),
        "problem": feed.reason,
        "status": statuses.get(feed.feed),
    }


def _time(text: str, default_ns: int) -> int:
    if not text:
        return default_ns
    if text.isdecimal():
        return min(int(text), TIME_MAX_NS)
    try:
        return parse_time(text)[0]
    except TimeError as error:
        expected = "an ISO 8601 time such as 2024-01-31T09:30:00Z, or nanoseconds"
        raise ApiError(422, "BAD_TIME", expected, text, "check from and to") from error
