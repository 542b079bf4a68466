"""A dataset as a feed's source."""

from __future__ import annotations

from tidegate_contracts.market import FeedFinished
from tidegate_market_data.adapters.demo_data import demo_dataset
from tidegate_market_data.adapters.replay import ReplaySource


def test_the_end_follows_the_last_batch_and_is_not_repeated() -> None:
    """A restart finds its place by time alone, also after the end."""
    source = ReplaySource(demo_dataset(feed="f", symbols=["FB"]))
    *batches, end = source.batches(0)
    assert len(batches) == 196
    assert end == source.end == FeedFinished(feed="f", at_ns=source.dataset.last_ns + 1)
    assert list(source.batches(source.dataset.last_ns)) == [end]
    assert list(source.batches(end.at_ns)) == []
