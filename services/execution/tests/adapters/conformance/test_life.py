"""The life of an order at every kind of venue: opened, closed, flipped, cancelled, refused."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually

from tidegate_contracts.execution import OrderState, OrderType, Side, TimeInForce
from tidegate_contracts.risk import GateLevel, RaiseGate
from tidegate_kernel.machine import Called

from .conftest import at
from .hosting import WallHost
from .places import PLACES
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
FILLED, CANCELLED, REJECTED = OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED


def books_agree(world: World, host: WallHost) -> bool:
    """Tell whether the fills are the venue's executions, each once and to the unit."""
    return sorted((each.price, each.quantity) for each in host.fills()) == world.executions()


async def kill(host: WallHost) -> None:
    """Halt the session and wait until its order has ended."""
    host.take(halt())
    await host.until_ended(1)


def halt() -> Called:
    """Return what halts the session."""
    return Called("kill", RaiseGate(scope="all", level=GateLevel.HALTED, principal="test"))


async def opened(world: World, host: WallHost) -> None:
    """Buy 2 at the market."""
    host.take(host.order())
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert host.endings() == [FILLED]


async def test_open(world: World, host: WallHost) -> None:
    """A verdict becomes one order and its fills, each booked once, wherever it was heard of."""
    await opened(world, host)
    await host.until_agreed()
    assert books_agree(world, host)
    assert sum(each.quantity for each in host.fills()) == 2 * host.place.units
    assert world.taken() == 1


async def test_close(world: World, host: WallHost) -> None:
    """All is sold but the dust that fees leave, and a second close sends nothing."""
    await opened(world, host)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await host.until_taken()
    world.goes_on()
    await host.until_ended(2)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await host.until_ended(3)
    assert host.endings() == [FILLED, FILLED, CANCELLED]
    assert 0 <= world.held() < host.place.lot_size
    await host.until_agreed()
    assert books_agree(world, host)


async def test_flip(world: World, host: WallHost) -> None:
    """From 2 long to 2 short, where there is such a thing; elsewhere it is refused whole."""
    await opened(world, host)
    held = world.held()
    host.take(host.order(side=Side.SELL, quantity=Decimal(4)))
    await host.until_taken()
    world.goes_on()
    await host.until_ended(2)
    assert host.endings()[1] is (FILLED if host.place.shortable else REJECTED)
    assert world.held() == (-2 if host.place.shortable else held)
    await host.until_agreed()
    assert books_agree(world, host)


async def test_partial_and_cancel(world: World, host: WallHost) -> None:
    """A limit order takes what is there and waits; the kill cancels the rest."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(101)))
    await host.until_taken()
    world.goes_on("100.5" if not host.place.is_real else "", quantity="1")
    await host.until_state(OrderState.PARTIALLY_FILLED)
    await kill(host)
    assert host.endings() == [CANCELLED]
    assert world.open_orders() == 0
    assert [each.quantity for each in host.fills()] == [host.place.units]
    assert books_agree(world, host)


async def test_reject(world: World, host: WallHost) -> None:
    """By the venue's own answer: the money is missing."""
    if isinstance(world, RealWorld):
        world.venue.plan.set(refused=1)
    host.take(host.order(quantity=Decimal(9_999)))
    await host.until_ended(1)
    assert host.endings() == [REJECTED]
    assert host.fills() == []


@pytest.mark.parametrize("place", at(*(e for e in PLACES if e.takes(TimeInForce.IOC))))
async def test_expire(world: World, host: WallHost) -> None:
    """What must be filled at once and cannot is over, without a fill."""
    now = TimeInForce.IOC
    away = {"order_type": OrderType.LIMIT, "limit_price": Decimal(90), "time_in_force": now}
    host.take(host.order(**away))
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert host.endings()[0] in (OrderState.EXPIRED, CANCELLED)
    assert host.fills() == []
    assert world.open_orders() == 0


async def test_an_order_of_somebody_else_halts_the_account(world: World, host: WallHost) -> None:
    """Found by the next comparison, and every later entry is refused."""
    before = world.taken()
    world.somebody_orders()
    halted = lambda: host.machine.confirmation().level >= GateLevel.HALTED  # noqa: E731
    await asyncio.to_thread(eventually, halted, "a halt")
    host.take(host.order())
    await host.until_state(REJECTED)
    assert world.taken() == before + 1


async def test_doubled_and_swapped_updates_change_nothing(world: World, host: WallHost) -> None:
    """Every fill once, and the order ends as filled."""
    if isinstance(world, RealWorld):
        world.venue.plan.set(duplicate_share=1.0, reorder_share=0.5, seed=3)
    await opened(world, host)
    await host.until_agreed()
    assert books_agree(world, host)
