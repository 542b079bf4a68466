"""From a live source into the feed's journal.

1. Only who leads the feed's shard streams: a venue allows one connection.
2. Instruments first, and again and again: ticks, hours, Greeks and what is tradable change.
3. Whenever a connection begins to listen, the venue's history is asked for what came since the
   last published bar, or for the warm-up of a symbol that has none. So a restart leaves no gap.
4. A bar that is later than the next one expected waits until history was asked for those between.
   If the venue does not answer, it goes on marked ``gap_before``.
5. A symbol that was silent for two bars is looked up in history. What is found there and was not
   streamed proves the stream mute: it is connected anew. What is not there was not traded.
6. What a venue does not stream is looked up whenever a bar must have closed.
7. Bars go into the journal oldest first, all symbols of an instant in one call under an id made of
   their content: handed in again, they are answered and not handled again.
"""

from __future__ import annotations

import asyncio
import time
from itertools import groupby
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from tidegate_contracts.market import Bar, FeedBatch, FeedState, FeedStatus
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_market_data.adapters.live.provider import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_kernel.machine import Body
    from tidegate_market_data.adapters.live.led import Led
    from tidegate_market_data.adapters.live.provider import Provider
    from tidegate_market_data.config import LiveSettings
    from tidegate_market_data.core.live_feed import LiveFeedMachine

LOG = structlog.get_logger("live")
LOOK_S = 1.0
RETRY_S = 2.0
RETRY_MAX_S = 30.0
# After so many bars' lengths of silence a symbol is looked up.
SILENCE_BARS = 2
FILL_BARS_MAX = 5_000
# A venue's history has a bar so long after it has closed.
HISTORY_LAG_NS = 10 * NS_PER_SECOND


