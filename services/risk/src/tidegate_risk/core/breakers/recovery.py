"""After a breaker was lowered, sizes grow back."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.risk import BreakerState

if TYPE_CHECKING:
    from tidegate_kernel.gate import Coverage
    from tidegate_risk.core.breakers.limits import BreakerLimits
    from tidegate_risk.core.breakers.standing import BreakersState, Standing

WHOLE = Decimal(1)
STEP = Decimal("0.01")


def ramp_of(
    state: BreakersState, limits: BreakerLimits, coverage: Coverage, now_ns: int
) -> Decimal:
    """Return the share of its usual size that an order may have, in whole hundredths.

    From ``ramp_start_fraction`` at the lowering it grows in a straight line to 1 after ``ramp_s``.
    Of several breakers that cover the order, the least counts.
    """
    if not state.standings:
        return WHOLE
    scopes = coverage.scopes()
    shares = (
        _share(standing, limits.ramp_start_fraction, now_ns)
        for standing in state.standings.values()
        if standing.state == BreakerState.RECOVERING and standing.scope in scopes
    )
    return min(shares, default=WHOLE)


def _share(standing: Standing, start: Decimal, now_ns: int) -> Decimal:
    length_ns = standing.until_ns - standing.since_ns
    passed_ns = min(max(now_ns - standing.since_ns, 0), length_ns)
    if passed_ns == length_ns:
        return WHOLE
    share = start + (WHOLE - start) * passed_ns / length_ns
    return share.quantize(STEP, ROUND_FLOOR)
