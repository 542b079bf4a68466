"""What a refusal of an exchange says about a stop."""

from __future__ import annotations

import pytest

from tidegate_execution.adapters.ccxt.outcomes import Refused


@pytest.mark.parametrize(
    ("code", "reason", "passed"),
    [
        (-2021, "Order would immediately trigger.", True),
        (-2010, "Stop price would trigger immediately.", True),
        ("OrderImmediatelyFillable", "it would trigger", True),
        (-2010, "Account has insufficient balance for requested action.", False),
        (-2019, "Margin is insufficient.", False),
    ],
)
def test_a_trigger_that_was_passed_is_told_from_other_refusals(
    code: int | str,
    reason: str,
    *,
    passed: bool,
) -> None:
    """By Binance's code for contracts, its words for spot, ccxt's class for other exchanges."""
    assert Refused(code, reason).passed is passed
