"""Any exchange of ccxt as a live source of closed bars.

A candle is closed when the exchange says so (Binance does) or when a later one has begun. What the
stream leaves open is found by the feed's watchdog in history.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from tidegate_market_data.adapters.live.ccxt.completeness import (
    require_candle,
    require_candles,
    require_markets,
)
from tidegate_market_data.adapters.live.ccxt.listings import instrument_of
from tidegate_market_data.adapters.live.provider import (
    Connected,
    Hear,
    NotListed,
    ProviderError,
    ProviderFailed,
)
from tidegate_market_data.adapters.live.values import bar_of

if TYPE_CHECKING:
    from tidegate_chassis.venues.exchanges import Access
    from tidegate_contracts.market import Bar, Instrument

LOG = structlog.get_logger("ccxt")
Client = Any
"""One of ccxt.pro's exchanges; the package has no types."""
Candle = Sequence[Any]
"""Start in ms, then open, high, low, close and volume, as texts."""
NS_PER_MS = 1_000_000
DEADLINE_S = 30.0
PAGE = 1_000
RETRY_S = 1.0
LISTENS_AFTER_S = 1.0
INSTRUMENTS_EVERY_S = 3_600.0
URL, PARSED = 2, 6
"""Where ccxt tells `handle_errors` of them."""


