"""Thinning keeps both ends and the order."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tidegate_portfolio.core.curve import thin


@given(st.integers(0, 3_000), st.integers(2, 600))
def test_a_thinned_curve_keeps_its_ends_and_its_order(size: int, count: int) -> None:
    """At most as many points as asked for, each one from the curve, none twice."""
    points = thin(range(size), count)
    assert len(points) == min(size, count)
    assert points == sorted(set(points))
    if size:
        assert (points[0], points[-1]) == (0, size - 1)
