"""Replaced by hand at every kind of venue: the new order waits until the old one has ended."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import (
    OrderCommandAnswer,
    OrderEvent,
    OrderState,
    OrderType,
    ReplaceOrder,
)

from .conftest import at
from .hosting import WallHost
from .places import EQUITIES, PLACES
from .test_life import books_agree
from .worlds import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CANCELLED, FILLED = OrderState.CANCELLED, OrderState.FILLED


async def replaced(host: WallHost, **terms: Decimal) -> OrderCommandAnswer:
    """Have a person replace the newest order, and wait until the old one has ended."""
    newest = [each for each in host.said if isinstance(each, OrderEvent)][-1]
    command = ReplaceOrder(
        session="demo",
        client_order_id=newest.specification.client_order_id,
        principal="ada",
        reason="test",
        **terms,
    )
    answer = await host.call("replace", command)
    assert isinstance(answer, OrderCommandAnswer)
    await host.until_ended(1)
    await host.until_taken()
    return answer


@pytest.mark.parametrize("place", at(*PLACES, EQUITIES))
async def test_replace(world: World, host: WallHost) -> None:
    """One order is open at a time, the new one fills, and its fills are in the books."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    answer = await replaced(host, limit_price=Decimal("89.5"), quantity=host.place.units)
    assert answer.accepted, answer.message
    assert host.endings() == [CANCELLED]
    await host.until_agreed()
    assert (world.open_orders(), world.taken()) == (1, 2)
    world.offers("89")
    await host.until_state(FILLED)
    await host.until_agreed()
    assert books_agree(world, host)
    assert [each.quantity for each in host.fills()] == [host.place.units]


@pytest.mark.parametrize("place", at(*PLACES, EQUITIES))
async def test_replace_of_what_has_filled_in_part(world: World, host: WallHost) -> None:
    """The new order is as large as what is left: together they fill what was approved."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(101)))
    await host.until_taken()
    world.goes_on("100.5" if not host.place.is_real else "", quantity="1")
    await host.until_state(OrderState.PARTIALLY_FILLED)
    answer = await replaced(host, limit_price=Decimal("100.7"))
    assert answer.accepted, answer.message
    world.offers("100.5")
    await host.until_state(FILLED)
    await host.until_agreed()
    assert host.endings() == [CANCELLED, FILLED]
    assert [each.quantity for each in host.fills()] == [host.place.units] * 2
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(*PLACES, EQUITIES))
async def test_replace_by_more_is_refused(world: World, host: WallHost) -> None:
    """A larger order or a worse price needs an approval of its own; the old order goes on."""
    host.take(host.order(order_type=OrderType.LIMIT, limit_price=Decimal(90)))
    await host.until_taken()
    newest = [each for each in host.said if isinstance(each, OrderEvent)][-1]
    identity = newest.specification.client_order_id
    wanted = 3 * host.place.units
    larger = ReplaceOrder(session="demo", client_order_id=identity, quantity=wanted)
    dearer = ReplaceOrder(session="demo", client_order_id=identity, limit_price=Decimal(91))
    for name, command in (("larger", larger), ("dearer", dearer)):
        answer = await host.call(name, command)
        assert isinstance(answer, OrderCommandAnswer)
        assert answer.code == "RISK_INCREASING"
    await host.until_agreed()
    assert (world.open_orders(), world.taken(), host.endings()) == (1, 1, [])
