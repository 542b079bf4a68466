"""How an order is to work, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import OrderSpecification, OrderType, TimeInForce
from tidegate_contracts.risk import Verdict
from tidegate_risk.adapters.explaining import placed
from tidegate_risk.adapters.projection import verdict_document
from tidegate_risk.testing import START_NS

AT, LIMIT, STOP = Decimal("101.5"), OrderType.LIMIT, OrderType.STOP


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "at market"),
        ({"time_in_force": TimeInForce.DAY}, "at market, until the day ends"),
        ({"order_type": LIMIT, "limit_price": AT}, "at 101.5 or better"),
        (
            {"order_type": LIMIT, "limit_price": AT, "post_only": True},
            "at 101.5 or better, never as a taker",
        ),
        (
            {"order_type": STOP, "trigger_price": AT, "expires_at_ns": START_NS},
            "at market once the market trades at 101.5, until 2024-10-04T00:00:00Z",
        ),
        ({"trail_percent": Decimal(2)}, "at market once the market has turned by 2 %"),
        ({"trail_amount": Decimal(2)}, "at market once the market has turned by 2"),
    ],
)
def test_every_term_of_an_order_is_told(order: dict[str, Any], said: str) -> None:
    """Its price, its trigger, its trail, how long it works."""
    specification = OrderSpecification(
        **{"order_type": OrderType.MARKET, "time_in_force": TimeInForce.GTC, **order}
    )
    assert placed(_document(specification)) == said


def test_an_order_that_an_older_release_wrote_down_is_told_as_far_as_it_goes() -> None:
    """It knew the limit and the time in force, and nothing else."""
    specification = OrderSpecification(time_in_force=TimeInForce.GTC, limit_price=AT)
    older = {
        name: value
        for name, value in _document(specification).items()
        if name in {"limit_price", "time_in_force"}
    }
    assert placed(older) == "at 101.5 or better"


def _document(specification: OrderSpecification) -> dict[str, Any]:
    document: Any = verdict_document(Verdict(specification=specification))["order"]
    return dict(document)
