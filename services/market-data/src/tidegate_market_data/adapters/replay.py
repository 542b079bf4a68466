"""A dataset as the source of a feed: its instants in order, then the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.market import FeedFinished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.market import FeedBatch
    from tidegate_market_data.adapters.dataset import Bars


class ReplaySource:
    """Commands for a `FeedMachine`. Pacing them is the host's business.

    The end is one nanosecond after the last instant, so that no two commands share an instant
    and a restart finds its place by time alone.
    """

    def __init__(self, dataset: Bars) -> None:
        self.dataset = dataset

    @property
    def end(self) -> FeedFinished:
        """The command that follows the last batch."""
        return FeedFinished(feed=self.dataset.feed, at_ns=self.dataset.last_ns + 1)

    def batches(self, after_ns: int) -> Iterator[FeedBatch | FeedFinished]:
        """Yield what is later than ``after_ns``: the batches, then the end."""
        yield from self.dataset.batches(after_ns)
        if after_ns < self.end.at_ns:
            yield self.end
