"""Rows of instruments and feeds."""

from __future__ import annotations

from tidegate_contracts.market import FeedState, FeedStatus
from tidegate_market_data.adapters.projection import project
from tidegate_market_data.testing import FEED, START_NS, bar, instrument


def test_an_instrument_is_one_row_of_decimal_strings() -> None:
    """Its key is feed, venue and symbol."""
    (row,) = project(instrument())
    assert (row.kind, row.key) == ("instrument", f"{FEED}|paper|AAPL")
    assert (row.document["tick_size"], row.document["lot_size"]) == ("0.01", "1")
    assert row.document["asset_class"] == "EQUITY"


def test_a_feed_is_one_row_that_its_newest_status_replaces() -> None:
    """The key is the feed's name."""
    status = FeedStatus(feed=FEED, state=FeedState.ENDED, at_ns=START_NS, bars=3, rejected=1)
    (row,) = project(status)
    assert (row.kind, row.key, row.document["state"]) == ("feed", FEED, "ENDED")
    assert row.document["at"] == "2024-01-01T00:00:00Z"


def test_bars_make_no_rows() -> None:
    """There are too many; the dataset and the last quotes answer for them."""
    assert project(bar(0)) == ()
