"""A feed that makes a strategy change its mind at every second bar, and the session that trades it.

One symbol, bars of one second. Closes go up for two bars and down for two; a fast average of one
bar crosses a slow one of two bars with every turn. An order fills at the next bar's open, before
the next turn. Limits that would refuse so restless a strategy are opened; all are still asked.
"""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.sessions import CAPITAL, SESSION

from tidegate_chassis.configuration import FeedConfiguration, Session, StrategyConfiguration

START_S = 1_700_000_000
BARS_PER_ORDER = 2
_LEVELS = (100.00, 100.05, 100.10, 100.05)


def write_feed(path: Path, bars: int) -> None:
    """Write the bars as CSV."""
    lines = ["timestamp,symbol,open,high,low,close,volume"]
    for index in range(bars):
        opened, closed = _LEVELS[index % 4], _LEVELS[(index + 1) % 4]
        high, low = max(opened, closed), min(opened, closed)
        lines.append(
            f"{START_S + index},PACED,{opened:.2f},{high:.2f},{low:.2f},{closed:.2f},1000000"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def paced_session(path: Path, bars_per_s: float) -> Session:
    """Return the session: wall clock, ``bars_per_s`` seconds of feed time per second."""
    return Session(
        name=SESSION,
        clock="wall",
        speed=bars_per_s,
        capital=CAPITAL,
        feed=FeedConfiguration(paths=(str(path),)),
        strategies=(
            StrategyConfiguration(
                name="restless", strategy="ema-crossover", parameters={"fast": 1, "slow": 2}
            ),
        ),
        limits={
            "duplicate_window_s": 0.001,
            "price_age_max_bars": 100,
            "rate_orders_max": 100_000,
            "daily_loss_max_percent": "50",
        },
        venue={"orders_per_minute_max": 100_000, "fee_bps": "0", "slippage_bps": "0"},
    )
