"""What every plot has in common: a Plotly figure as plain values, readable on light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Figure = dict[str, Any]
"""``{"data": [...], "layout": {...}}``, as plotly.js takes it."""

T = TypeVar("T")

POINTS_MAX = 1_500
BLUE, ORANGE, GREEN, RED, GREY = "#4c8dd6", "#e08a3c", "#3fa66b", "#d9534f", "#8a8f98"
_GRID = "rgba(128,128,128,0.22)"
_DIGITS = 6


def figure(data: list[dict[str, Any]], *, height: int = 320, **layout: Any) -> Figure:  # noqa: ANN401
    """Return a figure of some traces."""
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "automargin": True}
    usual = {
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 10, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY},
        "legend": {"orientation": "h", "y": 1.12},
        "hovermode": "x unified",
    }
    axes = {name: {**axis, **layout.pop(name, {})} for name in ("xaxis", "yaxis")}
    return {"data": data, "layout": {**usual, **axes, **layout}}


def line(name: str, x: Sequence[str], y: Sequence[float | None], colour: str) -> dict[str, Any]:
    """Return a trace of a line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour, "width": 1.5},
    }


def thinned(count: int) -> NDArray[np.intp]:
    """Return at most `POINTS_MAX` places out of ``count``, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, POINTS_MAX)).astype(np.intp))


def numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Write numbers as a plot needs them: few digits, None for what is not a number."""
    return [float(f"{each:.{_DIGITS}g}") if np.isfinite(each) else None for each in values]


def moments(at_ns: NDArray[np.int64]) -> list[str]:
    """Write times so that plotly reads them as UTC, whatever the reader's own zone."""
    texts = np.datetime_as_string((at_ns // NS_PER_SECOND).astype("datetime64[s]"))
    return [str(text).removesuffix("T00:00:00") for text in texts]
