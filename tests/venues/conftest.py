"""One venue for a module of tests, with a fresh book and no faults for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from tests.venues.exchange.account import Account
from tests.venues.exchange.exchange import Exchange
from tests.venues.exchange.habits import ALPACA, Habits
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.orders import Update
from tests.venues.server import TestVenue

Opened = tuple[Exchange, list[Update]]


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    """Start a venue of its own: it takes 20 ms."""
    with TestVenue() as running:
        yield running


@pytest.fixture
def opened() -> Callable[[Habits], Opened]:
    """Return a way to open an exchange with one symbol, and what it tells."""

    def open_exchange(habits: Habits = ALPACA) -> Opened:
        exchange = Exchange(habits, Account("1", habits, {"USD": Decimal(100_000)}))
        exchange.list_symbol(Listing("BTC/USD", "BTC", "USD"))
        told: list[Update] = []
        exchange.listeners.append(told.append)
        return exchange, told

    return open_exchange
