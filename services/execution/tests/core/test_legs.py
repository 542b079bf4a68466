"""Orders with legs: one order for a structure of options."""

from __future__ import annotations

import msgspec
import pytest

from tidegate_contracts.execution import OrderLeg, Side
from tidegate_execution.core.capabilities import MULTI_LEG, VenueKind, Way, unsupported
from tidegate_execution.testing import specification

CALLS = ("AAPL271217C00200000", "AAPL271217C00210000")
SPREAD = (
    OrderLeg(symbol=CALLS[0], side=Side.BUY, ratio=1),
    OrderLeg(symbol=CALLS[1], side=Side.SELL, ratio=1),
)


@pytest.mark.parametrize("venue", VenueKind)
def test_legs_are_refused_where_nobody_carries_them_out(venue: VenueKind) -> None:
    """No venue takes the underlying's order for the structure's."""
    found = unsupported(msgspec.structs.replace(specification("key"), legs=SPREAD), venue)
    assert (found == "") is (MULTI_LEG[venue] is not Way.REFUSED)
