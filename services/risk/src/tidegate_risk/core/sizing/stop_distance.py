"""Stop distance: if the stop is hit, a fixed share of equity is lost, whatever the volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def quantity_by_stop(equity: Decimal, risk_fraction: Decimal, stop_distance: Decimal) -> Decimal:
    """Return ``risk_fraction * equity / stop_distance``, not rounded."""
    return risk_fraction * equity / stop_distance
