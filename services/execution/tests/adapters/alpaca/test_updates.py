"""The private stream: what it hears, and what it does when it hears nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.venues.exchange.orders import Side, Ticket
from tests.venues.server import TestVenue

from tidegate_execution.adapters.alpaca.fields import Document
from tidegate_execution.adapters.alpaca.updates import MUTE_AFTER_S, Updates
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SYMBOL = "BTC/USD"


class Heard:
    """A stream, and what it has told."""

    def __init__(self, alpaca: AlpacaVenue) -> None:
        self.updates: list[Document] = []
        self.asked: list[str] = []
        self.stream: Updates = alpaca.listen(self.updates.append, self.asked.append)

    def events(self) -> list[object]:
        """Return the events in the order in which they came."""
        return [each["event"] for each in self.updates]


@pytest.fixture
def heard(venue: TestVenue, alpaca: AlpacaVenue) -> Iterator[Heard]:
    """Return a stream that listens."""
    made = Heard(alpaca)
    eventually(lambda: made.stream.listened == 1, "a connection")
    yield made
    venue.plan.clear()


def buy(venue: TestVenue, name: str) -> None:
    """Let an order of ours be filled in two parts."""
    venue.alpaca.submit(Ticket(SYMBOL, Side.BUY, Decimal(2), client_order_id=name))


def test_updates_are_heard_as_they_came(venue: TestVenue, heard: Heard) -> None:
    """And the account is compared once the stream listens, because nothing is replayed."""
    buy(venue, "one")
    eventually(lambda: len(heard.updates) == 4, "four updates")
    assert heard.events() == ["pending_new", "new", "partial_fill", "fill"]
    assert heard.asked == ["the stream listens, for the 1. time"]


def test_after_a_dropped_stream_the_account_is_asked_for(venue: TestVenue, heard: Heard) -> None:
    """In mid-fill: the second part is never heard, and that is why it is asked for."""
    venue.plan.set(drop_after_updates=4)
    buy(venue, "one")
    eventually(lambda: heard.stream.listened == 2, "another connection")
    assert heard.events() == ["pending_new", "new", "partial_fill"]
    assert len(heard.asked) == 2


def test_a_mute_stream_is_connected_anew(venue: TestVenue, heard: Heard) -> None:
    """It says nothing of an order that was taken; silence without an order is no fault."""
    soon_s = time.monotonic() + MUTE_AFTER_S + 1
    assert not heard.stream.look_once(soon_s)
    venue.plan.set(streams_mute=True)
    heard.stream.expect("one")
    buy(venue, "one")
    assert not heard.stream.look_once(time.monotonic())
    assert heard.stream.look_once(soon_s)
    venue.plan.clear()
    eventually(lambda: heard.stream.listened == 2, "another connection")
    assert len(heard.asked) == 3


def test_a_stream_that_speaks_of_the_order_is_not_mute(venue: TestVenue, heard: Heard) -> None:
    """One update about it is enough."""
    heard.stream.expect("one")
    buy(venue, "one")
    eventually(lambda: len(heard.updates) == 4, "four updates")
    assert not heard.stream.look_once(time.monotonic() + MUTE_AFTER_S + 1)


def test_what_cannot_be_read_is_asked_for(alpaca: AlpacaVenue) -> None:
    """A message without its order, or one that we fail on, loses nothing."""
    asked: list[str] = []

    def fail(data: Document) -> None:
        raise ValueError(str(data["event"]))

    stream = Updates(alpaca.credentials, "ws://127.0.0.1:1", fail, asked.append)
    for data in (None, {"event": "fill"}, {"event": "fill", "order": {"client_order_id": "a"}}):
        coroutine = stream._on_message({"data": data})
        with pytest.raises(StopIteration):
            coroutine.send(None)
    assert len(asked) == 3
