"""One trial, compiled: prices, positions and costs, and nothing else.

Wishes depend on prices alone, so they are found first, in one pass over each instrument. Then only
those instants are played in which something happens. Their order inside is that of the rounds:

1. A wish to be long is sized by the smaller of the equity at this instant's closes, without this
   instant's fills, and the equity last told before.
2. Orders of earlier instants fill at their bar's open, worsened by the slippage to the tick.
3. Wishes become orders, for the instrument's next bar.
4. The account is told after a fill, and once a day at the first instant from midnight on.

`tests/sweep/test_screen.py` proves against the machines that this is what they do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tidegate_lab.sweep.screen.market import PRICE_PARTS, Costs, Market

EMA_CROSSOVER, DONCHIAN_BREAKOUT = 0, 1
LONG, FLAT = 1, 0
AVERAGES_BYTES = 256 * 2**20
"""Averages of how many bytes are kept for the next trials."""
CASH, TOLD, FEES, FILLS = range(4)

Function = TypeVar("Function")


class Wishes(NamedTuple):
    """What a strategy wished: the bars, sorted by instant, and LONG or FLAT."""

    bars: NDArray[np.int64]
    codes: NDArray[np.int64]
    wanted: NDArray[np.int64]


class Fills(NamedTuple):
    """The bars that fill orders, sorted by instant."""

    bars: NDArray[np.int64]
    codes: NDArray[np.int64]


class Book(NamedTuple):
    """The account: by instrument, but for the purse."""

    held: NDArray[np.float64]
    orders: NDArray[np.float64]
    purse: NDArray[np.float64]


def _compiled(function: Function) -> Function:
    """Compile a function that holds no lock; the machine code is kept beside the module."""
    compiled: Function = njit(nogil=True, cache=True)(function)  # type: ignore[type-var,assignment]
    return compiled


class Averages:
    """Exponential averages of the closes: many trials share a length, which is worked out once."""

    def __init__(self, market: Market) -> None:
        self._market = market
        kept = max(AVERAGES_BYTES // max(8 * len(market.closes), 1), 2)
        self.of = lru_cache(maxsize=kept)(self._of)

    def _of(self, length: int) -> NDArray[np.float64]:
        """Return the averages of one length, a number for each bar."""
        averages = np.empty(len(self._market.closes))
        _average(self._market.closes, self._market.firsts, length, averages)
        return averages


@_compiled
def _average(
    closes: NDArray[np.int64],
    firsts: NDArray[np.int64],
    length: int,
    averages: NDArray[np.float64],
) -> None:
    """Follow the average of `tidegate_signals.core.strategies.ema_crossover`, by instrument."""
    alpha = 2.0 / (length + 1)
    for code in range(len(firsts) - 1):
        average = 0.0
        for i in range(firsts[code], firsts[code + 1]):
            if i == firsts[code]:
                average = float(closes[i])
            else:
                average += (closes[i] - average) * alpha
            averages[i] = average


@_compiled
def _cross(
    fast: NDArray[np.float64], slow: NDArray[np.float64], warmup: int, bars: NDArray[np.int64]
) -> int:
    """Follow `tidegate_signals.core.strategies.ema_crossover`: LONG and FLAT take turns."""
    above, long, count = False, False, 0
    for i in range(len(fast)):
        was_above = above
        above = fast[i] > slow[i]
        if i + 1 < warmup or (above and was_above):
            continue
        if (above and not long) or (fast[i] < slow[i] and long):
            long = above
            bars[count] = i
            count += 1
    return count


@_compiled
def _push(ring: NDArray[np.int64], ends: NDArray[np.int64], value: int, age: int) -> None:
    """Take a value into a rolling maximum: ``ring`` holds values and ages."""
    size = ring.shape[1]
    first, last = ends[0], ends[1]
    while last > first and ring[0, (last - 1) % size] <= value:
        last -= 1
    ring[0, last % size] = value
    ring[1, last % size] = age
    last += 1
    if ring[1, first % size] <= age - (size - 1):
        first += 1
    ends[0], ends[1] = first, last


@_compiled
def _break_out(
    prices: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    entry: int,
    leave: int,
    bars: NDArray[np.int64],
) -> int:
    """Follow `tidegate_signals.core.strategies.donchian_breakout`; lows are kept negative."""
    highs, lows, closes = prices
    upper, lower = np.zeros((2, entry + 1), np.int64), np.zeros((2, leave + 1), np.int64)
    upper_ends, lower_ends = np.zeros(2, np.int64), np.zeros(2, np.int64)
    long, count = False, 0
    for i in range(len(closes)):
        if i >= max(entry, leave):
            high = upper[0, upper_ends[0] % (entry + 1)]
            low = -lower[0, lower_ends[0] % (leave + 1)]
            if (not long and closes[i] > high) or (long and closes[i] < low):
                long = not long
                bars[count] = i
                count += 1
        _push(upper, upper_ends, highs[i], i)
        _push(lower, lower_ends, -lows[i], i)
    return count


def _wishes(market: Market, averages: Averages, rule: tuple[int, int, int]) -> Wishes:
    """Find what a strategy wishes on every instrument, sorted by instant."""
    kind, first, second = rule
    found: list[NDArray[np.int64]] = []
    codes: list[NDArray[np.int64]] = []
    for code, (begin, end) in enumerate(zip(market.firsts[:-1], market.firsts[1:], strict=True)):
        if begin == end:
            continue
        part = slice(begin, end)
        bars = np.empty(end - begin, np.int64)
        if kind == EMA_CROSSOVER:
            count = _cross(averages.of(first)[part], averages.of(second)[part], second, bars)
        else:
            prices = (market.highs[part], market.lows[part], market.closes[part])
            count = _break_out(prices, first, second, bars)
        found.append(bars[:count] + begin)
        codes.append(np.full(count, code, np.int64))
    bars = np.concatenate(found)
    wanted = np.concatenate([1 - np.arange(len(each)) % 2 for each in found])
    order = np.argsort(market.instants[bars], kind="stable")
    return Wishes(bars[order], np.concatenate(codes)[order], wanted[order])


def _fills_of(market: Market, wishes: Wishes) -> Fills:
    """Find the bar after each wish's, which fills its order, if the instrument has one."""
    bars = wishes.bars + 1
    exists = bars < market.firsts[wishes.codes + 1]
    bars, codes = bars[exists], wishes.codes[exists]
    order = np.argsort(market.instants[bars], kind="stable")
    return Fills(bars[order], codes[order])


