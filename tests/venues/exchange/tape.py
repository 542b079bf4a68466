"""Bars and trades that a venue has published: what its streams send and its history answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

NS_PER_MINUTE = 60_000_000_000


@dataclass(frozen=True)
class PublishedBar:
    """One closed bar of a symbol."""

    symbol: str
    start_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    length_ns: int = NS_PER_MINUTE
    trades: int = 1

    @classmethod
    def of(
        cls, symbol: str, start_ns: int, prices: tuple[str, str, str, str], volume: str = "1"
    ) -> PublishedBar:
        """Make a one-minute bar from text: open, high, low, close."""
        first, high, low, last = (Decimal(each) for each in prices)
        return cls(symbol, start_ns, first, high, low, last, Decimal(volume))


@dataclass(frozen=True)
class PublishedTrade:
    """One trade of others."""

    symbol: str
    at_ns: int
    price: Decimal
    quantity: Decimal
    number: int
    buyer_took: bool = True


Reader = Callable[[PublishedBar | PublishedTrade], None]


@dataclass
class Tape:
    """What has been published, in order."""

    bars: dict[str, list[PublishedBar]] = field(default_factory=dict)
    trades: list[PublishedTrade] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def bar(self, bar: PublishedBar, *, silent: bool = False) -> None:
        """Publish a bar; a silent one is only in the history, as if the stream had missed it."""
        with self.lock:
            self.bars.setdefault(bar.symbol, []).append(bar)
            if not silent:
                self._tell(bar)

    def trade(self, trade: PublishedTrade) -> None:
        """Publish a trade."""
        with self.lock:
            self.trades.append(trade)
            self._tell(trade)

    def history(self, symbol: str, start_ns: int, end_ns: int) -> list[PublishedBar]:
        """Return the bars that start in a stretch of time, in its order."""
        with self.lock:
            found = [
                each for each in self.bars.get(symbol, ()) if start_ns <= each.start_ns <= end_ns
            ]
            return sorted(found, key=lambda each: each.start_ns)

    def _tell(self, published: PublishedBar | PublishedTrade) -> None:
        for reader in self.readers:
            reader(published)
