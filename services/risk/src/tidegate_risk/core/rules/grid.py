"""The order lies on the venue's grid, lot and tick. Messages show all decimals, which matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import is_multiple, plain, round_down
from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.market import Instrument
    from tidegate_risk.core.question import Proposal


def check_lot(proposal: Proposal) -> Refused | None:
    """Refuse a quantity that is not a positive multiple of the lot."""
    quantity, lot = proposal.quantity, proposal.instrument.lot_size
    if quantity > 0 and is_multiple(quantity, lot):
        return None
    unit = proposal.instrument.base_currency
    return Refused(
        code=Code.LOT_SIZE,
        expected=f"a multiple of {plain(lot)} {unit} above 0",
        found=f"{plain(quantity)} {unit}",
        remedy=f"{plain(round_down(quantity, lot))} {unit} would pass",
    )


def check_tick(proposal: Proposal) -> Refused | None:
    """Refuse a limit or a trigger that is not a positive multiple of the tick."""
    specification, instrument = proposal.specification, proposal.instrument
    return off_tick(specification.limit_price, "limit price", instrument) or off_tick(
        specification.trigger_price, "trigger", instrument
    )


def off_tick(price: Decimal | None, what: str, instrument: Instrument) -> Refused | None:
    """Refuse a price that is not a positive multiple of the tick; none is none."""
    tick = instrument.tick_size
    if price is None or (price > 0 and is_multiple(price, tick)):
        return None
    unit = instrument.quote_currency
    return Refused(
        code=Code.TICK_SIZE,
        expected=f"a {what} that is a multiple of {plain(tick)} {unit} above 0",
        found=f"{plain(price)} {unit}",
        remedy=f"{plain(max(round_down(price, tick), tick))} {unit} would pass",
    )
