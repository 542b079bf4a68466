"""A venue, and feeds that work until the test ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.live_feeds.hosting import AtVenue, Work
from tests.venues.server import TestVenue


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    """Start a venue of its own."""
    with TestVenue() as running:
        yield running


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    """Return a way to let a feed work; it ends with the test."""
    begun: list[tuple[AtVenue, asyncio.Task[None]]] = []

    def begin(at: AtVenue) -> asyncio.Task[None]:
        task = asyncio.create_task(at.feed.run())
        begun.append((at, task))
        return task

    yield begin
    for at, task in begun:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(at.feed.close)
    await asyncio.sleep(0)
    # Connections are let go of by tasks of their own.
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=5)
