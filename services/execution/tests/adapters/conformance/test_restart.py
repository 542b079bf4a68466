"""Killed in every state of an order, and back as a new leader: nothing lost, nothing twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import OrderState, OrderType, Side

from .hosting import WallHost
from .test_life import books_agree, kill, opened
from .worlds import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LIMIT = OrderType.LIMIT


async def test_restart_while_submitting(world: World, host: WallHost) -> None:
    """It may have left: it is asked for, and ends as what the venue knows, at most once."""
    host.take(host.order())
    await host.restart()
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert host.endings()[0] in (OrderState.FILLED, OrderState.EXPIRED)
    assert world.taken() == (host.endings() == [OrderState.FILLED])
    await host.until_agreed()
    assert books_agree(world, host)


async def test_restart_while_unknown(world: World, host: WallHost) -> None:
    """The new leader goes on asking."""
    world.lose_answer()
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    await host.restart()
    world.goes_on()
    await host.until_state(OrderState.FILLED)
    assert world.taken() == 1
    assert books_agree(world, host)


async def test_restart_while_working(world: World, host: WallHost) -> None:
    """The order is found open, and can be cancelled."""
    host.take(host.order(order_type=LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    await host.restart()
    await host.until_agreed()
    assert world.open_orders() == 1
    await kill(host)
    assert host.endings() == [OrderState.CANCELLED]
    assert (world.open_orders(), host.fills()) == (0, [])


async def test_restart_while_partially_filled(world: World, host: WallHost) -> None:
    """What was filled while nobody listened is in the books afterwards."""
    host.take(host.order(order_type=LIMIT, limit_price=Decimal(101)))
    await host.until_taken()
    world.goes_on("100.5" if not host.place.is_real else "", quantity="1")
    await host.until_state(OrderState.PARTIALLY_FILLED)
    await host.until_agreed()
    world.go_mute()
    world.offers("100.5")
    await host.restart()
    await host.until_state(OrderState.FILLED)
    await host.until_agreed()
    assert books_agree(world, host)


async def test_restart_while_a_close_waits(world: World, host: WallHost) -> None:
    """`PENDING`: the close waits for its entry to be cancelled, and then has nothing to close."""
    host.take(host.order(order_type=LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    host.take(host.order(side=Side.SELL, reduce_only=True))
    assert OrderState.PENDING in host.states()
    await host.restart()
    await host.until_ended(2)
    assert host.endings() == [OrderState.CANCELLED] * 2
    assert world.open_orders() == 0
    assert world.held() == 0


async def test_restart_after_the_end(world: World, host: WallHost) -> None:
    """What is over stays over, and the account agrees."""
    await opened(world, host)
    await host.restart()
    await host.until_agreed()
    assert host.endings() == [OrderState.FILLED]
    assert world.taken() == 1
    assert books_agree(world, host)