@dataclass
class CcxtBars:
    """Implements `Provider`."""

    feed: str
    access: Access
    symbols: tuple[str, ...]
    timeframe: str
    timeframe_ns: int
    _known: dict[str, Instrument] = field(default_factory=dict)
    _client: Client | None = None
    _streaming: Client | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _heard: tuple[Hear, Connected] | None = None
    # Of each symbol, the candle that is not known to be closed.
    _forming: dict[str, Candle] = field(default_factory=dict)
    _closed: set[tuple[str, int]] = field(default_factory=set)

    @property
    def unstreamed(self) -> Sequence[str]:
        """Nothing: every symbol is streamed."""
        return ()

    @property
    def instruments_every_s(self) -> float:
        """Steps, and what is tradable, change seldom."""
        return INSTRUMENTS_EVERY_S

    async def instruments(self) -> Sequence[Instrument]:
        """Return what the symbols are; `NotListed` names one that the exchange does not know."""
        client = self._client or self._made()
        self._client = client
        await self._asked("markets", client.load_markets(reload=True))
        missing = [symbol for symbol in self.symbols if symbol not in client.markets]
        if missing:
            hint = "ccxt writes them as BTC/USDT, and contracts as BTC/USDT:USDT"
            raise NotListed(f"{self.access.exchange} lists no {', '.join(missing)}: {hint}")
        found = [
            instrument_of(self.feed, self.access.exchange, client.markets[symbol])
            for symbol in self.symbols
        ]
        self._known = {each.symbol: each for each in found}
        return found

    def begins_ns(self, symbol: str, until_ns: int, bars: int) -> int:
        """Return when the last bars before a moment begin: no exchange here ever closes."""
        del symbol
        return until_ns - bars * self.timeframe_ns

    async def history(self, symbols: Sequence[str], from_ns: int, to_ns: int) -> list[Bar]:
        """Return the closed bars that start in [from, to)."""
        assert self._client is not None, "instruments are asked for first"
        closed_ns = min(to_ns, time.time_ns() - self.timeframe_ns + 1)
        bars: list[Bar] = []
        for symbol in symbols:
            since_ns = from_ns
            while since_ns < closed_ns:
                asked = self._client.fetch_ohlcv(
                    symbol, self.timeframe, since_ns // NS_PER_MS, PAGE
                )
                page = await self._asked(f"bars of {symbol}", asked)
                found = [self._bar(symbol, candle) for candle in page]
                bars += [bar for bar in found if since_ns <= bar.start_ns < closed_ns]
                if len(page) < PAGE:
                    break
                since_ns = found[-1].end_ns
        return bars

    def listen(self, hear: Hear, connected: Connected) -> None:
        """Stream the candles of all symbols, and tell of each that has closed."""
        self._loop = asyncio.get_running_loop()
        self._heard = (hear, connected)
        self._streaming = self._made()
        self._tasks = [self._loop.create_task(self._follow(each)) for each in self.symbols]
        self._tasks.append(self._loop.create_task(self._connected()))

    def begin_anew(self) -> None:
        """Cut the streams and begin again."""
        self.stop()
        if self._heard is not None:
            self.listen(*self._heard)

    def stop(self) -> None:
        """Stream no more. From any thread."""
        streaming, tasks, self._streaming, self._tasks = self._streaming, self._tasks, None, []
        self._let_go(streaming, tasks)

    def close(self) -> None:
        """Let go of every connection."""
        client, self._client = self._client, None
        self.stop()
        self._let_go(client, [])

    def _let_go(self, client: Client | None, tasks: list[asyncio.Task[None]]) -> None:
        if self._loop is None or self._loop.is_closed():
            return

        def cancel() -> None:
            for task in tasks:
                task.cancel()
            if client is not None:
                asyncio.ensure_future(client.close())  # noqa: RUF006 - nobody waits for it

        self._loop.call_soon_threadsafe(cancel)

    def _made(self) -> Client:
        from ccxt import pro

        self._loop = asyncio.get_running_loop()
        made = _closing(getattr(pro, self.access.exchange), self._closed)(self.access.settings())
        self.access.lead(made)
        return made

    async def _asked(self, what: str, call: Any) -> Any:  # noqa: ANN401 - ccxt has no types
        from ccxt import BaseError

        try:
            async with asyncio.timeout(DEADLINE_S):
                return await call
        except TimeoutError:
            raise ProviderFailed(f"no {what} within {DEADLINE_S:g} s") from None
        except BaseError as error:
            raise ProviderFailed(f"{type(error).__name__} for {what}") from None

    async def _connected(self) -> None:
        """Subscriptions stand a moment later, and what came before is to be asked for."""
        await asyncio.sleep(LISTENS_AFTER_S)
        if self._heard is not None:
            self._heard[1]()

    async def _follow(self, symbol: str) -> None:
        """For ever: take a symbol's candles."""
        while self._streaming is not None:
            try:
                candles = await self._streaming.watch_ohlcv(symbol, self.timeframe)
                for candle in candles:
                    self._take(symbol, candle)
            except ProviderError as error:
                LOG.warning("a candle cannot be read", symbol=symbol, error=str(error))
            except Exception as error:  # noqa: BLE001 - the stream must not end: begin anew
                LOG.warning("the stream broke", symbol=symbol, error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                await self._connected()

    def _take(self, symbol: str, candle: Candle) -> None:
        before = self._forming.get(symbol)
        if before is not None and candle[0] > before[0]:
            self._tell(symbol, before)
        self._forming[symbol] = candle
        market = self._client.markets[symbol]["id"] if self._client is not None else ""
        if (market, candle[0]) in self._closed:
            self._closed.discard((market, candle[0]))
            self._tell(symbol, self._forming.pop(symbol))

    def _tell(self, symbol: str, candle: Candle) -> None:
        if self._heard is not None:
            self._heard[0](self._bar(symbol, candle))

    def _bar(self, symbol: str, candle: Candle) -> Bar:
        start_ms, *prices, volume = candle
        if not isinstance(start_ms, int):
            raise ProviderFailed(f"expected a candle's start, found {type(start_ms).__name__}")
        times_ns = (int(start_ms) * NS_PER_MS, self.timeframe_ns)
        return bar_of(self._known[symbol], times_ns, prices, volume)


def _closing(exchange: type[Any], closed: set[tuple[str, int]]) -> type[Any]:
    """Return a client that notes which candles the exchange itself calls closed."""

    class Closing(exchange):  # type: ignore[misc]
        """Binance marks a closed candle with ``x``; ccxt leaves the mark out."""

        def handle_errors(self, *told: Any) -> object:  # noqa: ANN401 - ccxt's
            """Raise over markets or candles that are not whole, before ccxt leaves some out."""
            answer: object = super().handle_errors(*told)
            for require in (require_markets, require_candles):
                require(str(self.id), str(told[URL]), told[PARSED])
            return answer

        def handle_ohlcv(self, client: Any, message: Any) -> object:  # noqa: ANN401 - ccxt's
            candle = message.get("k") if isinstance(message, dict) else None
            try:
                require_candle(str(self.id), candle)
            except ProviderFailed as error:
                LOG.warning("a candle cannot be read", error=str(error))
                client.reject(error)
                return None
            if isinstance(candle, dict) and candle.get("x") is True:
                closed.add((str(candle.get("s") or candle.get("ps")), int(candle["t"])))
            answer: object = super().handle_ohlcv(client, message)
            return answer

    return Closing
