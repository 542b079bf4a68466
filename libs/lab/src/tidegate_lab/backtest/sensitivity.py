"""How much of a result its costs decide: fees and slippage doubled, played again.

The machines play the session a second time with a venue that is twice as dear. That is no trial:
nobody chooses by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_execution.config import VenueSettings

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session

DOUBLED = ("fee_bps", "fee_per_unit", "fee_per_contract", "slippage_bps")
PLACES = 6


class CostSensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """A result beside the same at twice the costs. Sharpe ratios are per year."""

    sharpe: float | None
    sharpe_doubled: float | None
    final_equity: str
    final_equity_doubled: str
    fees: str
    fees_doubled: str


def with_doubled_costs(session: Session) -> Session:
    """Return the session at a venue with twice the fees and twice the slippage."""
    settings = VenueSettings.model_validate(session.venue)
    doubled = {name: str(2 * getattr(settings, name)) for name in DOUBLED}
    return session.model_copy(update={"venue": {**session.venue, **doubled}})


def per_year(sharpe: float | None, days_in_a_year: float) -> float | None:
    """Return a Sharpe ratio per day as one per year."""
    return None if sharpe is None else round(sharpe * days_in_a_year**0.5, PLACES)
