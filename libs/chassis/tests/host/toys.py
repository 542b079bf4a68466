"""Small machines for the host's tests: a feed, a counter that signals, and a keeper of accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Self

import msgspec

from tidegate_contracts.execution import QueryAccount
from tidegate_contracts.market import Bar, FeedBatch, FeedFinished, FeedState, FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.signals import Direction, Signal
from tidegate_kernel.machine import Answer, Body, Called, Effect, Event, Publish

MINUTE_NS = 60_000_000_000


class ToyParameters(msgspec.Struct, frozen=True):
    """How often the counter signals."""

    every: int = 3


class Toy:
    """A machine that counts what it handles."""

    def __init__(self, parameters: ToyParameters, count: int) -> None:
        self.parameters = parameters
        self.count = count

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Count."""
        raise NotImplementedError

    def snapshot(self) -> bytes:
        """Return the count."""
        return msgspec.msgpack.encode(self.count)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Take a count up again."""
        assert isinstance(parameters, ToyParameters)
        return cls(
            parameters, 0 if snapshot is None else msgspec.msgpack.decode(snapshot, type=int)
        )


class ToyFeed(Toy):
    """Publishes the bars that it is given."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Publish bars and the end."""
        if isinstance(event, FeedBatch):
            return [Publish(bar) for bar in event.bars]
        if isinstance(event, FeedFinished):
            status = FeedStatus(feed=event.feed, state=FeedState.ENDED, at_ns=event.at_ns)
            return [Publish(status), Publish(status)]
        return ()


class ToySignals(Toy):
    """Signals at every n-th bar."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Count bars."""
        if not isinstance(event, Bar):
            return ()
        self.count += 1
        if self.count % self.parameters.every:
            return ()
        return [Publish(signal_of(event, self.count))]


class ToyBooks(Toy):
    """Writes a snapshot of the account for every signal, with how many it has seen."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Count signals."""
        if not isinstance(event, Signal):
            return ()
        self.count += 1
        snapshot = AccountSnapshot(
            session=event.session,
            account="toy",
            currency="USD",
            cash=Decimal(self.count),
            event_at_ns=event.event_at_ns,
        )
        return [Publish(snapshot)]


class ToyTill(Toy):
    """Answers every question with how many there were, and says it too."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Count calls."""
        if not isinstance(event, Called):
            return ()
        assert isinstance(event.body, QueryAccount)
        self.count += 1
        snapshot = AccountSnapshot(
            session=event.body.session,
            account="toy",
            currency="USD",
            cash=Decimal(self.count),
            event_at_ns=now_ns,
        )
        return [Publish(snapshot), Answer(event.call_id, snapshot)]


def signal_of(bar: Bar, ordinal: int) -> Signal:
    """Return a signal that names its bar."""
    return Signal(
        session=bar.feed.removeprefix("replay-"),
        strategy="counter",
        feed=bar.feed,
        venue=bar.venue,
        symbol=bar.symbol,
        event_at_ns=bar.end_ns,
        ordinal=ordinal,
        direction=Direction.LONG,
        strength=1.0,
        confidence=1.0,
        reference_price=Decimal(bar.close),
    )


def bar_at(number: int, symbol: str = "AAA", session: str = "toy") -> Bar:
    """Return the n-th minute's bar."""
    end_ns = number * MINUTE_NS
    return Bar(
        feed=f"replay-{session}",
        venue="paper",
        symbol=symbol,
        timeframe_ns=MINUTE_NS,
        start_ns=end_ns - MINUTE_NS,
        end_ns=end_ns,
        open=100,
        high=110,
        low=90,
        close=100 + number % 7,
        volume=5,
    )


class ToySource:
    """Two symbols for a number of minutes."""

    def __init__(self, minutes: int, session: str) -> None:
        self.minutes = minutes
        self.session = session
        self.feed = f"replay-{session}"

    def batches(self, after_ns: int) -> Iterator[Body]:
        """Yield what is later than a time."""
        for number in range(1, self.minutes + 1):
            if number * MINUTE_NS > after_ns:
                bars = tuple(bar_at(number, symbol, self.session) for symbol in ("AAA", "BBB"))
                yield FeedBatch(feed=self.feed, instant_ns=number * MINUTE_NS, bars=bars)
        end_ns = self.minutes * MINUTE_NS + 1
        if end_ns > after_ns:
            yield FeedFinished(feed=self.feed, at_ns=end_ns)
