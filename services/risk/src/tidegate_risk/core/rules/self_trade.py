"""An order does not trade with another order of the same account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import Side
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse while an open order on the other side could meet this one.

    An order without a limit takes what rests in the venue's book, so it meets every limit order
    on the other side; it does not rest itself, so two of them do not meet.
    """
    question, mine = proposal.question, proposal.specification
    for order in question.book.orders.against(question.listing, mine.side):
        if _meets(mine.side, mine.limit_price, order.limit_price):
            unit = proposal.instrument.base_currency
            return Refused(
                code=Code.SELF_TRADE,
                expected="no open order of this account on the other side that it could meet",
                found=f"{shown(order.remaining, unit)} of {order.strategy}",
                remedy="it passes once that order has ended",
                numbers=(number("quantity_against", order.remaining, unit),),
            )
    return None


def _meets(side: Side, mine: Decimal | None, other: Decimal | None) -> bool:
    if mine is None or other is None:
        return mine is not other
    return mine >= other if side == Side.BUY else mine <= other
