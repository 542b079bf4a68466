"""An equity curve as text: one column for each point, eight steps in each line."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"
_STEPS = len(_BLOCKS) - 1
HEIGHT = 10
WIDTH = 72


def chart(values: Sequence[float], height: int = HEIGHT, width: int = WIDTH) -> list[str]:
    """Return the lines of a chart, the highest first, with a scale on the left."""
    if not values:
        return []
    points = resampled(values, width)
    low, high = min(points), max(points)
    span = (high - low) or 1.0
    levels = [round((value - low) / span * (height * _STEPS - 1)) + 1 for value in points]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = "".join(_BLOCKS[min(max(level - row * _STEPS, 0), _STEPS)] for level in levels)
        label = {height - 1: high, 0: low}.get(row)
        scale = f"{label:>12,.0f}" if label is not None else " " * 12
        lines.append(f"{scale} ┤{cells}")
    return lines


def resampled(values: Sequence[float], width: int) -> list[float]:
    """Return at most ``width`` values, evenly spread, the first and the last among them."""
    if len(values) <= width:
        return list(values)
    last = len(values) - 1
    return [values[round(column * last / (width - 1))] for column in range(width)]
