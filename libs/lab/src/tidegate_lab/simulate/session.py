"""The session of a simulated hour: three symbols, three strategies, one account, seeded bars."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from hashlib import blake2b
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_chassis.configuration.models import (
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_contracts.market import AssetClass, Instrument
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_lab.simulate import options
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_signals.core.machine import SignalsMachine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pydantic import JsonValue

    from tidegate_kernel.machine import Effect, Event

SPEED = 120.0
"""Seconds of the session per second of the wall: an hour of bars passes in a minute."""
BARS = 60
SYMBOLS = ("AAA", "BBB", "CCC")
PRICE_SCALE = 2
TIMEFRAME_NS = 60 * NS_PER_SECOND
FIRST_NS = 1_767_362_400_000_000_000
"""Start of the first bar: 2026-01-02 14:00 UTC."""
TWICE_OF_256 = 16
"""How many of 256 signals are said twice."""
OPEN_POSITIONS_MAX = 2
CAPITAL = Decimal(100_000)
POSITION_FRACTION = Decimal("0.12")
SYMBOL_EXPOSURE_MAX = Decimal("0.30")
BREAKERS: dict[str, JsonValue] = {
    "ramp_s": 300,
    "cooldown": {"losses": 4, "pause_s": 180},
    "losing_streak": {"losses_max": 12},
    "unreconciled": {"grace_s": 6 * SPEED},
}
"""Breakers that trip in some hours and let the others trade; a restart takes its wall time."""


WHOLE = (None, None, EntryConfiguration(style="limit", offset="15bps"))
SLICED = (
    EntryConfiguration(style="market", algorithm="twap", over="5m", slices=10),
    EntryConfiguration(
        style="market", algorithm="vwap", over="10m", participation=Decimal("0.005")
    ),
    EntryConfiguration(style="limit", offset="15bps", algorithm="iceberg", display=Decimal("0.3")),
)
"""How the entries of the three strategies are placed."""
NEAR: dict[str, JsonValue] = {
    "stop_range_bars": 3,
    "stop_range_multiple": "1",
    "take_profit_range_multiple": "1.5",
}
"""Exits that are reached within the hour."""
OF_OPTIONS: dict[str, JsonValue] = {
    "open_positions_max": options.OPEN_POSITIONS_MAX,
    "option_delta_max_fraction": str(options.DELTA_MAX),
    "option_loss_max_fraction": str(options.LOSS_MAX),
}
"""Limits that orders with legs meet within the hour."""

DIVIDENDS: list[JsonValue] = [
    {"symbol": symbol, "ex": f"2026-01-02T14:{minute}:00Z", "amount": "0.07"}
    for minute, symbol in ((12, "AAA"), (21, "BBB"), (30, "CCC"), (39, "AAA"), (48, "BBB"))
]
"""What the venue pays without an order, to whoever holds it then."""


class Stutterer(SignalsMachine):
    """Strategies of which some say a signal twice, as one that lost its memory would."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; every so many signals are said again at once."""
        effects: list[Effect] = []
        for effect in super().handle(event, now_ns):
            effects.append(effect)
            if isinstance(effect, Publish) and isinstance(effect.body, Signal):
                said = f"{effect.body.strategy}/{effect.body.symbol}/{effect.body.event_at_ns}"
                if blake2b(said.encode()).digest()[0] < TWICE_OF_256:
                    effects.append(effect)
        return effects


