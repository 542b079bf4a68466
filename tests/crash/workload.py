"""What the instances of this folder play: the last days of the packaged stocks."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import msgspec

from tidegate_chassis.configuration import dump
from tidegate_cli.demo.wanted import Wanted, configuration_of
from tidegate_contracts.market import Bar
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.demo_data import PRICE_SCALE, demo_dataset

# Short periods trade often; one strategy leaves limit orders resting at the venue.
STRATEGIES = (
    "ema-crossover:fast=4,slow=9",
    "donchian-breakout:entry=10,exit=5",
    "donchian-breakout:entry=6,exit=3,entry.style=limit",
)


class Span(msgspec.Struct, frozen=True):
    """First and last event time of the data."""

    first_ns: int
    last_ns: int

    def share(self, instant_ns: int) -> float:
        """Return how much of it has been played."""
        return (instant_ns - self.first_ns) / (self.last_ns - self.first_ns)


def write_bars(path: Path, instants: int) -> Span:
    """Write the last instants of the packaged data as a CSV file; return their span."""
    batches = list(demo_dataset(feed="replay-crash").batches())[-instants:]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("timestamp", "symbol", "open", "high", "low", "close", "volume"))
        for bar in (bar for batch in batches for bar in batch.bars):
            prices = [plain(Decimal(each).scaleb(-PRICE_SCALE)) for each in _prices(bar)]
            rows.writerow((format_time(bar.start_ns), bar.symbol, *prices, bar.volume))
    return Span(batches[0].instant_ns, batches[-1].instant_ns)


def _prices(bar: Bar) -> tuple[int, int, int, int]:
    return bar.open, bar.high, bar.low, bar.close


def configuration(bars: Path, strategies: tuple[str, ...] = STRATEGIES) -> str:
    """Return the configuration of a demo in lockstep over a file of bars."""
    return dump(configuration_of(Wanted(data=(bars,), strategies=strategies)))
