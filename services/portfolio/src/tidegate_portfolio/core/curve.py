"""The equity curve, thinned to as many points as a picture can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

P = TypeVar("P")


def thin(points: Sequence[P], count: int) -> list[P]:
    """Return at most ``count`` points at even distances, the first and the last among them."""
    assert count >= 2, f"expected at least 2 points, found {count}"  # noqa: PLR2004 - both ends
    if len(points) <= count:
        return list(points)
    last = len(points) - 1
    return [points[step * last // (count - 1)] for step in range(count)]
