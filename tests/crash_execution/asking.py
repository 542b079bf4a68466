"""What people order at each place: every kind of order that strategies do not place by themselves.

Each is the body of a request, made for a price that was just traded. What a person only closes is
refused where nothing is held, and what was passed meanwhile works at once: both may happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Any

from .places import ALPACA, BINANCE, CALL, HIGHER, UNDERLYING

Document = dict[str, Any]


@dataclass(frozen=True)
class Market:
    """One symbol as it is now: its price, how much of it people order, and how far prices move."""

    symbol: str
    price: Decimal
    quantity: str
    step: Decimal
    chance: Random

    def away(self, *steps: str) -> str:
        """Return a price so many steps away, one of some."""
        price = self.price + self.step * Decimal(self.chance.choice(steps))
        return str(price.quantize(Decimal("0.1")))

    def order(self, side: str, kind: str, **more: object) -> Document:
        """Return an order for it."""
        named = {"symbol": self.symbol, "side": side, "quantity": self.quantity}
        return {**named, "order_type": kind, **more}


Ask = Callable[[Market], Document]


def _buy(market: Market) -> Document:
    return market.order("BUY", "MARKET")


def _close(market: Market) -> Document:
    return {**market.order("SELL", "MARKET", reduce_only=True), "quantity": "1000"}


def _rest(market: Market) -> Document:
    return market.order("BUY", "LIMIT", limit_price=market.away("-1", "-3", "-9"))


def _stop(market: Market) -> Document:
    return market.order("BUY", "STOP", trigger_price=market.away("1", "2", "9"))


def _stop_limit(market: Market) -> Document:
    trigger = market.away("1", "2")
    limit = str(Decimal(trigger) + market.step)
    return market.order("BUY", "STOP_LIMIT", trigger_price=trigger, limit_price=limit)


def _trail_percent(market: Market) -> Document:
    percent = market.chance.choice(("0.1", "0.3"))
    return market.order("SELL", "TRAILING_STOP", trail_percent=percent, reduce_only=True)


def _trail_amount(market: Market) -> Document:
    amount = market.chance.choice(("0.5", "1.5"))
    return market.order("SELL", "TRAILING_STOP", trail_amount=amount, reduce_only=True)


def _extended(market: Market) -> Document:
    limit, life = market.away("-1", "0", "2"), market.chance.choice(("DAY", "GTC"))
    return market.order("BUY", "LIMIT", limit_price=limit, time_in_force=life, extended_hours=True)


def _extended_close(market: Market) -> Document:
    more = {"limit_price": market.away("0", "1"), "reduce_only": True, "extended_hours": True}
    return market.order("SELL", "LIMIT", **more)


def _with_stop(market: Market) -> Document:
    return {**_buy(market), "stop_price": market.away("-1", "-2", "-9")}


def _bracket(market: Market) -> Document:
    return {**_with_stop(market), "take_profit_price": market.away("1", "2", "9")}


def _legs(sides: tuple[str, str], **more: object) -> Document:
    pairs = zip((CALL, HIGHER), sides, strict=True)
    legs = [{"symbol": symbol, "side": side, "ratio": 1} for symbol, side in pairs]
    named = {"symbol": UNDERLYING, "side": "BUY", "legs": legs, "time_in_force": "DAY"}
    return {**named, **more}


def _spread(market: Market) -> Document:
    """Offered at 4: it fills, it waits, or it goes to the market."""
    net = market.chance.choice(("4", "4", "3.9", ""))
    priced = {"order_type": "LIMIT", "net_price": net} if net else {"order_type": "MARKET"}
    return _legs(("BUY", "SELL"), quantity=market.quantity, **priced)


def _spread_closed(market: Market) -> Document:
    net = market.chance.choice(("-2", "-2.5"))
    more = {"order_type": "LIMIT", "net_price": net, "reduce_only": True}
    return _legs(("SELL", "BUY"), quantity=market.quantity, **more)


ASKED: Mapping[str, tuple[tuple[str, str, str, Ask], ...]] = MappingProxyType(
    {
        # (symbol, quantity, how far its price moves, what is asked)
        ALPACA.name: (
            ("SPY", "10", "0.2", _buy),
            (UNDERLYING, "300", "0", _spread),
            ("QQQ", "10", "0.2", _extended),
            ("LTC/USD", "0.5", "0.8", _rest),
            ("DIA", "10", "0.2", _with_stop),
            ("BTC/USD", "0.5", "0.8", _buy),
            ("IWM", "10", "0.2", _bracket),
            ("ETH/USD", "0.5", "0.8", _bracket),
            ("SPY", "10", "0.2", _stop),
            ("SOL/USD", "0.5", "0.8", _with_stop),
            ("IWM", "10", "0.2", _bracket),
            ("DIA", "10", "0.2", _with_stop),
            ("BTC/USD", "0.5", "0.8", _stop),
            ("SPY", "5", "0.2", _trail_percent),
            (UNDERLYING, "200", "0", _spread_closed),
            ("BTC/USD", "0.2", "0.8", _trail_percent),
            ("QQQ", "5", "0.2", _extended_close),
            ("SPY", "10", "0.2", _stop_limit),
            ("DIA", "10", "0.2", _with_stop),
            ("IWM", "10", "0.2", _bracket),
            (UNDERLYING, "300", "0", _spread),
            ("BTC/USD", "0.5", "0.8", _stop_limit),
            ("IWM", "10", "0.2", _bracket),
            ("DIA", "10", "0.2", _with_stop),
            ("SPY", "10", "0.2", _rest),
            ("ETH/USD", "0.5", "0.8", _bracket),
            ("SPY", "5", "0.2", _trail_amount),
            ("LTC/USD", "0.5", "0.8", _rest),
            ("IWM", "10", "0.2", _bracket),
            ("DIA", "10", "0.2", _with_stop),
            ("BTC/USD", "0.5", "0.8", _rest),
            ("DIA", "10", "0.2", _close),
            ("QQQ", "10", "0.2", _extended),
            ("IWM", "10", "0.2", _close),
            ("SOL/USD", "0.5", "0.8", _close),
            ("SPY", "10", "0.2", _close),
        ),
        BINANCE.name: (
            ("BTC/USDT:USDT", "0.5", "0.8", _buy),
            ("SOL/USDT:USDT", "0.5", "0.8", _rest),
            ("ETH/USDT:USDT", "0.5", "0.8", _with_stop),
            ("LTC/USDT:USDT", "0.5", "0.8", _bracket),
            ("BTC/USDT:USDT", "0.5", "0.8", _stop),
            ("BTC/USDT:USDT", "0.2", "0.8", _trail_percent),
            ("BTC/USDT:USDT", "0.5", "0.8", _stop_limit),
            ("ETH/USDT:USDT", "0.5", "0.8", _with_stop),
            ("LTC/USDT:USDT", "0.5", "0.8", _bracket),
            ("BTC/USDT:USDT", "0.5", "0.8", _rest),
            ("ETH/USDT:USDT", "0.5", "0.8", _close),
            ("LTC/USDT:USDT", "0.5", "0.8", _close),
        ),
    }
)
"""What is asked for at each place, in turn."""
