"""The same sessions at every real venue, through its own client: never lost, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.venues.environment import variables_of
from tests.venues.exchange.orders import Kind, Side, Ticket
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_contracts.execution import OrderState, OrderType, QueryAccount, Side as OrderSide
from tidegate_contracts.risk import GateLevel, RaiseGate
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.adapters.ccxt.venue import CcxtVenue
from tidegate_execution.adapters.real_venues import real_venue
from tidegate_kernel.machine import Called

from .hosting import LOT_SIZE, PLACES, Place, WallHost

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(params=PLACES, ids=lambda place: place.kind)
def place(request: pytest.FixtureRequest) -> Place:
    """Return a kind of venue."""
    found: Place = request.param
    return found


@pytest.fixture
def venue(place: Place) -> Iterator[TestVenue]:
    """Start a venue with liquidity in one symbol."""
    with TestVenue() as running:
        exchange = running.exchanges[place.exchange]
        exchange.quote(place.listed, [("100", "9")], [("101", "1"), ("102", "9")])
        yield running


@pytest.fixture
async def host(place: Place, venue: TestVenue) -> AsyncIterator[WallHost]:
    """Return a reconciled session that listens, with short deadlines."""
    made = real_venue(place.session(), Environment(variables_of(venue), {}))
    await made.open()
    if isinstance(made, AlpacaVenue):
        made.port.client.limits_s = (1.0, 5.0)
        made.deadlines._deadline_s = 1.0
    else:
        assert isinstance(made, CcxtVenue)
        made.port.deadline_s = 3.0
    host = WallHost(place, made)
    host.begin()
    user = {"alpaca": venue.updates, "spot": venue.spot_user, "usdm": venue.usdm_user}
    hub = user[place.exchange]
    await asyncio.to_thread(eventually, lambda: any(e.topics for e in hub.lines), "a stream")
    await host.until_reconciled()
    yield host
    venue.plan.clear()
    await host.end()


def orders_at(venue: TestVenue, host: WallHost) -> int:
    """Return how many orders the venue has ever taken."""
    return len(venue.exchanges[host.place.exchange].orders)


def books_agree(venue: TestVenue, host: WallHost) -> bool:
    """Tell whether the fills are the venue's executions, each once and to the unit."""
    ours = sorted((each.price, each.quantity) for each in host.fills())
    executed = venue.exchanges[host.place.exchange].executions
    return ours == sorted((each.price, each.quantity) for _, each in executed)


async def test_a_verdict_becomes_an_order_and_its_fills(venue: TestVenue, host: WallHost) -> None:
    """The private stream and the query tell of the same two executions: each is booked once."""
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    await host.until_agreed()
    assert len(host.fills()) == 2
    assert books_agree(venue, host)


async def test_what_is_bought_can_be_closed_whatever_the_fee_has_taken(
    venue: TestVenue, host: WallHost
) -> None:
    """Fees leave dust: the account agrees with it, and a second close sends nothing."""
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    for count in (2, 3):
        host.take(host.order(side=OrderSide.SELL, reduce_only=True))
        await host.until_ended(count)
    assert host.endings() == [OrderState.FILLED, OrderState.FILLED, OrderState.CANCELLED]
    exchange = venue.exchanges[host.place.exchange]
    assert 0 <= exchange.account.held(exchange.market(host.place.listed).listing) < LOT_SIZE
    await host.until_agreed()
    assert books_agree(venue, host)


async def test_a_lost_answer_makes_one_order(venue: TestVenue, host: WallHost) -> None:
    """504 after accepting: one signal, one order at the venue, every fill in the books."""
    venue.plan.set(answers_lost=1, only=host.place.posts, streams_mute=True)
    host.take(host.order())
    await host.until_state(OrderState.FILLED)
    assert OrderState.UNKNOWN in host.states()
    assert orders_at(venue, host) == 1
    assert books_agree(venue, host)


async def test_a_lost_request_is_sent_again_only_where_ids_count_for_ever(
    venue: TestVenue, host: WallHost
) -> None:
    """504 without accepting: sent again, or given up once "not found" is conclusive."""
    venue.plan.set(requests_lost=1, only=host.place.posts)
    host.take(host.order())
    again = host.place.ids_unique_for_ever
    await host.until_state(OrderState.FILLED if again else OrderState.EXPIRED)
    assert venue.requests.count(host.place.posts) == (2 if again else 1)
    assert orders_at(venue, host) == (1 if again else 0)
    assert books_agree(venue, host)


@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_a_hanging_venue_ends_in_the_right_state(
    venue: TestVenue, host: WallHost, fault: str
) -> None:
    """The deadline makes it unknown, and queries prove what it is."""
    venue.plan.set(**{fault: 1, "only": host.place.posts, "streams_mute": True})
    host.take(host.order())
    filled = fault == "hang_after" or host.place.ids_unique_for_ever
    await host.until_state(OrderState.FILLED if filled else OrderState.EXPIRED)
    assert OrderState.UNKNOWN in host.states()
    assert orders_at(venue, host) == filled
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
    host.take(Called("now", QueryAccount(session="demo")))
    assert books_agree(venue, host)


async def test_a_refusal_rejects(venue: TestVenue, host: WallHost) -> None:
    """By the answer itself: money is missing."""
    venue.plan.set(refused=1)
    host.take(host.order())
    await host.until_state(OrderState.REJECTED)
    assert host.fills() == []


async def test_a_part_is_filled_and_the_rest_is_cancelled_by_the_kill(
    venue: TestVenue, host: WallHost
) -> None:
    """A limit order takes what is there and waits; then nothing is open any more."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(101)))
    await host.until_state(OrderState.PARTIALLY_FILLED)
    host.take(Called("kill", RaiseGate(scope="all", level=GateLevel.HALTED, principal="test")))
    await host.until_state(OrderState.CANCELLED)
    assert venue.exchanges[host.place.exchange].open_orders() == []
    assert books_agree(venue, host)
    assert len(host.fills()) == 1


async def test_an_order_of_somebody_else_halts_the_account(
    venue: TestVenue, host: WallHost
) -> None:
    """Found by the next comparison, and every later entry is refused."""
    exchange = venue.exchanges[host.place.exchange]
    resting = Ticket(
        host.place.listed,
        Side.BUY,
        Decimal(1),
        kind=Kind.LIMIT,
        limit_price=Decimal(90),
        client_order_id="a-person",
    )
    exchange.submit(resting)
    halted = lambda: host.machine.confirmation().level >= GateLevel.HALTED  # noqa: E731
    await asyncio.to_thread(eventually, halted, "a halt")
    host.take(host.order())
    await host.until_state(OrderState.REJECTED)
    assert orders_at(venue, host) == 1
