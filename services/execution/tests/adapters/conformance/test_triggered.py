"""Stops that wait in a book of their own at the venue, and what they become once triggered."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.venues.binance.algo_service import AlgoStatus
from tests.venues.exchange.orders import Kind, Side as VenueSide, Ticket

from tidegate_contracts.execution import OrderState, OrderType, Side
from tidegate_contracts.risk import GateLevel
from tidegate_execution.adapters.ccxt.venue import CcxtVenue

from .conftest import at
from .hosting import WallHost
from .places import CONTRACTS
from .test_life import books_agree, halt, kill, opened
from .worlds import RealWorld, World

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("place", at(CONTRACTS)),
]
STOP = {"order_type": OrderType.STOP, "trigger_price": Decimal(103)}
STOP_LIMIT = {
    "order_type": OrderType.STOP_LIMIT,
    "trigger_price": Decimal(103),
    "limit_price": Decimal(104),
}
POSTS = "POST /fapi/v1/algoOrder"


def halted(host: WallHost) -> bool:
    """Tell whether the account has been halted."""
    return host.machine.confirmation().level >= GateLevel.HALTED


async def test_the_lost_answer_of_a_stop_is_found_by_its_id(world: World, host: WallHost) -> None:
    """504 after accept: one order waits, and it fills once."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(answers_lost=1, only=POSTS, streams_mute=True)
    host.take(host.order(**STOP))
    await host.until_state(OrderState.WORKING)
    assert OrderState.UNKNOWN in host.states()
    assert (world.taken(), world.open_orders()) == (1, 1)
    world.goes_on("103")
    await host.until_state(OrderState.FILLED)
    assert world.taken() == 1
    assert books_agree(world, host)


