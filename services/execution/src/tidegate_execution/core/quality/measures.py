"""The figures of one order. A cost is above 0, a gain below, whichever side the order is on.

Sign s is +1 for a buy and -1 for a sell; Q is what was ordered, q and p are the quantity and the
price of an execution, P0 is the arrival price and P1 the closing price.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_execution.core.quality.ended import Ended

TWO = Decimal(2)
SECOND = Decimal(NS_PER_SECOND)


class Shortfall(msgspec.Struct, frozen=True):
    """Implementation shortfall in money, by its parts."""

    # What executions cost beyond the arrival price.
    execution: Decimal
    # What the market did to the part that was not executed.
    opportunity: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        """What was lost against trading everything at the arrival price for nothing."""
        return self.execution + self.opportunity + self.fees


def shortfall(order: Ended) -> Shortfall | None:
    """Return what the order cost against a paper portfolio that trades at once at P0.

    Execution cost is the sum of s q (p - P0), opportunity cost s (Q - sum of q) (P1 - P0), and
    fees are added. None without an arrival price, or without a closing price for an open rest.

    Source: Perold, The Implementation Shortfall: Paper Versus Reality, Journal of Portfolio
    Management 14(3), 1988; its parts: Wagner and Edwards, Best Execution, Financial Analysts
    Journal 49(1), 1993.
    """
    arrival, rest = order.arrival_price, order.quantity - order.filled
    if arrival is None or (rest and order.closing_price is None):
        return None
    paid = sum((each.quantity * (each.price - arrival) for each in order.executions), ZERO)
    moved = ZERO if order.closing_price is None else rest * (order.closing_price - arrival)
    fees = sum((each.fee for each in order.executions), ZERO)
    return Shortfall(order.sign * paid, order.sign * moved, fees)


def slippage(order: Ended) -> Decimal | None:
    """Return the sum of s q (p - P0) in money; None without an arrival price."""
    found = shortfall(msgspec.structs.replace(order, quantity=order.filled))
    return None if found is None else found.execution


def effective_spread(order: Ended) -> Decimal | None:
    """Return the sum of 2 s q (p - m) in money, m the middle of bid and ask before the execution.

    None if an execution has no middle, or nothing was executed.

    Source: Huang and Stoll, Dealer versus Auction Markets, Journal of Financial Economics 41(3),
    1996; SEC Rule 605 of Regulation NMS.
    """
    spread = ZERO
    for each in order.executions:
        if each.middle is None:
            return None
        spread += TWO * order.sign * each.quantity * (each.price - each.middle)
    return spread if order.executions else None


def seconds_to_fill(order: Ended) -> Decimal | None:
    """Return the mean time from the decision to the executions, weighted by quantity.

    None if nothing was executed. Source: time to fill as in SEC Rule 605, average time from
    receipt to execution, share-weighted.
    """
    if not order.filled:
        return None
    waited = sum(
        (each.quantity * (each.event_at_ns - order.decided_at_ns) for each in order.executions),
        ZERO,
    )
    return waited / SECOND / order.filled
