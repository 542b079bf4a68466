"""What is traded when: shares also around the regular session, by who asked; options in it only.

Tests turn the hours; nothing follows the clock. Pairs are traded always.
"""

from __future__ import annotations

from enum import StrEnum

from tests.venues.exchange.listings import Listing
from tests.venues.exchange.orders import Force, Order

WITH_SESSIONS = ("us_equity", "us_option")


class Hours(StrEnum):
    """The parts of a trading day."""

    BEFORE = "before"
    REGULAR = "regular"
    AFTER = "after"
    NIGHT = "night"


def may_trade(hours: Hours, order: Order, listing: Listing) -> bool:
    """Tell whether an order may be executed, or triggered, in these hours."""
    if hours is Hours.REGULAR or listing.asset_class not in WITH_SESSIONS:
        return True
    return order.ticket.extended_hours and hours is not Hours.NIGHT


def is_over(hours: Hours, order: Order, listing: Listing) -> bool:
    """Tell whether the day of an order is over when these hours begin."""
    if order.ticket.force is not Force.DAY or listing.asset_class not in WITH_SESSIONS:
        return False
    return hours is Hours.NIGHT or (hours is Hours.AFTER and not order.ticket.extended_hours)
