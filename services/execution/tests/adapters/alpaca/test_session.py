"""The orders' machine, Alpaca's client and a faulty venue: never lost, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.venues.exchange.orders import Side, Ticket
from tests.venues.server import TestVenue

from tidegate_contracts.execution import OrderState, QueryAccount
from tidegate_contracts.risk import GateLevel
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_kernel.machine import Called

from .hosting import SYMBOL, WallHost

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
async def host(alpaca: AlpacaVenue) -> AsyncIterator[WallHost]:
    """Return a reconciled session that listens."""
    made = WallHost(alpaca)
    made.begin()
    await asyncio.to_thread(eventually, lambda: made.alpaca.updates, "a stream")
    updates = made.alpaca.updates
    assert updates is not None
    await asyncio.to_thread(eventually, lambda: updates.listened, "a connection")
    await made.until_reconciled()
    yield made
    made.end()


def books_agree(venue: TestVenue, host: WallHost) -> bool:
    """Tell whether the fills are the venue's executions, each once and to the unit."""
    ours = sorted((each.price, each.quantity) for each in host.fills())
    theirs = sorted((each.price, each.quantity) for _, each in venue.alpaca.executions)
    return ours == theirs


async def test_a_verdict_becomes_an_order_and_its_fills(venue: TestVenue, host: WallHost) -> None:
    """The private stream and the query tell of the same two executions: each is booked once."""
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    host.take(Called("now", QueryAccount(session="demo")))
    await host.until_reconciled()
    assert len(host.fills()) == 2
    assert books_agree(venue, host)


async def test_a_lost_answer_makes_one_order(venue: TestVenue, host: WallHost) -> None:
    """504 after accepting: one signal, one order at the venue, every fill in the books."""
    venue.plan.set(answers_lost=1, only="POST /v2/orders", streams_mute=True)
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    assert OrderState.UNKNOWN in host.states()
    assert len(venue.alpaca.orders) == 1
    assert books_agree(venue, host)


async def test_a_lost_request_is_sent_again_under_its_id(venue: TestVenue, host: WallHost) -> None:
    """504 without accepting: not found, so the same id goes out again, once."""
    venue.plan.set(requests_lost=1, only="POST /v2/orders")
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    assert venue.requests.count("POST /v2/orders") == 2
    assert len(venue.alpaca.orders) == 1
    assert books_agree(venue, host)


@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_a_hanging_venue_ends_in_the_right_state(
    venue: TestVenue, host: WallHost, fault: str
) -> None:
    """The deadline makes it unknown, and a query proves what it is."""
    venue.plan.set(**{fault: 1, "only": "POST /v2/orders", "streams_mute": True})
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    assert OrderState.UNKNOWN in host.states()
    assert len(venue.alpaca.orders) == 1
    assert books_agree(venue, host)


async def test_fills_complete_after_a_stream_dropped_in_mid_fill(
    venue: TestVenue, host: WallHost
) -> None:
    """The second part is never heard; comparing the account finds it."""
    venue.plan.set(drop_after_updates=4)
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    assert books_agree(venue, host)


async def test_doubled_and_swapped_updates_change_nothing(venue: TestVenue, host: WallHost) -> None:
    """Every fill once, and the order ends as filled."""
    venue.plan.set(duplicate_share=1.0, reorder_share=0.5, seed=3)
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    await host.until_reconciled()
    assert books_agree(venue, host)


async def test_a_refusal_rejects_at_once_or_later(venue: TestVenue, host: WallHost) -> None:
    """By the answer, or by the private stream."""
    venue.plan.set(refused=1, refusal_code="later")
    host.take(host.order())
    await host.until_state(OrderState.REJECTED)
    host.said.clear()
    host.take(host.order(quantity=Decimal(9_000)))
    await host.until_state(OrderState.REJECTED)
    assert host.fills() == []


async def test_an_order_of_somebody_else_halts_the_account(
    venue: TestVenue, host: WallHost
) -> None:
    """Found by the next comparison, and every later entry is refused."""
    venue.alpaca.submit(Ticket(SYMBOL, Side.BUY, Decimal(1), client_order_id="a-person"))
    halted = lambda: host.machine.confirmation().level >= GateLevel.HALTED  # noqa: E731
    await asyncio.to_thread(eventually, halted, "a halt")
    host.take(host.order())
    await host.until_state(OrderState.REJECTED)
    assert len(venue.alpaca.orders) == 1
