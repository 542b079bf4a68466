"""A live feed at the test venue, hosted by as much of a shard as it needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.venues.environment import variables_of
from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.models import FeedConfiguration
from tidegate_contracts.market import Bar, FeedState, FeedStatus, Instrument
from tidegate_kernel.machine import Answer, Body, Called, Publish
from tidegate_market_data.adapters.live.feeding import LiveFeed
from tidegate_market_data.adapters.live.opening import provider_of
from tidegate_market_data.adapters.live.provider import Provider
from tidegate_market_data.config import LiveSettings
from tidegate_market_data.core.live_feed import LiveFeedMachine, LiveFeedParameters

PATIENCE_S = 20.0


class Host:
    """Implements `Led` without journal and bus."""

    def __init__(self, parameters: LiveFeedParameters) -> None:
        self.machine: LiveFeedMachine | None = LiveFeedMachine.restore(parameters, None)
        self.said: list[Body] = []
        self._answers: dict[str, Body] = {}
        self._changed = asyncio.Event()

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine take something, once for each id."""
        if call_id not in self._answers:
            assert self.machine is not None
            for effect in self.machine.handle(Called(call_id, body), time.time_ns()):
                if isinstance(effect, Publish):
                    self.said.append(effect.body)
                elif isinstance(effect, Answer):
                    self._answers[call_id] = effect.body
            self._changed.set()
        return self._answers[call_id]

    @property
    def bars(self) -> list[Bar]:
        """What bars were published."""
        return [each for each in self.said if isinstance(each, Bar)]

    @property
    def instruments(self) -> list[Instrument]:
        """What instruments were published."""
        return [each for each in self.said if isinstance(each, Instrument)]

    @property
    def states(self) -> list[FeedState]:
        """What the feed said of itself."""
        return [each.state for each in self.said if isinstance(each, FeedStatus)]

    async def until(self, look: Callable[[], object]) -> None:
        """Wait until something holds of what was said."""
        async with asyncio.timeout(PATIENCE_S):
            while not look():
                self._changed.clear()
                await self._changed.wait()


class AtVenue:
    """A feed at work, and the venue that it listens to."""

    def __init__(self, venue: TestVenue, place: str, feed: FeedConfiguration, symbols: str) -> None:
        self.venue, self.place = venue, place
        self.settings = LiveSettings("live", feed, tuple(symbols.split()), live=False)
        self.provider: Provider = provider_of(self.settings, Environment(variables_of(venue), {}))
        parameters = LiveFeedParameters(feed="live", timeframe_ns=NS_PER_MINUTE)
        self.host = Host(parameters)
        self.feed = LiveFeed(self.host, self.provider, self.settings)
        self.newest_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE - NS_PER_MINUTE

    def publish(self, symbol: str, back: int, *, silent: bool = False, price: int = 100) -> None:
        """Publish the bar that closed so many minutes before the newest one."""
        start_ns = self.newest_ns - back * NS_PER_MINUTE
        prices = (f"{price}", f"{price + 1}", f"{price - 1}", f"{price}.5")
        bar = PublishedBar.of(symbol, start_ns, prices, "7")
        self.venue.publish(self.place, bar, silent=silent)

    def backs(self, symbol: str) -> list[int]:
        """Return the published bars as minutes before the newest one."""
        starts = [each.start_ns for each in self.host.bars if each.symbol == symbol]
        return [(self.newest_ns - start_ns) // NS_PER_MINUTE for start_ns in starts]


Work = Callable[[AtVenue], asyncio.Task[None]]
