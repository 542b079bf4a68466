"""Plots over time, from the account at the end of each day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tidegate_lab.backtest.metrics import returns_of
from tidegate_lab.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    figure,
    line,
    moments,
    numbers,
    thinned,
)

if TYPE_CHECKING:
    from tidegate_lab.backtest.days import Days
    from tidegate_lab.plots.figure import Figure

WINDOW_DAYS = 63
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def equity_figure(days: Days, currency: str) -> Figure:
    """Equity against buying and holding."""
    at = thinned(len(days.days))
    x = moments(days.ends_ns[at])
    traces = [
        line("equity", x, numbers(days.equity[at]), BLUE),
        line("buy and hold", x, numbers(days.buy_and_hold[at]), GREY),
    ]
    return figure(traces, height=380, yaxis={"title": {"text": currency}})


def drawdown_figure(days: Days) -> Figure:
    """How far equity is below its highest day."""
    at = thinned(len(days.days))
    trace = line("drawdown", moments(days.ends_ns[at]), numbers(-days.drawdown[at]), RED)
    return figure([{**trace, "fill": "tozeroy"}], height=240, yaxis={"tickformat": ".1%"})


def exposure_figure(days: Days) -> Figure:
    """Gross and net exposure as shares of equity."""
    at = thinned(len(days.days))
    x = moments(days.ends_ns[at])
    traces = [
        line("gross", x, numbers(days.gross[at]), ORANGE),
        line("net", x, numbers(days.net[at]), GREEN),
    ]
    return figure(traces, height=240, yaxis={"tickformat": ".0%"})


def rolling_sharpe_figure(days: Days) -> Figure:
    """The Sharpe ratio of each window of `WINDOW_DAYS` returns, per year; empty if fewer."""
    returns = returns_of(days)
    if len(returns.values) < WINDOW_DAYS:
        return figure([line("Sharpe ratio", [], [], BLUE)], height=240)
    windows = np.lib.stride_tricks.sliding_window_view(returns.values, WINDOW_DAYS)
    deviation = windows.std(axis=1, ddof=1)
    moved = np.where(deviation > 0, deviation, np.nan)
    sharpe = windows.mean(axis=1) / moved * math.sqrt(returns.per_year)
    at = thinned(len(sharpe))
    x = moments(days.ends_ns[WINDOW_DAYS - 1 :][at])
    return figure([line("Sharpe ratio", x, numbers(sharpe[at]), BLUE)], height=240)


def months_figure(days: Days) -> Figure:
    """Return of each calendar month, years downwards."""
    months = days.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.diff(months, append=-1))
    ends = days.equity[last]
    change = ends / np.concatenate([[days.opening], ends[:-1]]) - 1
    years = months[last] // 12 + 1970
    rows = np.arange(years[-1], years[0] - 1, -1)
    table = np.full((len(rows), 12), np.nan)
    table[years[-1] - years, months[last] % 12] = change
    trace = {
        "type": "heatmap",
        "x": list(_MONTHS),
        "y": [str(year) for year in rows],
        "z": [numbers(row) for row in table],
        "text": [["" if np.isnan(each) else f"{each:.1%}" for each in row] for row in table],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y} %{x}: %{text}<extra></extra>",
        "colorscale": [[0.0, RED], [0.5, "rgba(128,128,128,0.10)"], [1.0, GREEN]],
        "zmid": 0,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    height = 90 + 26 * len(rows)
    yaxis = {"autorange": "reversed", "type": "category", "showgrid": False}
    return figure([trace], height=height, yaxis=yaxis, hovermode="closest")
