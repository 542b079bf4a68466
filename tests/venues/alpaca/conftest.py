"""alpaca-py's private stream, and what it receives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.instances import eventually
from tests.venues.server import TestVenue
from tests.venues.streams import Hub

PATIENCE_S = 20.0


@contextmanager
def streaming(stream: Any, hub: Hub) -> Iterator[None]:
    """Run one of alpaca-py's streams until the block ends."""
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    eventually(lambda: hub.lines and hub.lines[0].topics, "a subscription")
    try:
        yield
    finally:
        stream.stop()
        hub.drop()
        thread.join(PATIENCE_S)


@pytest.fixture
def updates(venue: TestVenue) -> Iterator[list[dict[str, Any]]]:
    """Return the trade updates that alpaca-py's stream receives."""
    from alpaca.trading.stream import TradingStream

    got: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        got.append(message["data"])

    url = f"{venue.ws}/stream"
    stream = TradingStream(venue.keys.key, venue.keys.secret, raw_data=True, url_override=url)
    stream.subscribe_trade_updates(keep)
    with streaming(stream, venue.updates):
        yield got
