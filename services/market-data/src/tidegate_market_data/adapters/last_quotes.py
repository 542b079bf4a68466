"""The last price of every instrument: in this process, and in Valkey when there is one.

What lies here may be lost; the truth is in the stream. The process answers from its own memory;
after a restart, until the next bar, it answers from Valkey. A Valkey that does not answer costs
only that, so it is logged once and tried again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from tidegate_contracts.market import Bar, Instrument
from tidegate_kernel.money import plain, to_decimal
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = structlog.get_logger("last_quotes")
WRITE_INTERVAL_S = 0.5
KEPT_S = 7 * 86_400

Document = dict[str, Any]
Key = tuple[str, str]
"""A feed and a symbol."""


class LastQuotes:
    """What was published last; fed by every published instrument and bar."""

    def __init__(self) -> None:
        self._instruments: dict[tuple[str, str, str], Instrument] = {}
        self._last: dict[Key, Bar] = {}
        self._changed: set[Key] = set()

    def observe(self, body: object) -> None:
        """Remember an instrument's units, or a bar's close."""
        if isinstance(body, Bar):
            key = (body.feed, body.symbol)
            self._last[key] = body
            self._changed.add(key)
        elif isinstance(body, Instrument):
            self._instruments[body.feed, body.venue, body.symbol] = body

    def know(self, instruments: tuple[Instrument, ...]) -> None:
        """Learn the units of instruments that were published before this process started."""
        for instrument in instruments:
            self.observe(instrument)

    def find(self, feed: str, symbol: str) -> Document | None:
        """Return the last quote as a document, or None when nothing was published yet."""
        bar = self._last.get((feed, symbol))
        return None if bar is None else self._document(bar)

    def take_changed(self) -> dict[Key, Document]:
        """Return what has changed since the last call."""
        changed, self._changed = self._changed, set()
        return {key: self._document(self._last[key]) for key in sorted(changed)}

    def _document(self, bar: Bar) -> Document:
        instrument = self._instruments[bar.feed, bar.venue, bar.symbol]
        return {
            "feed": bar.feed,
            "venue": bar.venue,
            "symbol": bar.symbol,
            "kind": "bar_close",
            "price": plain(to_decimal(bar.close, instrument.price_scale)),
            "volume": plain(to_decimal(bar.volume, instrument.size_scale)),
            "at": format_time(bar.end_ns),
            "at_ns": bar.end_ns,
        }


class QuoteStore:
    """Valkey's copy of the last quotes."""

    def __init__(self, url: str) -> None:
        import redis.asyncio

        self._client = redis.asyncio.Redis.from_url(url, socket_timeout=2.0)
        self._failed = False

    async def write_changed(self, quotes: LastQuotes) -> None:
        """Keep what changed since the last time for a week; what cannot be kept is lost."""
        import redis

        changed = quotes.take_changed()
        if not changed:
            return
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for key, document in changed.items():
                    pipeline.set(_name(key), msgspec.json.encode(document), ex=KEPT_S)
                await pipeline.execute()
            self._failed = False
        except redis.RedisError as error:
            self._say(error)

    async def read(self, feed: str, symbol: str) -> Document | None:
        """Return what was kept, or None; also when Valkey does not answer."""
        import redis

        try:
            kept = await self._client.get(_name((feed, symbol)))
        except redis.RedisError as error:
            self._say(error)
            return None
        return None if kept is None else msgspec.json.decode(kept)

    def start(self, quotes: LastQuotes) -> Callable[[], None]:
        """Write what changes, twice a second, until the returned function is called."""
        task = asyncio.get_running_loop().create_task(self._keep_writing(quotes))
        return lambda: _cancel(task)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _keep_writing(self, quotes: LastQuotes) -> None:
        while True:
            await asyncio.sleep(WRITE_INTERVAL_S)
            await self.write_changed(quotes)

    def _say(self, error: Exception) -> None:
        if not self._failed:
            LOG.warning("last quotes are not kept in Valkey", error=repr(error))
        self._failed = True


def _name(key: Key) -> str:
    return f"tidegate:last_quote:{key[0]}:{key[1]}"


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
