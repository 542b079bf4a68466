"""The last price of every instrument."""

from __future__ import annotations

import pytest

from tidegate_chassis.embedded import ValkeyServer
from tidegate_market_data.adapters.last_quotes import LastQuotes, QuoteStore
from tidegate_market_data.testing import FEED, bar, instrument


@pytest.fixture
def quotes() -> LastQuotes:
    """Know AAPL's units and two of its bars."""
    quotes = LastQuotes()
    quotes.know((instrument(),))
    quotes.observe(bar(0, close=100_25))
    quotes.observe(bar(1, close=101_50))
    return quotes


def test_the_last_close_stands_for_a_quote(quotes: LastQuotes) -> None:
    """It is written in decimals and says what it is."""
    found = quotes.find(FEED, "AAPL")
    assert found is not None
    assert (found["price"], found["kind"], found["at"]) == (
        "101.5",
        "bar_close",
        "2024-01-03T00:00:00Z",
    )


def test_what_was_never_published_is_unknown(quotes: LastQuotes) -> None:
    """Another feed's symbol is another symbol."""
    assert quotes.find(FEED, "MSFT") is None
    assert quotes.find("other", "AAPL") is None


def test_changes_are_taken_once(quotes: LastQuotes) -> None:
    """Only what changed is written to Valkey again."""
    assert list(quotes.take_changed()) == [(FEED, "AAPL")]
    assert quotes.take_changed() == {}
    quotes.observe(bar(2))
    assert quotes.take_changed()[FEED, "AAPL"]["price"] == "101"


@pytest.mark.real
async def test_a_new_process_answers_from_valkey(quotes: LastQuotes, valkey: ValkeyServer) -> None:
    """What one process kept, another one reads."""
    store = QuoteStore(valkey.url)
    await store.write_changed(quotes)
    assert await store.read(FEED, "AAPL") == quotes.find(FEED, "AAPL")
    assert await store.read(FEED, "MSFT") is None
    await store.close()


async def test_a_valkey_that_does_not_answer_costs_only_the_copy(quotes: LastQuotes) -> None:
    """Writing loses it and reading misses it; neither is an error."""
    store = QuoteStore("redis://127.0.0.1:1/0")
    await store.write_changed(quotes)
    assert await store.read(FEED, "AAPL") is None
    await store.close()
