"""The order is neither below the venue's smallest nor above its largest, and worth its fee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import round_down
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


def check_quantity(proposal: Proposal) -> Refused | None:
    """Refuse below the venue's smallest quantity."""
    smallest, unit = proposal.instrument.min_quantity, proposal.instrument.base_currency
    if proposal.quantity >= smallest:
        return None
    return Refused(
        code=Code.MIN_QUANTITY,
        expected=f"at least {shown(smallest, unit)}",
        found=shown(proposal.quantity, unit),
        remedy=f"{shown(smallest, unit)} would pass",
        numbers=(number("limit_min_quantity", smallest, unit),),
    )


def check_largest(proposal: Proposal) -> Refused | None:
    """Refuse above the venue's largest quantity, if it has one."""
    largest, unit = proposal.instrument.max_quantity, proposal.instrument.base_currency
    if largest is None or proposal.quantity <= largest:
        return None
    return Refused(
        code=Code.MAX_QUANTITY,
        expected=f"at most {shown(largest, unit)}",
        found=shown(proposal.quantity, unit),
        remedy=f"{shown(largest, unit)} would pass",
        numbers=(number("limit_max_quantity", largest, unit),),
    )


def check_notional(proposal: Proposal) -> Refused | None:
    """Refuse below the venue's smallest value; an exit without a price is left to the venue."""
    if proposal.question.price is None:
        return None
    smallest = proposal.instrument.min_notional
    return _value(proposal, Code.MIN_NOTIONAL, smallest, "min_notional of the venue")


def check_trade(proposal: Proposal) -> Refused | None:
    """Refuse an entry below the session's own smallest value."""
    smallest = proposal.question.limits.trade_notional_min
    return _value(proposal, Code.TRADE_TOO_SMALL, smallest, "trade_notional_min")


def _value(proposal: Proposal, code: Code, smallest: Decimal, name: str) -> Refused | None:
    if proposal.notional >= smallest:
        return None
    unit, instrument = proposal.question.currency, proposal.instrument
    enough = smallest / proposal.price
    lots = round_down(enough, instrument.lot_size)
    if lots < enough:
        lots += instrument.lot_size
    return Refused(
        code=code,
        expected=f"at least {shown(smallest, unit)} ({name})",
        found=shown(proposal.notional, unit),
        remedy=f"{shown(lots, instrument.base_currency)} would pass",
        numbers=(
            number("order_notional", proposal.notional, unit),
            number(f"limit_{code.lower()}", smallest, unit),
        ),
    )