@cache
def session_of(
    *,
    ids_unique_for_ever: bool,
    protected: bool = False,
    sliced: bool = False,
    legged: bool = False,
) -> Session:
    """Return the session; the venue's ids count for ever, or only while their order is open.

    ``protected``: what an entry fills gets a near stop and a near target. ``sliced``: every entry
    is sent in slices, each strategy's by another algorithm. ``legged``: a person trades options.
    """
    fast, slow, patient = SLICED if sliced else WHOLE
    return Session(
        name="sim",
        clock="wall",
        speed=SPEED,
        capital=Money(amount=CAPITAL),
        feed=FeedConfiguration(paths=("simulated",)),
        symbols=SYMBOLS,
        strategies=(
            StrategyConfiguration(
                name="fast", strategy="ema-crossover", parameters={"fast": 2, "slow": 4}, entry=fast
            ),
            StrategyConfiguration(
                name="slow", strategy="ema-crossover", parameters={"fast": 4, "slow": 8}, entry=slow
            ),
            StrategyConfiguration(
                name="patient",
                strategy="ema-crossover",
                parameters={"fast": 3, "slow": 5},
                entry=patient,
            ),
        ),
        limits={
            "position_fraction": str(POSITION_FRACTION),
            "order_notional_max_fraction": "0.25",
            "symbol_exposure_max_fraction": str(SYMBOL_EXPOSURE_MAX),
            "open_positions_max": OPEN_POSITIONS_MAX,
            "daily_loss_max_percent": "5",
            "breakers": BREAKERS,
            **(NEAR if protected else {}),
            **(OF_OPTIONS if legged else {}),
        },
        venue={
            "fee_bps": "1",
            "volume_share": "0.1",
            "ids_unique_for_ever": ids_unique_for_ever,
            "protective_exits": "bracket" if protected else "none",
            "carry": {"dividends": DIVIDENDS},
        },
    )


def dataset_of(seed: int, *, legged: bool = False, whole: bool = False) -> Dataset:
    """Return the bars of an hour: three walks that are pulled back, so that averages cross.

    ``legged``: those of options beside them. ``whole``: only whole units are traded.
    """
    random = Random(seed)
    rows: list[tuple[int, str, list[int]]] = []
    prices = [10_000 + 500 * code for code in range(len(SYMBOLS))]
    for minute in range(BARS):
        for code, price in enumerate(prices):
            middle = 10_000 + 500 * code
            closed = max(1, price + round(random.gauss((middle - price) * 0.2, 60)))
            high = max(price, closed) + random.randrange(15)
            low = min(price, closed) - random.randrange(15)
            volume = random.randrange(200, 8_000) * 100
            rows.append((minute, SYMBOLS[code], [price, high, low, closed, volume]))
            prices[code] = closed
    if legged:
        underlying = [(v[0], v[3]) for _, symbol, v in rows if symbol == options.UNDERLYING]
        rows = sorted([*rows, *options.bars_of(seed, underlying)], key=itemgetter(0, 1))
    described = instruments(legged=legged, whole=whole)
    places = {each.symbol: place for place, each in enumerate(described)}
    starts = [FIRST_NS + minute * TIMEFRAME_NS for minute, _, _ in rows]
    codes = np.array([places[symbol] for _, symbol, _ in rows], dtype=np.int32)
    columns = [np.array([values for _, _, values in rows], dtype=np.int64).T]
    if legged:
        columns += [np.array([options.greeks_of(symbol) for _, symbol, _ in rows], np.int64).T]
    values: NDArray[np.int64] = np.vstack((np.array(starts, dtype=np.int64), *columns))
    return Dataset("replay-sim", TIMEFRAME_NS, described, codes, values)


@cache
def instruments(*, legged: bool = False, whole: bool = False) -> tuple[Instrument, ...]:
    """Return the three instruments, with the options on one of them beside it."""
    lot = Decimal(1) if whole else Decimal("0.01")
    shares = tuple(
        Instrument(
            feed="replay-sim",
            venue="sim",
            symbol=symbol,
            asset_class=AssetClass.CRYPTO,
            base_currency=symbol,
            quote_currency="USD",
            price_scale=PRICE_SCALE,
            size_scale=2,
            tick_size=Decimal("0.01"),
            lot_size=lot,
            min_quantity=lot,
            min_notional=Decimal(1),
            tradable=True,
        )
        for symbol in SYMBOLS
    )
    calls = options.instruments_like(shares[0]) if legged else ()
    return (*shares[:1], *calls, *shares[1:])
