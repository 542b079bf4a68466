"""Risk per trade: if the stop is hit, a fixed share of equity is lost, whatever the volatility.

The stop is where the signal says, else `stop_range_multiple` average true ranges away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.sizing.entry import Entry, Offer

if TYPE_CHECKING:
    from decimal import Decimal


def offer(entry: Entry) -> Offer | None:
    """Offer what loses ``risk_per_trade_fraction`` of equity at the stop; nothing without one.

    What an entry may fill worse than at its trigger is lost beside the distance.
    """
    distance, question = entry.stop_distance, entry.question
    if distance is None:
        return None
    fraction = question.limits.risk_per_trade_fraction
    figures = [("stop_distance", distance, question.currency)]
    if entry.average_range is not None:
        figures.append(("average_range", entry.average_range, question.currency))
    quantity = quantity_by_stop(question.equity, fraction, distance + entry.overshoot)
    return Offer("quantity_by_stop", quantity, tuple(figures))


def quantity_by_stop(equity: Decimal, risk_fraction: Decimal, stop_distance: Decimal) -> Decimal:
    """Return ``risk_fraction * equity / stop_distance``, not rounded."""
    return risk_fraction * equity / stop_distance
