"""What is not proven: lost answers, lost requests, silence, dropped streams."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import OrderState, OrderType

from .conftest import at
from .hosting import WallHost
from .places import REAL
from .test_life import books_agree
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


async def test_unknown_and_accepted(world: World, host: WallHost) -> None:
    """504 after accepting: one signal, one order at the venue, every fill in the books."""
    world.lose_answer()
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    world.goes_on()
    await host.until_state(OrderState.FILLED)
    assert world.taken() == 1
    assert books_agree(world, host)


async def test_unknown_and_never_arrived(world: World, host: WallHost) -> None:
    """Sent again where ids count for ever, else given up once "not found" is conclusive."""
    world.lose_request()
    host.take(host.order())
    await host.until_state(OrderState.UNKNOWN)
    again = host.place.ids_unique_for_ever
    if again:
        await host.until_taken()
        world.goes_on()
    await host.until_state(OrderState.FILLED if again else OrderState.EXPIRED)
    assert world.taken() == (1 if again else 0)
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(*REAL))
@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
async def test_silence(world: World, host: WallHost, fault: str) -> None:
    """The deadline makes it unknown, and queries prove what it is."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(**{fault: 1, "only": host.place.posts, "streams_mute": True})
    host.take(host.order())
    filled = fault == "hang_after" or host.place.ids_unique_for_ever
    await host.until_state(OrderState.FILLED if filled else OrderState.EXPIRED)
    assert OrderState.UNKNOWN in host.states()
    assert world.taken() == filled
    assert books_agree(world, host)


async def test_reconnect(world: World, host: WallHost) -> None:
    """The second part is never heard, for the stream is gone; comparing the account finds it."""
    if isinstance(world, RealWorld):
        world.venue.plan.set(drop_after_updates=4)
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(105)))
    await host.until_taken()
    world.goes_on(quantity="1")
    world.go_mute()
    world.goes_on()
    await host.until_state(OrderState.FILLED)
    assert books_agree(world, host)
