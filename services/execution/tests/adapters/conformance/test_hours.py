"""Around the regular session only orders work that asked for it; a day ends with its hours."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.venues.exchange.hours import Hours

from tidegate_contracts.execution import OrderState, OrderType, TimeInForce
from tidegate_execution.core.capabilities import EXTENDED_HOURS, Way

from .conftest import at
from .hosting import WallHost
from .places import EQUITIES, PAPER
from .test_life import books_agree
from .worlds import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
AROUND = tuple(e for e in (PAPER, EQUITIES) if EXTENDED_HOURS[e.kind] is Way.NATIVE)
AT_LIMIT = {"order_type": OrderType.LIMIT, "limit_price": Decimal(103)}


@pytest.mark.parametrize("place", at(*AROUND))
async def test_extended_hours(world: World, host: WallHost) -> None:
    """An order that asked for them fills after the session, any other in the next one."""
    world.turns(Hours.AFTER)
    host.take(host.order(**AT_LIMIT))
    await host.until_taken()
    world.goes_on()
    await host.until_agreed()
    assert (world.open_orders(), host.fills()) == (1, [])
    host.take(host.order(**AT_LIMIT, extended_hours=True, quantity=Decimal(1)))
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    assert sum((each.quantity for each in host.fills()), Decimal(0)) == 1
    world.turns(Hours.REGULAR)
    world.goes_on()
    await host.until_ended(2)
    await host.until_agreed()
    assert host.endings() == [OrderState.FILLED, OrderState.FILLED]
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_a_day_ends_with_the_hours_that_it_was_asked_for(
    world: World, host: WallHost
) -> None:
    """A regular one with the session, one with extended hours in the evening."""
    order = {"order_type": OrderType.LIMIT, "limit_price": Decimal(90)}
    for extended in (False, True):
        host.take(host.order(**order, time_in_force=TimeInForce.DAY, extended_hours=extended))
        await host.until_taken()
    world.turns(Hours.AFTER)
    await host.until_ended(1)
    assert (host.endings(), world.open_orders()) == ([OrderState.EXPIRED], 1)
    world.turns(Hours.NIGHT)
    await host.until_ended(2)
    assert host.endings() == [OrderState.EXPIRED, OrderState.EXPIRED]
    assert books_agree(world, host)
