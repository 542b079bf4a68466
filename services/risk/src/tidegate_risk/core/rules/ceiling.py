"""What the ceilings in money share: comparing, and saying which quantity would pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import ZERO, round_down
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Proposal


class Ceiling(msgspec.Struct, frozen=True, gc=False):
    """A limit in money, what the order would make of it, and the room that is left for it."""

    code: Code
    what: str
    setting: str
    limit: Decimal
    found: Decimal
    room: Decimal


def of_all_symbols(proposal: Proposal, code: Code, setting: str, multiple: Decimal) -> Ceiling:
    """Return the ceiling of all symbols' worst cases together, a multiple of equity."""
    limit = multiple * proposal.question.equity
    return Ceiling(
        code=code,
        what="all symbols in the worst case",
        setting=setting,
        limit=limit,
        found=proposal.gross_exposure,
        room=limit - proposal.gross_exposure_elsewhere - proposal.symbol_exposure_before,
    )


def refused_above(ceiling: Ceiling, proposal: Proposal) -> Refused | None:
    """Refuse above the limit; exactly the limit passes."""
    if ceiling.found <= ceiling.limit:
        return None
    unit, instrument = proposal.question.currency, proposal.instrument
    fits = round_down(max(ceiling.room, ZERO) / proposal.price, instrument.lot_size)
    remedy = f"at most {shown(fits, instrument.base_currency)} would pass"
    return Refused(
        code=ceiling.code,
        expected=f"{ceiling.what} at most {shown(ceiling.limit, unit)} ({ceiling.setting})",
        found=shown(ceiling.found, unit),
        remedy=remedy if fits > 0 else "no quantity would pass now",
        numbers=(
            number(ceiling.code.lower(), ceiling.found, unit),
            number(f"limit_{ceiling.code.lower()}", ceiling.limit, unit),
            number("quantity_that_would_pass", fits, instrument.base_currency),
        ),
    )