class LiveFeed:
    """One feed's source at work."""

    def __init__(self, shard: Led, provider: Provider, settings: LiveSettings) -> None:
        self.feed = settings.feed
        self.symbols = settings.symbols
        self.timeframe_ns = settings.timeframe_ns
        self.reason = "not connected yet"
        # Silent symbols are looked up no more often than this.
        self.look_every_ns = settings.timeframe_ns
        self._shard = shard
        self._provider = provider
        self._warmup_bars = settings.source.warmup_bars
        self._heard: asyncio.Queue[Bar | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        # When instruments, and the history of what was missed, are to be asked for.
        self._instruments_s = 0.0
        self._missed_s: float | None = None
        self._looked_ns = 0
        # The newest bar's end up to which history was asked for what is not streamed.
        self._asked_ns = 0
        # Before the first connection listens, silence proves nothing.
        self._listened = False

    @property
    def leads(self) -> bool:
        """Whether this process leads the feed's shard."""
        return self._shard.machine is not None

    async def run(self) -> None:
        """For ever: stream while this process leads the shard."""
        while True:
            if not self.leads:
                await asyncio.sleep(LOOK_S / 5)
                continue
            try:
                await self._serve()
            except ConnectionAbortedError as error:
                LOG.info("the shard is opened anew", feed=self.feed, error=str(error))
            finally:
                await asyncio.to_thread(self._provider.stop)

    def close(self) -> None:
        """Let go of the source."""
        self._provider.close()

    async def _serve(self) -> None:
        await self._until_listed()
        while not self._heard.empty():
            self._heard.get_nowait()
        self._listened = False
        self._provider.listen(self._hear, self._connected)
        while self.leads:
            try:
                async with asyncio.timeout(LOOK_S):
                    heard = await self._heard.get()
            except TimeoutError:
                await self._look()
            else:
                await self._take(heard)

    def _hear(self, bar: Bar) -> None:
        self._loop.call_soon_threadsafe(self._heard.put_nowait, bar)

    def _connected(self) -> None:
        self._loop.call_soon_threadsafe(self._heard.put_nowait, None)

    async def _until_listed(self) -> None:
        wait_s = RETRY_S
        while self.leads and not await self._list():
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_MAX_S)

    async def _list(self) -> bool:
        """Ask for the instruments and hand them in; tell whether the venue answered."""
        try:
            instruments = await self._provider.instruments()
        except ProviderError as error:
            self._say(f"no instruments: {error}")
            return False
        self._instruments_s = time.monotonic() + self._provider.instruments_every_s
        for instrument in instruments:
            await self._call(f"instrument:{instrument.symbol}:{time.time_ns()}", instrument)
        return True

    def _say(self, reason: str) -> None:
        if reason != self.reason:
            LOG.warning("the feed stands", feed=self.feed, reason=reason)
        self.reason = reason

    # --- bars ---------------------------------------------------------------------------------

    async def _take(self, heard: Bar | None) -> None:
        """Take what the stream said: a bar, or that it listens."""
        if heard is None:
            self._listened = True
            await self._fill(self.symbols)
            return
        last = self._last(heard.symbol)
        if last is not None and heard.start_ns <= last.start_ns:
            return
        if last is None or heard.start_ns > last.end_ns:
            filled = await self._fill([heard.symbol], until_ns=heard.start_ns)
            heard = heard if filled or last is None else replace(heard, gap_before=True)
        await self._hand_in([heard])
        await self._tell(FeedState.RESUMED, "bars are streamed")

    async def _fill(self, symbols: Sequence[str], until_ns: int = 0) -> bool:
        """Hand in what history holds and was not published; tell whether the venue answered."""
        closed_ns = until_ns or time.time_ns() // self.timeframe_ns * self.timeframe_ns
        found: list[Bar] = []
        try:
            for from_ns, group in self._missing(symbols, closed_ns):
                found += await self._provider.history(group, from_ns, closed_ns)
        except ProviderError as error:
            self._say(f"no history: {error}")
            self._missed_s = time.monotonic() + RETRY_S
            await self._tell(FeedState.STALE, "history does not answer")
            return False
        if not until_ns:
            self._missed_s = None
            self.reason = ""
        await self._hand_in(bar for bar in found if self._is_new(bar))
        return True

    def _missing(self, symbols: Sequence[str], until_ns: int) -> list[tuple[int, list[str]]]:
        """Return from when bars are missing, with the symbols that this concerns."""
        starts: dict[int, list[str]] = {}
        for symbol in symbols:
            last = self._last(symbol)
            bars = self._warmup_bars if last is None else FILL_BARS_MAX
            from_ns = self._provider.begins_ns(symbol, until_ns, bars)
            from_ns = from_ns if last is None else max(from_ns, last.end_ns)
            if from_ns < until_ns:
                starts.setdefault(from_ns, []).append(symbol)
        return sorted(starts.items())

    def _last(self, symbol: str) -> Bar | None:
        """Return the last bar that was published: what the journal holds is the truth."""
        return self._machine.last_bar(symbol)

    @property
    def _machine(self) -> LiveFeedMachine:
        machine = self._shard.machine
        if machine is None:
            raise ConnectionAbortedError(f"{self.feed} is led no more")
        return machine

    def _is_new(self, bar: Bar) -> bool:
        last = self._last(bar.symbol)
        return last is None or bar.start_ns > last.start_ns

    async def _hand_in(self, bars: Iterable[Bar]) -> None:
        ordered = sorted(bars, key=lambda bar: (bar.end_ns, bar.symbol))
        for end_ns, group in groupby(ordered, key=lambda bar: bar.end_ns):
            batch = FeedBatch(feed=self.feed, instant_ns=end_ns, bars=tuple(group))
            symbols = ",".join(bar.symbol for bar in batch.bars)
            await self._call(f"bars:{end_ns}:{symbols}", batch)

    async def _tell(self, state: FeedState, detail: str) -> None:
        known = self._machine.state
        resumed = state is FeedState.RESUMED
        if known is state or (resumed and known is not FeedState.STALE):
            return
        status = FeedStatus(feed=self.feed, state=state, detail=detail)
        await self._call(f"status:{state.name}:{time.time_ns()}", status)

    async def _call(self, call_id: str, body: Body) -> None:
        assert self._machine is not None, "led, or it raises"
        await self._shard.call(call_id, body)

    # --- the watchdog -------------------------------------------------------------------------

    async def _look(self) -> None:
        """See whether anything is due: instruments, what was missed, silent symbols."""
        if time.monotonic() > self._instruments_s:
            await self._list()
        if self._missed_s is not None and time.monotonic() > self._missed_s:
            await self._fill(self.symbols)
        now_ns = time.time_ns()
        unstreamed = self._provider.unstreamed
        if unstreamed:
            await self._ask(unstreamed, now_ns)
        streamed = [symbol for symbol in self.symbols if symbol not in unstreamed]
        silent = [symbol for symbol in streamed if self._is_silent(symbol, now_ns)]
        if silent and self._listened and now_ns - self._looked_ns > self.look_every_ns:
            self._looked_ns = now_ns
            await self._look_up(silent)

    async def _ask(self, unstreamed: Sequence[str], now_ns: int) -> None:
        """Ask history for what is not streamed, once for each bar that must have closed."""
        closed_ns = (now_ns - HISTORY_LAG_NS) // self.timeframe_ns * self.timeframe_ns
        if closed_ns <= self._asked_ns:
            return
        self._asked_ns = closed_ns
        if await self._fill(unstreamed) and len(unstreamed) == len(self.symbols):
            await self._tell(FeedState.RESUMED, "history answers")

    def _is_silent(self, symbol: str, now_ns: int) -> bool:
        last = self._last(symbol)
        return last is None or now_ns - last.end_ns > SILENCE_BARS * self.timeframe_ns

    async def _look_up(self, silent: Sequence[str]) -> None:
        before = [self._last(symbol) for symbol in silent]
        if await self._fill(silent) and [self._last(symbol) for symbol in silent] != before:
            LOG.warning("the stream is mute, connecting anew", feed=self.feed, symbols=silent)
            await self._tell(FeedState.STALE, "the stream is mute")
            self._provider.begin_anew()
