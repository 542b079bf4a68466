"""What becomes of an option at its expiry, pure.

An option that is in the money by at least 0.01 per unit is used: a holder's is exercised, a
writer's assigned, as the Options Clearing Corporation does without being asked (exercise by
exception, Rule 805). It is delivered: the underlying changes hands at the strike. Every other
option ends worth nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AccountEntryKind
from tidegate_contracts.market import OptionRight
from tidegate_execution.core.paper.carry.change import Change
from tidegate_kernel.money import ZERO, plain

if TYPE_CHECKING:
    from tidegate_contracts.market import OptionTerms

IN_THE_MONEY_MIN = Decimal("0.01")


def intrinsic(terms: OptionTerms, price: Decimal) -> Decimal:
    """Return what using an option is worth per unit at a price of the underlying."""
    is_call = terms.right == OptionRight.CALL
    return max(price - terms.strike if is_call else terms.strike - price, ZERO)


def expire(terms: OptionTerms, held: Decimal, price: Decimal) -> tuple[Change, Change | None]:
    """Return what happens to a holding of an option, and to its underlying if it is delivered."""
    at = f"{terms.underlying} at {plain(price)}, strike {plain(terms.strike)}"
    if intrinsic(terms, price) < IN_THE_MONEY_MIN:
        reason = f"expired worthless: {at}"
        return Change(AccountEntryKind.OPTION_EXPIRY, -held, ZERO, reason=reason), None
    kind = AccountEntryKind.OPTION_EXERCISE
    if held < 0:
        kind = AccountEntryKind.OPTION_ASSIGNMENT
    word = "assigned" if held < 0 else "exercised"
    delivered = held if terms.right == OptionRight.CALL else -held
    reason = f"{word} at expiry: {at}"
    cash = -delivered * terms.strike
    return (
        Change(kind, -held, ZERO, reason=reason),
        Change(kind, delivered, terms.strike, cash, reason),
    )
