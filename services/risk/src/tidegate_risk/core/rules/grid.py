"""The order lies on the venue's grid: lot and tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import is_multiple, round_down
from tidegate_risk.core.refusals import Code, Refused, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check_lot(proposal: Proposal) -> Refused | None:
    """Refuse a quantity that is not a positive multiple of the lot."""
    quantity, lot = proposal.quantity, proposal.instrument.lot_size
    if quantity > 0 and is_multiple(quantity, lot):
        return None
    unit = proposal.instrument.base_currency
    return Refused(
        code=Code.LOT_SIZE,
        expected=f"a multiple of {shown(lot, unit)} above 0",
        found=shown(quantity, unit),
        remedy=f"{shown(round_down(quantity, lot), unit)} would pass",
    )


def check_tick(proposal: Proposal) -> Refused | None:
    """Refuse a limit price that is not a positive multiple of the tick."""
    limit, tick = proposal.specification.limit_price, proposal.instrument.tick_size
    if limit is None or (limit > 0 and is_multiple(limit, tick)):
        return None
    unit = proposal.instrument.quote_currency
    return Refused(
        code=Code.TICK_SIZE,
        expected=f"a multiple of {shown(tick, unit)} above 0",
        found=shown(limit, unit),
        remedy=f"{shown(max(round_down(limit, tick), tick), unit)} would pass",
    )
