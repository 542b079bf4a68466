"""The datasets of this process, by feed: read once, used by the replay and by queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from tidegate_market_data.adapters.demo_data import demo_dataset
from tidegate_market_data.adapters.files import load_dataset
from tidegate_market_data.adapters.period import Period
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from tidegate_market_data.adapters.dataset import Bars
    from tidegate_market_data.config import ReplaySettings

LOG = structlog.get_logger("catalog")


def read_replay(settings: ReplaySettings) -> Bars:
    """Read a session's data; `DataError` says what is wrong with them."""
    if not settings.paths:
        hint = "its bars are not there yet; name files under a feed of kind replay"
        raise DataError(settings.feed, "recorded bars", "a live feed", hint)
    bars = _read_all(settings)
    if settings.since_ns is None and settings.until_ns is None:
        return bars
    return Period(bars, settings.since_ns, settings.until_ns)


def _read_all(settings: ReplaySettings) -> Bars:
    if settings.is_demo:
        return demo_dataset(feed=settings.feed, symbols=settings.symbols)
    return load_dataset(
        settings.paths,
        feed=settings.feed,
        timeframe_ns=settings.timeframe_ns,
        symbols=settings.symbols,
        instruments=settings.instruments,
        greeks=settings.greeks,
    )


class Catalog:
    """Datasets by the name of their feed."""

    def __init__(self) -> None:
        self._datasets: dict[str, Bars] = {}

    def add(self, settings: ReplaySettings) -> Bars:
        """Read a feed's data and keep them; their warnings go to the log."""
        dataset = read_replay(settings)
        for warning in dataset.warnings:
            LOG.warning("data", feed=settings.feed, warning=warning)
        self._datasets[settings.feed] = dataset
        return dataset

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of all feeds, sorted."""
        return tuple(sorted(self._datasets))

    def find(self, feed: str) -> Bars | None:
        """Return a feed's dataset."""
        return self._datasets.get(feed)
