"""Builders for tests of this service and of those that read its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Signal
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_DAY, parse_time
from tidegate_signals.config import entry_of
from tidegate_signals.core.machine import SignalsMachine, SignalsParameters, StrategyInstance
from tidegate_signals.core.strategies import definition_of, parse_strategy
from tidegate_signals.core.strategies.definition import Strategy
from tidegate_signals.core.wish import Wish

if TYPE_CHECKING:
    from tidegate_signals.core.entry import Entry

FEED = "replay-demo"
START_NS = parse_time("2024-01-01T00:00:00Z")[0]


def instrument(symbol: str = "AAPL", **changes: Any) -> Instrument:  # noqa: ANN401 - its fields
    """Return an instrument with two places for prices."""
    fields: dict[str, Any] = {"feed": FEED, "venue": "paper", "symbol": symbol, "price_scale": 2}
    return Instrument(**(fields | changes))


def bar(day: int, close: int, symbol: str = "AAPL", **changes: Any) -> Bar:  # noqa: ANN401
    """Return a daily bar that closes at ``close`` cents, with high and low 50 cents away."""
    start_ns = START_NS + day * NS_PER_DAY
    fields: dict[str, Any] = {
        "feed": FEED,
        "venue": "paper",
        "symbol": symbol,
        "timeframe_ns": NS_PER_DAY,
        "start_ns": start_ns,
        "end_ns": start_ns + NS_PER_DAY,
        "open": close,
        "high": close + 50,
        "low": close - 50,
        "close": close,
        "volume": 1_000,
    }
    return Bar(**(fields | changes))


def needed_by(strategy: str) -> dict[str, str]:
    """Return the parameters without which a strategy cannot be, for AAPL."""
    if strategy != "vertical-spread":
        return {}
    return {"bought": "AAPL991217C00190000", "sold": "AAPL991217C00200000"}


def started(text: str) -> Strategy:
    """Return a strategy on AAPL, named as on the command line."""
    name, given, _ = parse_strategy(text)
    definition = definition_of(name)
    return definition.start(definition.parse(given), instrument())


def wishes(strategy: Strategy, closes: list[int]) -> dict[int, Wish]:
    """Give a strategy daily bars; return its wishes by day."""
    found = ((day, strategy.update(bar(day, close))) for day, close in enumerate(closes))
    return {day: wish for day, wish in found if wish is not None}


def parameters(*texts: str, symbols: tuple[str, ...] = ()) -> SignalsParameters:
    """Return a session's parameters; its instances are called s0, s1 and so on."""
    parsed = [parse_strategy(text) for text in texts or ("ema-crossover:fast=2,slow=3",)]
    return SignalsParameters(
        session="demo",
        feed=FEED,
        symbols=symbols,
        strategies=tuple(
            StrategyInstance(
                name=f"s{place}",
                strategy=each.strategy,
                parameters=each.parameters,
                entry=_entry(each.entry),
            )
            for place, each in enumerate(parsed)
        ),
    )


def _entry(given: dict[str, Any]) -> Entry | None:
    return entry_of(EntryConfiguration.model_validate(given)) if given else None


def signals(machine: SignalsMachine, *bars: Bar) -> list[Signal]:
    """Give a machine bars; return the signals that it publishes."""
    return [
        effect.body
        for each in bars
        for effect in machine.handle(each, each.end_ns)
        if isinstance(effect, Publish) and isinstance(effect.body, Signal)
    ]
