"""Sizes grow back only where a breaker recovers, and only as far as time has passed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.risk import BreakerState
from tidegate_kernel.gate import Coverage
from tidegate_risk.core.breakers.recovery import ramp_of
from tidegate_risk.core.breakers.standing import BreakersState, Standing
from tidegate_risk.testing import ASLEEP

HERE = Coverage("demo", "paper", "XNAS", "ema", "AAPL")
SINCE_NS, LENGTH_NS = 1_000, 400


def standing(scope: str, state: BreakerState, until_ns: int = SINCE_NS + LENGTH_NS) -> Standing:
    """Return a breaker that was lowered at ``SINCE_NS``."""
    return Standing(
        breaker="test",
        scope=scope,
        member="",
        state=state,
        level=0,
        trip=1,
        since_ns=SINCE_NS,
        reason="test",
        until_ns=until_ns,
    )


def share(now_ns: int, *standings: Standing) -> Decimal:
    """Return the share of the usual size."""
    state = BreakersState(standings={str(n): each for n, each in enumerate(standings)})
    return ramp_of(state, ASLEEP, HERE, now_ns)


@pytest.mark.parametrize(
    ("scope", "state", "expected"),
    [
        ("symbol:AAPL", BreakerState.RECOVERING, "0.25"),
        ("symbol:MSFT", BreakerState.RECOVERING, "1"),
        ("symbol:AAPL", BreakerState.TRIPPED, "1"),
        ("strategy:demo/ema", BreakerState.RECOVERING, "0.25"),
        ("strategy:demo/other", BreakerState.RECOVERING, "1"),
    ],
)
def test_only_a_recovery_in_a_scope_of_the_order_counts(
    scope: str, state: BreakerState, expected: str
) -> None:
    """Elsewhere sizes are whole; what still holds is refused, not made smaller."""
    assert share(SINCE_NS, standing(scope, state)) == Decimal(expected)


def test_the_least_of_several_recoveries_counts() -> None:
    """A quarter of the way is more than a tenth of it."""
    slow = standing("symbol:AAPL", BreakerState.RECOVERING, SINCE_NS + 1_000)
    fast = standing("strategy:demo/ema", BreakerState.RECOVERING)
    assert share(SINCE_NS + 100, fast, slow) == Decimal("0.32")
    assert share(SINCE_NS + 100, fast) == Decimal("0.43")


def test_a_clock_that_went_back_gives_no_less_than_the_start() -> None:
    """Before its beginning a recovery is at its beginning."""
    assert share(SINCE_NS - 500, standing("symbol:AAPL", BreakerState.RECOVERING)) == Decimal(
        "0.25"
    )
