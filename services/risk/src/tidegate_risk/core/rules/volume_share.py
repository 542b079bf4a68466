"""The order is a small part of what trades in a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import round_down, to_decimal
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Proposal


def check(proposal: Proposal) -> Refused | None:
    """Refuse above ``volume_share_max_fraction`` of a day's volume, the mean of whole days."""
    recent, instrument = proposal.question.recent, proposal.instrument
    volume = None if recent is None else recent.daily_volume
    if volume is None:
        return None  # The rule about estimates has decided whether this may be.
    fraction = proposal.question.limits.volume_share_max_fraction
    unit, limit = instrument.base_currency, fraction * to_decimal(volume, instrument.size_scale)
    if proposal.quantity <= limit:
        return None
    fits = round_down(limit, instrument.lot_size)
    return Refused(
        code=Code.VOLUME_SHARE,
        expected=f"at most {shown(limit, unit)}, {fraction} of a day's volume "
        "(volume_share_max_fraction)",
        found=shown(proposal.quantity, unit),
        remedy=f"{shown(fits, unit)} would pass" if fits > 0 else "no quantity would pass now",
        numbers=(
            number("quantity", proposal.quantity, unit),
            number("limit_volume_share", limit, unit),
        ),
    )
