"""Market data over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tidegate_chassis.http import refusals
from tidegate_contracts.market import FeedState, FeedStatus
from tidegate_market_data.adapters.catalog import Catalog
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.adapters.http import MarketDataQueries
from tidegate_market_data.adapters.last_quotes import LastQuotes
from tidegate_market_data.adapters.projection import project
from tidegate_market_data.config import ReplaySettings
from tidegate_market_data.testing import FEED, bar, instrument

DEMO = ReplaySettings(feed=FEED, paths=(Path(DEMO_PATH),), timeframe_ns=None, symbols=("IBM", "FB"))


class RowsInMemory:
    """Projected rows, listed by kind."""

    def __init__(self) -> None:
        """A started feed and one instrument."""
        bodies = (FeedStatus(feed=FEED, state=FeedState.STARTED, bars=7), instrument())
        self.rows = [row for body in bodies for row in project(body)]

    @property
    def projections(self) -> RowsInMemory:
        """The rows themselves."""
        return self

    async def list(self, kind: str, *, after: str = "") -> list[dict[str, Any]]:
        """Return the documents of a kind; there is one page."""
        return [] if after else [row.document for row in self.rows if row.kind == kind]


@pytest.fixture
def quotes() -> LastQuotes:
    """No quote yet."""
    return LastQuotes()


@pytest.fixture
def client(quotes: LastQuotes) -> httpx.AsyncClient:
    """Serve two symbols of the packaged data."""
    catalog = Catalog()
    catalog.add(DEMO)
    application = FastAPI()
    refusals.install(application)
    application.include_router(MarketDataQueries(catalog, quotes, None).routes(RowsInMemory()))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://market-data")


async def test_feeds_tell_their_status_and_their_data(client: httpx.AsyncClient) -> None:
    """What is replayed, and how far it is."""
    (feed,) = (await client.get("/v1/feeds")).json()["feeds"]
    assert (feed["feed"], feed["timeframe"], feed["bar_count"]) == (FEED, "1d", 3466)
    assert feed["symbols"] == ["FB", "IBM"]
    assert (feed["status"]["state"], feed["status"]["bars"]) == ("STARTED", 7)


async def test_instruments_are_those_that_were_published(client: httpx.AsyncClient) -> None:
    """From the projections."""
    found = (await client.get("/v1/instruments")).json()["instruments"]
    assert [each["symbol"] for each in found] == ["AAPL"]


async def test_history_comes_in_decimal_strings(client: httpx.AsyncClient) -> None:
    """From is included, to is not."""
    query = f"feed={FEED}&symbol=FB&from=2012-05-18T00:00:00Z&to=2012-05-22T00:00:00Z"
    bars = (await client.get(f"/v1/bars?{query}")).json()["bars"]
    assert [each["start"] for each in bars] == ["2012-05-18T00:00:00Z", "2012-05-21T00:00:00Z"]
    assert bars[0]["close"] == "38.2318"
    limited = (await client.get(f"/v1/bars?{query}&limit=1")).json()["bars"]
    assert limited == bars[:1]


async def test_the_last_quote_is_the_last_close(
    client: httpx.AsyncClient, quotes: LastQuotes
) -> None:
    """Before the first bar there is none."""
    early = await client.get("/v1/quotes/last?symbol=IBM")
    assert (early.status_code, early.json()["error"]["code"]) == (404, "NO_QUOTE_YET")
    quotes.observe(instrument("IBM"))
    quotes.observe(bar(0, "IBM", close=101_00))
    found = (await client.get(f"/v1/quotes/last?symbol=IBM&feed={FEED}")).json()
    assert (found["price"], found["symbol"]) == ("101", "IBM")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/bars?feed=other&symbol=IBM", 404, "UNKNOWN_FEED"),
        (f"/v1/bars?feed={FEED}&symbol=TSLA", 404, "UNKNOWN_SYMBOL"),
        (f"/v1/bars?feed={FEED}&symbol=IBM&from=monday", 422, "BAD_TIME"),
        (f"/v1/bars?feed={FEED}&symbol=IBM&limit=0", 422, "INVALID_REQUEST"),
        ("/v1/quotes/last?symbol=TSLA", 404, "UNKNOWN_SYMBOL"),
    ],
)
async def test_a_wrong_question_is_refused_with_what_would_be_right(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    """A typed refusal."""
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
