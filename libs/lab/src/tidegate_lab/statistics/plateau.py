"""How much of the best parameters' Sharpe ratio their neighbours keep.

A peak that stands alone is noise; a plateau may be a property of the market. Neighbours are the
points of the grid at most one step away on every axis.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

Point = tuple[int, ...]
"""A place in the grid: the number of the value on each axis."""


class Plateau(msgspec.Struct, frozen=True, kw_only=True):
    """A point and what its neighbours keep of it."""

    neighbours: int
    mean_kept: float
    """Mean of the neighbours' Sharpe ratios over the point's own; 1 is a plateau."""
    worst_kept: float
    """The same of the worst neighbour."""


def plateau_of(sharpes: Mapping[Point, float], point: Point) -> Plateau | None:
    """Judge one point; None when it has no neighbour or no gain to keep."""
    own = sharpes[point]
    near = [
        sharpes[place]
        for step in product((-1, 0, 1), repeat=len(point))
        if any(step) and (place := _moved(point, step)) in sharpes
    ]
    if not near or own <= 0:
        return None
    return Plateau(
        neighbours=len(near),
        mean_kept=float(np.mean(near)) / own,
        worst_kept=min(near) / own,
    )


def plateau_map(sharpes: Mapping[Point, float]) -> dict[Point, Plateau]:
    """Judge every point that gains and has neighbours."""
    judged = {point: plateau_of(sharpes, point) for point in sorted(sharpes)}
    return {point: plateau for point, plateau in judged.items() if plateau is not None}


def _moved(point: Point, step: Point) -> Point:
    return tuple(place + by for place, by in zip(point, step, strict=True))
