"""An Alpaca that is the test venue, and everything that a session has of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue

SYMBOL = "BTC/USD"


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    """Start a venue with liquidity in one symbol."""
    with TestVenue() as running:
        running.alpaca.quote(SYMBOL, [("100", "9")], [("101", "1"), ("102", "9")])
        yield running


@pytest.fixture
def alpaca(venue: TestVenue) -> Iterator[AlpacaVenue]:
    """Return a paper session's Alpaca, pointed at the venue, with short deadlines."""
    environment = Environment(variables_of(venue), {})
    made = AlpacaVenue.from_environment("demo", environment, live=False)
    made.port.client.limits_s = (1.0, 5.0)
    made.port.client.prepare()
    made.deadlines._deadline_s = 1.0
    yield made
    made.close()
