"""Plots of trading: fills on candles, what it cost, what was refused."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO
from tidegate_lab.backtest.sheet.candles import candles_of
from tidegate_lab.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    figure,
    moments,
    numbers,
    thinned,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate_contracts.execution import Fill
    from tidegate_lab.backtest.metrics import Metrics
    from tidegate_lab.backtest.sheet.candles import Candles
    from tidegate_lab.plots.figure import Figure
    from tidegate_market_data.adapters.dataset import Bars

SYMBOLS_MAX = 6
MARKERS_MAX = 400
_MARKERS = ((Side.BUY, "bought", "triangle-up", GREEN), (Side.SELL, "sold", "triangle-down", RED))


def trades_figure(bars: Bars, fills: Sequence[Fill]) -> Figure:
    """Fills on the candles of the symbols traded most, one symbol at a time."""
    keys = [(each.venue, each.symbol) for each in bars.instruments]
    most = Counter((fill.venue, fill.symbol) for fill in fills).most_common(SYMBOLS_MAX)
    codes = [keys.index(key) for key, _ in most] or [0]
    candles = candles_of(bars, codes)
    traces: list[dict[str, Any]] = []
    for place, code in enumerate(codes):
        mine = [fill for fill in fills if (fill.venue, fill.symbol) == keys[code]]
        traces += [
            {**trace, "visible": place == 0}
            for trace in (_candlestick(candles[code]), *(_marks(mine, *each) for each in _MARKERS))
        ]
    names = [keys[code][1] for code in codes]
    return figure(
        traces,
        height=460,
        hovermode="closest",
        xaxis={"rangeslider": {"visible": False}, "type": "date"},
        updatemenus=[_menu(names, len(traces) // len(names))],
    )


def costs_figure(profit: Decimal, metrics: Metrics, currency: str) -> Figure:
    """What was left of the profit before costs."""
    costs = {"slippage": -Decimal(metrics.slippage), "fees": -Decimal(metrics.fees)}
    holding = {
        "borrow fees": -Decimal(metrics.borrow_fees),
        "funding": -Decimal(metrics.funding),
        "dividends": Decimal(metrics.dividends),
    }
    costs |= {name: value for name, value in holding.items() if value}
    bars = {
        "before costs": profit - sum(costs.values(), ZERO),
        **costs,
        "after costs": profit,
    }
    trace = {
        "type": "bar",
        "x": list(bars),
        "y": [float(value) for value in bars.values()],
        "marker": {"color": [GREY, *[ORANGE] * len(costs), BLUE]},
        "text": [f"{value:,.2f}" for value in bars.values()],
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }
    yaxis = {"title": {"text": currency}}
    return figure([trace], height=280, yaxis=yaxis, hovermode="closest")


def refusals_figure(refused: Mapping[str, int]) -> Figure:
    """How many signals each rule refused, most first."""
    ordered = sorted(refused.items(), key=lambda each: each[1])
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [count for _, count in ordered],
        "y": [code for code, _ in ordered],
        "marker": {"color": ORANGE},
        "hovertemplate": "%{y}: %{x}<extra></extra>",
    }
    return figure([trace], height=120 + 26 * len(ordered), hovermode="closest")


def _candlestick(candles: Candles) -> dict[str, Any]:
    opened, high, low, closed = (numbers(row) for row in candles.prices)
    return {
        "type": "candlestick",
        "name": "price",
        "x": moments(candles.starts_ns),
        "open": opened,
        "high": high,
        "low": low,
        "close": closed,
        "increasing": {"line": {"color": GREEN, "width": 1}},
        "decreasing": {"line": {"color": RED, "width": 1}},
        "opacity": 0.55,
    }


def _marks(
    fills: Sequence[Fill], side: Side, name: str, symbol: str, colour: str
) -> dict[str, Any]:
    mine = [fill for fill in fills if fill.side is side]
    shown = (
        [mine[place] for place in thinned(len(mine))[:: -(-len(mine) // MARKERS_MAX)]]
        if mine
        else []
    )
    name = name if len(shown) == len(mine) else f"{name} ({len(shown)} of {len(mine):,} shown)"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": moments(np.array([fill.event_at_ns for fill in shown], np.int64)),
        "y": [float(fill.price) for fill in shown],
        "text": [f"{fill.quantity:f} at {fill.price:f}, {fill.strategy}" for fill in shown],
        "hovertemplate": "%{text}<br>%{x}<extra></extra>",
        "marker": {
            "symbol": symbol,
            "size": 9,
            "color": colour,
            "line": {"width": 1, "color": GREY},
        },
    }


def _menu(names: Sequence[str], each: int) -> dict[str, Any]:
    buttons = [
        {
            "label": name,
            "method": "update",
            "args": [{"visible": [at == place for at in range(len(names)) for _ in range(each)]}],
        }
        for place, name in enumerate(names)
    ]
    return {
        "buttons": buttons,
        "x": 1,
        "y": 1.15,
        "xanchor": "right",
        "bgcolor": "rgba(128,128,128,0.15)",
    }
