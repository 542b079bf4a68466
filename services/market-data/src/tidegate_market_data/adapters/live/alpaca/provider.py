"""Alpaca's crypto, US equities and options as a live source: closed minute bars.

Alpaca streams quotes and trades of options, and no bars: those are asked of its history, and their
Greeks of its snapshots.

Blocking calls run in threads of their own. Streams run in one thread each: crypto and equities are
different connections, of which Alpaca allows an account one each.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import structlog
from msgspec.structs import replace

from tidegate_kernel.contracts import is_option, units_of
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, parse_time
from tidegate_market_data.adapters.live.alpaca.listings import (
    Document,
    Listings,
    hours_of,
    is_pair,
)
from tidegate_market_data.adapters.live.alpaca.options import (
    FEEDS,
    contract_of,
    expired_contract,
    greeks_of,
)
from tidegate_market_data.adapters.live.alpaca.sessions import Hours, begins_ns, is_in
from tidegate_market_data.adapters.live.provider import (
    Connected,
    Hear,
    NotListed,
    ProviderError,
    ProviderFailed,
)
from tidegate_market_data.adapters.live.values import bar_of, number_of

if TYPE_CHECKING:
    from tidegate_chassis.venues.alpaca import Credentials, Endpoints
    from tidegate_contracts.market import Bar, Instrument, OpenInterval
    from tidegate_market_data.adapters.live.alpaca.bar_stream import BarStream
    from tidegate_market_data.adapters.live.alpaca.clients import Assets

LOG = structlog.get_logger("alpaca")
Answer = TypeVar("Answer")
TIMEFRAME_NS = 60 * NS_PER_SECOND
DEADLINE_S = 30.0
RESTART_S = 1.0
STOP_S = 7.0
NOT_FOUND = 404
# As many as the longest warm-up of minutes reaches back, and holidays.
DAYS_BACK = 30
DAYS_AHEAD = 7
# Contracts and assets change seldom, Greeks with every quote.
LISTED_EVERY_S = 3_600.0
GREEKS_EVERY_S = 60.0
NUMBERS = ("o", "h", "l", "c", "v")
CRYPTO_PATH = "/v1beta3/crypto/us"


@dataclass
class AlpacaBars:
    """Implements `Provider`."""

    credentials: Credentials
    endpoints: Endpoints
    listings: Listings
    symbols: tuple[str, ...]
    tape: str = "iex"
    # Whether bars of shares from around the regular session are given too.
    extended: bool = False
    _sessions: tuple[OpenInterval, ...] = ()
    _known: dict[str, Instrument] = field(default_factory=dict)
    _listed_s: float = field(default=-math.inf)
    _streams: list[_Stream] = field(default_factory=list)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(2, "alpaca-bars")
    )

    @property
    def unstreamed(self) -> Sequence[str]:
        """Options."""
        return [symbol for symbol in self.symbols if is_option(symbol)]

    @property
    def instruments_every_s(self) -> float:
        """Often where there are Greeks."""
        return GREEKS_EVERY_S if self.unstreamed else LISTED_EVERY_S

    async def instruments(self) -> Sequence[Instrument]:
        """Return what the symbols are; `NotListed` names one that Alpaca does not know."""
        listed_before_s = time.monotonic() - self._listed_s
        if not self.unstreamed or listed_before_s >= LISTED_EVERY_S:
            found: list[Instrument] = await self._in_thread(self._instruments)
            self._known = {each.symbol: each for each in found}
            self._listed_s = time.monotonic()
        if self.unstreamed:
            self._known |= await self._in_thread(self._with_greeks)
        return list(self._known.values())

    def begins_ns(self, symbol: str, until_ns: int, bars: int) -> int:
        """Return when the last bars before a moment begin; shares and options close."""
        sessions = () if is_pair(symbol) else self._sessions
        return begins_ns(sessions, until_ns, bars, TIMEFRAME_NS)

    async def history(self, symbols: Sequence[str], from_ns: int, to_ns: int) -> list[Bar]:
        """Return the closed bars that start in [from, to)."""
        return await self._in_thread(lambda: self._history(symbols, from_ns, to_ns))

    def listen(self, hear: Hear, connected: Connected) -> None:
        """Stream the bars of all symbols."""

        def on_bar(raw: Document) -> None:
            try:
                bar = self._streamed(raw)
            except ProviderError as error:
                LOG.warning("a bar cannot be read", error=str(error))
            else:
                if self._is_given(bar):
                    hear(bar)

        pairs, shares = self._parted()
        places = ((CRYPTO_PATH, pairs), (f"/v2/{self.tape}", shares))
        for path, symbols in places:
            if symbols:
                url = self.endpoints.data_stream_url + path
                stream = _Stream(self.credentials, url, symbols, on_bar, connected)
                self._streams.append(stream)
                stream.start()

    def begin_anew(self) -> None:
        """Cut every stream; each connects again by itself."""
        for stream in self._streams:
            stream.begin_anew()

    def stop(self) -> None:
        """Stream no more."""
        for stream in self._streams:
            stream.stop()
        self._streams.clear()

    def close(self) -> None:
        """Stream no more, and begin no call any more."""
        self.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, call: Callable[[], Answer]) -> Answer:
        future = asyncio.get_running_loop().run_in_executor(self._threads, call)
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await future
        except TimeoutError:
            raise ProviderFailed(f"no answer within {DEADLINE_S:g} s") from None

    def _parted(self) -> tuple[list[str], list[str]]:
        pairs = [symbol for symbol in self.symbols if is_pair(symbol)]
        return pairs, [each for each in self.symbols if not is_pair(each) and not is_option(each)]

    # --- blocking: in threads -----------------------------------------------------------------

    def _instruments(self) -> list[Instrument]:
        from tidegate_market_data.adapters.live.alpaca.clients import Assets

        keys = self.credentials.revealed()
        client = Assets(*keys, url_override=self.endpoints.base_url, raw_data=True)

        def asset(symbol: str) -> Document:
            found: Document = _asked(f"asset {symbol}", partial(client.get, _asset(symbol)))
            return found

        pairs, shares = self._parted()
        found = [self.listings.pair(asset(symbol)) for symbol in pairs]
        hours = _hours(client) if len(pairs) < len(self.symbols) else Hours()
        self._sessions = hours.extended if self.extended and hours.extended else hours.regular
        hours = hours.not_over_at(time.time_ns() - NS_PER_DAY)
        found += [self.listings.share(asset(symbol), hours) for symbol in shares]
        for symbol in self.unstreamed:
            listed = _contract(client, symbol)
            found.append(contract_of(self.listings.feed, listed, hours.regular))
        return found

    def _with_greeks(self) -> dict[str, Instrument]:
        """Return the options with their newest Greeks."""
        from alpaca.data.enums import OptionsFeed
        from alpaca.data.requests import OptionSnapshotRequest

        from tidegate_market_data.adapters.live.alpaca.clients import OptionSnapshots

        keys, url = self.credentials.revealed(), self.endpoints.data_url
        client = OptionSnapshots(*keys, url_override=url, raw_data=True)
        wanted = OptionSnapshotRequest(
            symbol_or_symbols=list(self.unstreamed), feed=OptionsFeed(FEEDS[self.tape])
        )
        told = _asked("option snapshots", lambda: client.get_option_snapshot(wanted))
        return {
            symbol: replace(self._known[symbol], greeks=greeks_of(told.get(symbol)))
            for symbol in self.unstreamed
        }

    def _history(self, symbols: Sequence[str], from_ns: int, to_ns: int) -> list[Bar]:
        from alpaca.data.enums import DataFeed
        from alpaca.data.requests import CryptoBarsRequest, OptionBarsRequest, StockBarsRequest
        from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

        from tidegate_market_data.adapters.live.alpaca.clients import (
            CryptoHistory,
            OptionHistory,
            StockHistory,
        )

        keys, url = self.credentials.revealed(), self.endpoints.data_url
        start, end, minute = _moment(from_ns), _moment(to_ns), TimeFrame(1, TimeFrameUnit.Minute)
        pairs = [symbol for symbol in symbols if is_pair(symbol)]
        options = [symbol for symbol in symbols if is_option(symbol)]
        shares = [each for each in symbols if not is_pair(each) and not is_option(each)]
        raw: dict[str, list[Document]] = {}
        if pairs:
            crypto = CryptoHistory(*keys, url_override=url, raw_data=True)
            wanted = CryptoBarsRequest(
                symbol_or_symbols=pairs, timeframe=minute, start=start, end=end
            )
            raw |= _asked("bars", lambda: crypto.get_crypto_bars(wanted))
        if shares:
            stocks = StockHistory(*keys, url_override=url, raw_data=True)
            asked = StockBarsRequest(
                symbol_or_symbols=shares,
                timeframe=minute,
                start=start,
                end=end,
                feed=DataFeed(self.tape),
            )
            raw |= _asked("bars", lambda: stocks.get_stock_bars(asked))
        if options:
            contracts = OptionHistory(*keys, url_override=url, raw_data=True)
            listed = OptionBarsRequest(
                symbol_or_symbols=options, timeframe=minute, start=start, end=end
            )
            raw |= _asked("bars", lambda: contracts.get_option_bars(listed))
        closed_ns = min(to_ns, time.time_ns() - TIMEFRAME_NS + 1)
        return [
            bar
            for symbol in sorted(raw)
            for bar in (self._bar(symbol, each, _text_ns(each)) for each in raw[symbol] or ())
            if from_ns <= bar.start_ns < closed_ns and self._is_given(bar)
        ]

    def _is_given(self, bar: Bar) -> bool:
        """Tell whether a bar belongs to the sessions that this feed gives."""
        return is_pair(bar.symbol) or is_option(bar.symbol) or is_in(self._sessions, bar.start_ns)

    def _streamed(self, raw: Document) -> Bar:
        stamp: Any = raw.get("t")
        if not hasattr(stamp, "to_unix_nano"):
            raise ProviderFailed(f"expected t as a bar's time, found {type(stamp).__name__}")
        symbol = raw.get("S")
        if not isinstance(symbol, str):
            raise ProviderFailed(f"expected S as a bar's symbol, found {type(symbol).__name__}")
        return self._bar(symbol, raw, stamp.to_unix_nano())

    def _bar(self, symbol: str, raw: Document, start_ns: int) -> Bar:
        instrument = self._known.get(symbol)
        if instrument is None:
            raise ProviderFailed(f"expected a bar of {', '.join(self.symbols)}, found {symbol}")
        for name in NUMBERS:
            if raw.get(name) is None:
                raise ProviderFailed(f"expected {name} in a bar of {symbol}, found none")
        prices = [raw[name] for name in NUMBERS[:-1]]
        volume = number_of(raw["v"], "volume") * units_of(symbol)
        return bar_of(instrument, (start_ns, TIMEFRAME_NS), prices, volume)


class _Stream:
    """One connection, in a thread that lives until it is stopped."""

    def __init__(
        self,
        credentials: Credentials,
        url: str,
        symbols: Sequence[str],
        on_bar: Callable[[Document], None],
        connected: Connected,
    ) -> None:
        self._credentials = credentials
        self._url = url
        self._symbols = symbols
        self._on_bar = on_bar
        self._connected = connected
        self._stream: BarStream | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alpaca-bars", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def begin_anew(self) -> None:
        if self._stream is not None:
            self._stream.begin_anew()

    def stop(self) -> None:
        self._stopping.set()
        if self._stream is not None:
            self._stream.end()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        from tidegate_market_data.adapters.live.alpaca.bar_stream import BarStream

        while not self._stopping.is_set():
            keys = self._credentials.revealed()
            self._stream = BarStream(keys, self._url, self._hear, self._listening)
            self._stream.want(self._symbols)
            try:
                self._stream.run()
            except Exception as error:  # noqa: BLE001 - the thread must not end: begin anew
                LOG.warning("the stream ended", error=repr(error))
            self._stopping.wait(RESTART_S)

    def _hear(self, raw: Document) -> None:
        if not self._stopping.is_set():
            self._on_bar(raw)

    def _listening(self) -> None:
        if not self._stopping.is_set():
            self._connected()


def _asset(symbol: str) -> str:
    return f"/assets/{quote(symbol, safe='')}"


def _contract(client: Assets, symbol: str) -> Document:
    """Return a contract's document; one that has expired may be forgotten there, and not here."""
    try:
        found: Document = _asked(
            f"contract {symbol}", partial(client.get, f"/options/contracts/{symbol}")
        )
    except NotListed:
        expired = expired_contract(symbol, datetime.now(UTC))
        if expired is None:
            raise
        return expired
    return found


def _hours(client: Assets) -> Hours:
    today = datetime.now(UTC).date()
    query = {"start": str(today - timedelta(DAYS_BACK)), "end": str(today + timedelta(DAYS_AHEAD))}
    days = _asked("the calendar", lambda: client.get("/calendar", query))
    if not days:
        raise ProviderFailed(f"expected trading days in the calendar {query}, found none")
    return hours_of(days)


def _asked(what: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return an answer; how else it can end is one of ours, and shows no key."""
    from requests.exceptions import HTTPError, RequestException

    try:
        return call()
    except HTTPError as error:
        status = 0 if error.response is None else error.response.status_code
        if status == NOT_FOUND:
            raise NotListed(f"Alpaca knows no {what}: see its list of assets") from None
        raise ProviderFailed(f"Alpaca answered {status} for {what}") from None
    except (RequestException, ValueError) as error:
        raise ProviderFailed(f"{type(error).__name__} for {what}") from None


def _moment(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // NS_PER_SECOND, UTC)


def _text_ns(raw: Document) -> int:
    try:
        return parse_time(str(raw.get("t")))[0]
    except TimeError:
        raise ProviderFailed(f"expected t as a bar's time, found {raw.get('t')!r}") from None
