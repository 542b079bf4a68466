"""How much of a result its costs decide: fees and slippage doubled, played again.

The machines play the session a second time with a venue that is twice as dear. That is no trial:
nobody chooses by it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_execution.config import VenueSettings
from tidegate_lab.statistics.curve import DailyReturns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_chassis.configuration import Session
    from tidegate_lab.sweep.trial import TrialResult

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

    @classmethod
    def between(
        cls, result: TrialResult, doubled: TrialResult, days: NDArray[np.int64]
    ) -> CostSensitivity:
        """Compare two results on the same days."""
        year = math.sqrt(DailyReturns(days=days, values=np.array(result.returns)).per_year)
        return cls(
            sharpe=_yearly(result.sharpe, year),
            sharpe_doubled=_yearly(doubled.sharpe, year),
            final_equity=result.final_equity,
            final_equity_doubled=doubled.final_equity,
            fees=result.fees,
            fees_doubled=doubled.fees,
        )


def with_doubled_costs(session: Session) -> Session:
    """Return the session at a venue with twice the fees and twice the slippage."""
    settings = VenueSettings.model_validate(session.venue)
    doubled = {name: str(2 * getattr(settings, name)) for name in DOUBLED}
    return session.model_copy(update={"venue": {**session.venue, **doubled}})


def _yearly(sharpe: float | None, year: float) -> float | None:
    return None if sharpe is None else round(sharpe * year, PLACES)