async def test_the_lost_request_of_a_stop_is_not_repeated(world: World, host: WallHost) -> None:
    """Neither book knows it once nothing can arrive any more: it has expired."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(requests_lost=1, only=POSTS)
    host.take(host.order(**STOP))
    await host.until_state(OrderState.EXPIRED)
    assert world.taken() == 0


async def test_a_triggered_order_is_ours_before_the_venue_has_named_it(
    world: World, host: WallHost
) -> None:
    """Its updates come first, under an id that nobody knows: nothing is halted, all booked once."""
    assert isinstance(world, RealWorld)
    assert world.algo is not None
    world.algo.lagging = True
    host.take(host.order(**STOP_LIMIT))
    await host.until_taken()
    world.exchange.quote(host.place.listed, [("100", "9")], [("104", "1"), ("105", "9")])
    world.goes_on("103")
    (waiting,) = world.algo.orders
    assert waiting.status is AlgoStatus.TRIGGERING
    assert waiting.became is not None
    assert waiting.became.filled == 1
    listed = sum(each.endswith("/openOrders") for each in world.venue.requests)
    asked = lambda: sum(e.endswith("/openOrders") for e in world.venue.requests) > listed  # noqa: E731
    await asyncio.to_thread(eventually, asked, "a comparison")
    assert not halted(host)
    assert host.fills() == []
    world.algo.catch_up()
    await host.until_state(OrderState.PARTIALLY_FILLED)
    world.exchange.quote(host.place.listed, [("100", "9")], [("104", "9")])
    await host.until_state(OrderState.FILLED)
    await host.until_agreed()
    assert not halted(host)
    assert books_agree(world, host)


async def test_what_was_triggered_while_nobody_listened_is_found(
    world: World, host: WallHost
) -> None:
    """Died between trigger and fill: a new leader finds the resting part, and what has filled."""
    assert isinstance(world, RealWorld)
    host.take(host.order(**STOP_LIMIT))
    await host.until_taken()
    world.go_mute()
    world.exchange.quote(host.place.listed, [("100", "9")], [("104", "1"), ("105", "9")])
    world.goes_on("103")
    await host.restart()
    await host.until_state(OrderState.PARTIALLY_FILLED)
    await host.until_reconciled()
    assert not halted(host)
    world.exchange.quote(host.place.listed, [("100", "9")], [("104", "9")])
    await host.until_state(OrderState.FILLED)
    await host.until_agreed()
    assert books_agree(world, host)


async def test_what_was_triggered_is_cancelled_under_the_number_it_has_now(
    world: World, host: WallHost
) -> None:
    """The kill comes after the trigger: what rests is cancelled, what has filled is booked."""
    assert isinstance(world, RealWorld)
    host.take(host.order(**STOP_LIMIT))
    await host.until_taken()
    world.exchange.quote(host.place.listed, [("100", "9")], [("104", "1"), ("105", "9")])
    world.goes_on("103")
    await kill(host)
    assert host.endings() == [OrderState.CANCELLED]
    assert world.open_orders() == 0
    assert [each.quantity for each in host.fills()] == [1]
    assert books_agree(world, host)


async def test_a_cancel_that_meets_the_trigger_is_asked_again(world: World, host: WallHost) -> None:
    """While the venue has not said what the order has become, nothing is proven."""
    assert isinstance(world, RealWorld)
    assert world.algo is not None
    world.algo.lagging = True
    host.take(host.order(**STOP_LIMIT))
    await host.until_taken()
    world.exchange.quote(host.place.listed, [("100", "9")], [("105", "9")])
    world.goes_on("103")
    cancels = sum(each.startswith("DELETE") for each in world.venue.requests)
    host.take(halt())
    tried = lambda: sum(e.startswith("DELETE") for e in world.venue.requests) > cancels  # noqa: E731
    await asyncio.to_thread(eventually, tried, "a cancel")
    assert host.endings() == []
    world.algo.catch_up()
    await host.until_ended(1)
    assert host.endings() == [OrderState.CANCELLED]
    assert world.open_orders() == 0


async def test_a_protecting_stop_stays_reduce_only(world: World, host: WallHost) -> None:
    """It waits so, it is so when it is triggered, and what is left of it closes nothing twice."""
    assert isinstance(world, RealWorld)
    assert world.algo is not None
    await opened(world, host)
    world.goes_on("101")
    stop = {**STOP, "trigger_price": Decimal(99), "side": Side.SELL, "reduce_only": True}
    host.take(host.order(**stop))
    await host.until_taken()
    assert [each.ticket.reduce_only for each in world.algo.orders] == [True]
    world.goes_on("99")
    await host.until_ended(2)
    assert host.endings() == [OrderState.FILLED, OrderState.FILLED]
    became = world.algo.orders[0].became
    assert became is not None
    assert became.ticket.reduce_only
    assert world.held() == 0
    await host.until_agreed()
    assert books_agree(world, host)


async def test_what_the_matching_engine_refuses_has_ended(world: World, host: WallHost) -> None:
    """Nothing is left to reduce when the stop is triggered: rejected, without a fill."""
    assert isinstance(world, RealWorld)
    await opened(world, host)
    world.goes_on("101")
    stop = {**STOP, "trigger_price": Decimal(99), "side": Side.SELL, "reduce_only": True}
    host.take(host.order(**stop))
    await host.until_taken()
    world.exchange.account.positions.clear()
    world.goes_on("99")
    await host.until_ended(2)
    assert host.endings()[1] == OrderState.REJECTED


async def test_a_trail_in_percent_is_the_venues_own(world: World, host: WallHost) -> None:
    """It follows the price down, and buys when that has risen by its share."""
    trail = {"order_type": OrderType.TRAILING_STOP, "trail_percent": Decimal(5)}
    world.goes_on("101")
    host.take(host.order(**trail))
    await host.until_taken()
    assert world.open_orders() == 1
    for price in ("97", "96.5", "98"):
        world.goes_on(price)
    assert host.fills() == []
    world.goes_on("102.5")
    await host.until_state(OrderState.FILLED)
    assert books_agree(world, host)


async def test_a_trail_by_an_amount_is_held_here(world: World, host: WallHost) -> None:
    """Binance knows percentages only: nothing is sent before the price has turned."""
    trail = {"order_type": OrderType.TRAILING_STOP, "trail_amount": Decimal(5)}
    host.take(host.order(**trail))
    await host.until_state(OrderState.WORKING)
    assert world.taken() == 0


@pytest.mark.parametrize("kind", [Kind.STOP, Kind.LIMIT])
async def test_what_somebody_else_lets_wait_halts_the_account(
    world: World, host: WallHost, kind: Kind
) -> None:
    """In either book; an order of ours beside it is no excuse for more than some seconds."""
    assert isinstance(world, RealWorld)
    assert world.algo is not None
    assert isinstance(host.venue, CcxtVenue)
    assert host.venue.port.algo is not None
    host.venue.port.algo.named_after_ns = 0
    host.take(host.order(**STOP))
    await host.until_taken()
    theirs = Ticket(
        host.place.listed,
        VenueSide.BUY,
        Decimal(1),
        kind=kind,
        limit_price=Decimal(90) if kind is Kind.LIMIT else None,
        stop_price=Decimal(110) if kind is Kind.STOP else None,
        client_order_id="web_1",
    )
    if kind is Kind.LIMIT:
        world.exchange.submit(theirs)
    else:
        world.algo.place(theirs)
    await asyncio.to_thread(eventually, lambda: halted(host), "a halt")
