"""What requests cost, and what venues publish of their limits."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tidegate_chassis.venues.budget import Limit
from tidegate_contracts.execution import CancelOrder, QueryAccount, QueryOrder, SubmitOrder
from tidegate_execution.adapters import costs
from tidegate_execution.adapters.ccxt.outcomes import Limited, outcome_of

RECORDED = Path(__file__).parents[5] / "shared" / "data" / "fixtures"


@pytest.mark.parametrize(
    "venue", [costs.ALPACA, costs.BINANCE_SPOT, costs.BINANCE_CONTRACTS, costs.GUESSED]
)
def test_every_request_costs_something(venue: costs.Costs) -> None:
    """Nothing is free, so nothing is unbounded."""
    assert set(venue) == {SubmitOrder, CancelOrder, QueryOrder, QueryAccount}
    assert all(cost > 0 for each in venue.values() for cost in each.values())


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not here")
def test_the_recorded_limits_of_binance_are_read() -> None:
    """As `exchangeInfo` published them."""
    lines = gzip.decompress((RECORDED / "binance_exchangeInfo_20211011.txt.gz").read_bytes())
    found = next(line for line in lines.decode().splitlines() if '"rateLimits"' in line)
    document = json.loads(found[found.index("{") :])
    assert costs.published(document) == (
        Limit("REQUEST_WEIGHT", 1_200, 60),
        Limit("ORDERS", 50, 10),
        Limit("ORDERS", 160_000, 86_400),
        Limit("RAW_REQUESTS", 6_100, 300),
    )


def test_what_cannot_be_read_is_no_limit() -> None:
    """The caller refuses to trade without any."""
    odd = [{"rateLimitType": "ORDERS"}, {"interval": "YEAR", "intervalNum": 1, "limit": 1}, "x"]
    assert costs.published({"rateLimits": odd}) == costs.published({}) == ()


def test_an_account_is_named_without_its_key() -> None:
    """The same for all who hold the key."""
    name = costs.name_of("alpaca", "PK123")
    assert name == costs.name_of("alpaca", "PK123")
    assert "PK123" not in name
    assert name != costs.name_of("alpaca", "PK124")


@pytest.mark.parametrize(("told", "seconds"), [("7", 7.0), ("", 10.0), ("soon", 10.0)])
def test_too_many_requests_says_for_how_long(told: str, seconds: float) -> None:
    """By its header, or for ten seconds."""
    for status in (418, 429):
        outcome = outcome_of(status, "{}", told)
        assert isinstance(outcome, Limited)
        assert outcome.seconds == seconds
