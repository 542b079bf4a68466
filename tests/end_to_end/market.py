"""Made-up daily bars: a seeded random walk that is pulled back to where it began.

Prices swing by a few percent a day, so that strategies with short memories change their minds
every few bars and limits below the close are sometimes reached.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2001, 1, 1, tzinfo=UTC)
START_PRICE = 100.0
PULL = 0.05
SWING = 0.02


def write_bars(folder: Path, symbols: int, days: int) -> Path:
    """Write one CSV file with so many symbols and days; the same ones every time."""
    chance = random.Random(20010101)
    prices = {f"SYM{number}": START_PRICE for number in range(symbols)}
    lines = ["timestamp,symbol,open,high,low,close,volume"]
    for day in range(days):
        start = (FIRST_DAY + timedelta(days=day)).isoformat()
        for symbol, opened in prices.items():
            closed = _next_price(opened, chance)
            high = max(opened, closed) * (1 + chance.uniform(0, SWING / 2))
            low = min(opened, closed) * (1 - chance.uniform(0, SWING / 2))
            values = ",".join(f"{value:.2f}" for value in (opened, high, low, closed))
            lines.append(f"{start},{symbol},{values},1000000")
            prices[symbol] = round(closed, 2)
    path = folder / "bars.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _next_price(price: float, chance: random.Random) -> float:
    return price + PULL * (START_PRICE - price) + chance.gauss(0, SWING * START_PRICE)