@_compiled
def _equity(market: Market, book: Book, instant: int) -> float:
    value: float = book.purse[CASH]
    for code in range(len(book.held)):
        value += book.held[code] * market.marks[instant, code]
    return value


@_compiled
def _fill(market: Market, costs: Costs, bar: int, code: int, book: Book) -> None:
    """Fill an instrument's order at a bar's open."""
    size, tick, opened = book.orders[code], market.ticks[code], market.opens[bar]
    whole = PRICE_PARTS * tick
    if size > 0:
        steps = -(-(opened * (PRICE_PARTS + costs.slippage)) // whole) * tick
    else:
        steps = max(opened * (PRICE_PARTS - costs.slippage) // whole, 1) * tick
    price = steps / market.steps[code]
    fee = abs(size) * (price * costs.fee_share + costs.fee_per_unit)
    book.purse[CASH] -= size * price + fee
    book.purse[FEES] += fee
    book.purse[FILLS] += 1
    book.held[code] += size
    book.orders[code] = 0.0


@_compiled
def _order(
    market: Market, costs: Costs, wish: tuple[int, int, int], equity: float, book: Book
) -> None:
    """Make an order of a wish."""
    bar, code, wanted = wish
    if wanted == FLAT:
        book.orders[code] = -book.held[code]
        return
    mark = market.closes[bar] / market.steps[code]
    lots = np.floor(costs.fraction * equity / mark / market.lots[code])
    book.orders[code] = max(lots, 0.0) * market.lots[code]


@_compiled
def _play(
    market: Market,
    costs: Costs,
    plan: tuple[Wishes, Fills],
    book: Book,
    told: NDArray[np.float64],
) -> None:
    """Play the instants in which something happens."""
    wishes, fills = plan
    purse = book.purse
    wished = filled = looked = 0
    while looked < len(market.told_after):
        instant = market.told_after[looked]
        if wished < len(wishes.bars):
            instant = min(instant, market.instants[wishes.bars[wished]])
        if filled < len(fills.bars):
            instant = min(instant, market.instants[fills.bars[filled]])
        equity = min(_equity(market, book, instant), purse[TOLD])
        tell = instant == market.told_after[looked]
        looked += 1 if tell else 0
        while filled < len(fills.bars) and market.instants[fills.bars[filled]] == instant:
            bar, code = fills.bars[filled], fills.codes[filled]
            if book.orders[code] != 0.0:
                _fill(market, costs, bar, code, book)
                tell = True
            filled += 1
        while wished < len(wishes.bars) and market.instants[wishes.bars[wished]] == instant:
            wish = (wishes.bars[wished], wishes.codes[wished], wishes.wanted[wished])
            _order(market, costs, wish, equity, book)
            wished += 1
        if tell:
            purse[TOLD] = told[market.day_places[instant]] = _equity(market, book, instant)


def screen_trial(
    market: Market,
    averages: Averages,
    costs: Costs,
    rule: tuple[int, int, int],
    told: NDArray[np.float64],
) -> tuple[float, int]:
    """Play one trial: ``rule`` is the strategy's number and its two lengths.

    ``told`` (days,) gets the equity last told by the end of each day in which it was told. Returns
    the fees and the number of fills. What is compiled holds no lock: threads run side by side.
    """
    count = len(market.steps)
    purse = np.array([costs.capital, costs.capital, 0.0, 0.0])
    book = Book(np.zeros(count), np.zeros(count), purse)
    wishes = _wishes(market, averages, rule)
    _play(market, costs, (wishes, _fills_of(market, wishes)), book, told)
    return float(purse[FEES]), int(purse[FILLS])
