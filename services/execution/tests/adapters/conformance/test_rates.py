"""Too many requests: nothing is sent that the account's budget does not hold."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually

from tidegate_chassis.venues.budget import Limit
from tidegate_contracts.execution import CancelOrder, OrderState, OrderType, SubmitOrder
from tidegate_execution.adapters.costs import ALPACA, BINANCE_CONTRACTS, BINANCE_SPOT

from .conftest import at
from .hosting import WallHost
from .places import CONTRACTS, CRYPTO, OPTIONS, REAL, SPOT
from .test_life import halt
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
COSTS = {CRYPTO: ALPACA, OPTIONS: ALPACA, SPOT: BINANCE_SPOT, CONTRACTS: BINANCE_CONTRACTS}


async def until_nothing_is_open(world: World) -> None:
    """Wait for the venue: what it says by itself may have to be asked for, and that has to wait."""
    await asyncio.to_thread(eventually, lambda: world.open_orders() == 0, "nothing open")


@pytest.mark.parametrize("place", at(*REAL))
async def test_limits_are_the_venues_own(host: WallHost) -> None:
    """Read from what it publishes, and spent in what it counts."""
    limits = {each.what: each.most for each in host.venue.budget.limits}
    assert limits[next(iter(COSTS[host.place][SubmitOrder]))] in (10_000, 600_000)


@pytest.mark.parametrize("place", at(*REAL))
async def test_after_too_many_requests_only_cancels_leave(world: World, host: WallHost) -> None:
    """A working order is cancelled within the pause, and nothing else reaches the venue."""
    assert isinstance(world, RealWorld)
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    await host.until_agreed()
    await host.venue.budget.pause(60)
    world.venue.requests.clear()
    host.take(host.order())
    await host.until_ended(1)
    host.take(halt())
    await until_nothing_is_open(world)
    assert world.taken() == 1
    assert host.place.posts not in world.venue.requests


@pytest.mark.parametrize("place", at(*REAL))
async def test_a_429_begins_the_pause_that_the_venue_asks_for(world: World, host: WallHost) -> None:
    """The order's outcome is unknown, and the question about it waits a second."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(rate_limited=1, retry_after_s=1, only=host.place.posts)
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    assert await host.venue.budget.spend({}) > 0
    again = host.place.ids_unique_for_ever
    await host.until_state(OrderState.FILLED if again else OrderState.EXPIRED)
    assert world.taken() == again


@pytest.mark.parametrize("place", at(SPOT))
async def test_an_entry_waits_for_nobody_and_a_cancel_has_its_reserve(
    world: World, host: WallHost
) -> None:
    """With nothing left but the reserve an entry is not sent, and the kill still cancels."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    weight = BINANCE_SPOT[CancelOrder]["REQUEST_WEIGHT"]
    host.venue.budget.limits = (Limit("REQUEST_WEIGHT", weight * 2, 3_600),)
    host.take(host.order())
    await host.until_ended(1)
    assert world.taken() == 1
    host.take(halt())
    await until_nothing_is_open(world)
