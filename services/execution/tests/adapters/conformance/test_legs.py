"""Orders of several legs: whole structures at a net price, each leg's fills booked once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually

from tidegate_contracts.execution import (
    OrderCommandAnswer,
    OrderEvent,
    OrderLeg,
    OrderState,
    OrderType,
    ReplaceOrder,
    Side,
)
from tidegate_contracts.risk import GateLevel

from .conftest import at
from .hosting import WallHost
from .places import PAPER_SPREADS, SPREADS
from .test_life import books_agree, kill
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PLAYED_AT = (PAPER_SPREADS, SPREADS)
FILLED, CANCELLED, REJECTED = OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED
LIMIT = OrderType.LIMIT


def turned(legs: tuple[OrderLeg, ...]) -> tuple[OrderLeg, ...]:
    """Return what closes a structure."""
    other = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
    return tuple(OrderLeg(symbol=e.symbol, side=other[e.side], ratio=e.ratio) for e in legs)


async def opened(world: World, host: WallHost) -> None:
    """Buy 2 structures at the market."""
    host.take(host.order())
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert host.endings() == [FILLED]


def legs_booked(host: WallHost) -> dict[str, Decimal]:
    """Return what is booked of each leg, sales below 0."""
    signs = {Side.BUY: 1, Side.SELL: -1}
    booked = dict.fromkeys(host.place.symbols, Decimal(0))
    for each in host.fills():
        booked[each.symbol] += signs[each.side] * each.quantity
    return booked


async def test_open(world: World, host: WallHost) -> None:
    """One order at the venue, and each leg's fills booked once, under its own symbol."""
    await opened(world, host)
    await host.until_agreed()
    assert books_agree(world, host)
    assert list(legs_booked(host).values()) == [200, -200]
    assert world.taken() == 1


async def test_close(world: World, host: WallHost) -> None:
    """The legs turned around leave nothing, and a second close sends nothing."""
    await opened(world, host)
    closing = {"legs": turned(host.place.legs), "reduce_only": True}
    host.take(host.order(**closing))
    await host.until_taken()
    world.goes_on()
    await host.until_ended(2)
    host.take(host.order(**closing))
    await host.until_ended(3)
    assert host.endings() == [FILLED, FILLED, CANCELLED]
    assert list(legs_booked(host).values()) == [0, 0]
    await host.until_agreed()
    assert books_agree(world, host)
    assert world.taken() == 2


async def partly_filled(world: World, host: WallHost) -> None:
    """Buy 2 at a limit at which only one is to be had."""
    host.take(host.order(order_type=LIMIT, limit_price=Decimal(3)))
    await host.until_taken()
    if not host.place.is_real:
        world.goes_on("2.5", quantity="1")
    await host.until_state(OrderState.PARTIALLY_FILLED)


async def test_partial_and_cancel(world: World, host: WallHost) -> None:
    """A net limit takes one whole structure and waits; the kill cancels the rest with its legs."""
    await partly_filled(world, host)
    await host.until_agreed()
    await kill(host)
    assert host.endings() == [CANCELLED]
    assert world.open_orders() == 0
    assert list(legs_booked(host).values()) == [100, -100]
    assert books_agree(world, host)


async def test_reject(world: World, host: WallHost) -> None:
    """By the venue's own answer: the money is missing."""
    if isinstance(world, RealWorld):
        world.venue.plan.set(refused=1)
    host.take(host.order(quantity=Decimal(999), order_type=LIMIT, limit_price=Decimal(9)))
    await host.until_ended(1)
    assert host.endings() == [REJECTED]
    assert host.fills() == []


async def test_unknown_and_accepted(world: World, host: WallHost) -> None:
    """504 after accepting: one order at the venue, every leg's fill in the books."""
    world.lose_answer()
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    world.goes_on()
    await host.until_state(FILLED)
    assert world.taken() == 1
    assert books_agree(world, host)


async def test_unknown_and_never_arrived(world: World, host: WallHost) -> None:
    """Sent again under its id, whole."""
    world.lose_request()
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    await host.until_taken()
    world.goes_on()
    await host.until_state(FILLED)
    assert world.taken() == 1
    assert books_agree(world, host)


async def test_reconnect(world: World, host: WallHost) -> None:
    """The second structure is never heard of; comparing the account finds both of its legs."""
    if isinstance(world, RealWorld):
        world.venue.plan.set(drop_after_updates=4)
    await partly_filled(world, host)
    world.go_mute()
    world.offers("2.5")
    await host.until_state(FILLED)
    assert books_agree(world, host)


async def test_restart_while_submitting(world: World, host: WallHost) -> None:
    """It may have left: it is asked for, and is at the venue at most once."""
    host.take(host.order())
    await host.restart()
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert world.taken() == (host.endings() == [FILLED])
    await host.until_agreed()
    assert books_agree(world, host)


async def test_restart_while_partially_filled(world: World, host: WallHost) -> None:
    """What was filled while nobody listened is in the books afterwards, of each leg."""
    await partly_filled(world, host)
    await host.until_agreed()
    world.go_mute()
    world.offers("2.5")
    await host.restart()
    await host.until_state(FILLED)
    await host.until_agreed()
    assert books_agree(world, host)


async def test_replace_is_refused(world: World, host: WallHost) -> None:
    """It is cancelled and approved anew instead; meanwhile it goes on."""
    host.take(host.order(order_type=LIMIT, limit_price=Decimal(2)))
    await host.until_taken()
    newest = [each for each in host.said if isinstance(each, OrderEvent)][-1]
    identity = newest.specification.client_order_id
    command = ReplaceOrder(session="demo", client_order_id=identity, limit_price=Decimal(1))
    answer = await host.call("replace", command)
    assert isinstance(answer, OrderCommandAnswer)
    assert answer.code == "ORDER_HAS_LEGS"
    await host.until_agreed()
    assert (world.open_orders(), world.taken(), host.endings()) == (1, 1, [])


@pytest.mark.parametrize("place", at(SPREADS))
async def test_doubled_and_swapped_updates_change_nothing(world: World, host: WallHost) -> None:
    """Every fill once, and the order ends as filled."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(duplicate_share=1.0, reorder_share=0.5, seed=3)
    await opened(world, host)
    await host.until_agreed()
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(SPREADS))
async def test_a_structure_of_somebody_else_halts_the_account(world: World, host: WallHost) -> None:
    """Found by the next comparison."""
    world.somebody_orders()
    halted = lambda: host.machine.confirmation().level >= GateLevel.HALTED  # noqa: E731
    await asyncio.to_thread(eventually, halted, "a halt")


@pytest.mark.parametrize("place", at(SPREADS))
async def test_a_leg_that_the_broker_closes_halts_the_account(world: World, host: WallHost) -> None:
    """Before expiry, by itself: the order stays as it filled, and the holding differs."""
    assert isinstance(world, RealWorld)
    await opened(world, host)
    await host.until_agreed()
    world.exchange.close_by_itself(host.place.symbols[1])
    halted = lambda: host.machine.confirmation().level >= GateLevel.HALTED  # noqa: E731
    await asyncio.to_thread(eventually, halted, "a halt")
    assert list(legs_booked(host).values()) == [200, -200]
