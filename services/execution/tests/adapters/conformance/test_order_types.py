"""Order types that a venue carries out by itself do there what the contract says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import OrderState, OrderType, Side

from .conftest import at
from .hosting import WallHost
from .places import CONTRACTS, CRYPTO, EQUITIES, OPTIONS, PAPER, SPOT, Place
from .test_life import books_agree, kill
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STOPPING = tuple(
    e for e in (PAPER, EQUITIES, OPTIONS, SPOT, CONTRACTS) if e.carries_out(OrderType.STOP)
)
LIMITED = tuple(
    e for e in (CRYPTO, OPTIONS, SPOT, CONTRACTS) if e.carries_out(OrderType.STOP_LIMIT)
)
TRAILING = tuple(e for e in (PAPER, EQUITIES) if e.carries_out(OrderType.TRAILING_STOP))
RESTING = tuple(e for e in (PAPER, SPOT, CONTRACTS) if e.rests_only())


async def waits_and_fills(world: World, host: WallHost, **order: object) -> None:
    """Send an order that must wait for a price of 103, and fill when it comes."""
    host.take(host.order(**order))
    await host.until_taken()
    world.goes_on("102")
    await host.until_agreed()
    assert (world.open_orders(), host.fills()) == (1, [])
    world.goes_on("103")
    await host.until_state(OrderState.FILLED)
    await host.until_agreed()
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(*STOPPING))
async def test_stop(world: World, host: WallHost) -> None:
    """A buy stop is a market order from the moment at which its trigger trades."""
    await waits_and_fills(world, host, order_type=OrderType.STOP, trigger_price=Decimal(103))


@pytest.mark.parametrize("place", at(*LIMITED))
async def test_stop_limit(world: World, host: WallHost) -> None:
    """A limit order from then on."""
    prices = {"trigger_price": Decimal(103), "limit_price": Decimal(104)}
    await waits_and_fills(world, host, order_type=OrderType.STOP_LIMIT, **prices)


@pytest.mark.parametrize("place", at(*TRAILING))
@pytest.mark.parametrize("trail", ["trail_amount", "trail_percent"])
async def test_trailing_stop(world: World, host: WallHost, trail: str) -> None:
    """It follows the price down, and buys when that has risen by its distance."""
    order = {"order_type": OrderType.TRAILING_STOP, trail: Decimal(5)}
    host.take(host.order(**order))
    await host.until_taken()
    for price in ("101", "97", "96.5", "98"):
        world.goes_on(price)
    await host.until_agreed()
    assert (world.open_orders(), host.fills()) == (1, [])
    world.goes_on("102.5")
    await host.until_state(OrderState.FILLED)
    assert books_agree(world, host)


@pytest.mark.parametrize("place", at(*RESTING))
async def test_post_only(world: World, host: WallHost, place: Place) -> None:
    """Rejected where it would take; where it would not, it rests."""
    limit = {"order_type": OrderType.LIMIT, "post_only": True}
    world.goes_on("101")
    host.take(host.order(limit_price=Decimal(105), **limit))
    await host.until_taken()
    if not place.is_real:
        world.goes_on("101")
    await host.until_ended(1)
    assert host.endings() == [OrderState.REJECTED]
    host.take(host.order(limit_price=Decimal(90), **limit))
    await host.until_taken()
    assert world.open_orders() == 1
    assert host.fills() == []


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_a_fraction_that_cannot_trail_is_refused_here(world: World, host: WallHost) -> None:
    """With a sentence that says what was expected; the venue never hears of it."""
    trailing = {"order_type": OrderType.TRAILING_STOP, "trail_percent": Decimal(5)}
    host.take(host.order(quantity=Decimal("1.5"), side=Side.BUY, **trailing))
    await host.until_ended(1)
    assert host.endings() == [OrderState.REJECTED]
    assert world.taken() == 0


@pytest.mark.parametrize("place", at(OPTIONS))
async def test_options_are_ordered_in_contracts_and_cost_by_contract(
    world: World, host: WallHost
) -> None:
    """Two to open and two to close; a part of one is refused here."""
    assert isinstance(world, RealWorld)
    host.take(host.order())
    await host.until_ended(1)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await host.until_ended(2)
    host.take(host.order(quantity=Decimal("0.5")))
    await host.until_ended(3)
    assert host.endings()[2] == OrderState.REJECTED
    tickets = [each.ticket for each in world.exchange.orders.values()]
    assert [each.quantity for each in tickets] == [2, 2]
    assert [each.intent for each in tickets] == ["buy_to_open", "sell_to_close"]
    await host.until_agreed()
    fees = sum(each.fee for _, each in world.exchange.executions)
    assert sum(each.fee for each in host.fills()) == fees == Decimal("0.19298")


@pytest.mark.parametrize("place", at(SPOT, CONTRACTS))
async def test_a_stop_that_has_triggered_already_is_refused_by_the_venue(
    world: World, host: WallHost
) -> None:
    """Binance keeps no stop that would trigger at once; the reason is the venue's."""
    host.take(host.order(order_type=OrderType.STOP, trigger_price=Decimal(90)))
    await host.until_ended(1)
    assert host.endings() == [OrderState.REJECTED]
    await host.until_agreed()
    assert world.taken() == 0


@pytest.mark.parametrize("place", at(SPOT, CONTRACTS))
async def test_a_waiting_stop_is_cancelled_by_the_kill(world: World, host: WallHost) -> None:
    """Like any other open order."""
    host.take(host.order(order_type=OrderType.STOP, trigger_price=Decimal(110)))
    await host.until_taken()
    await kill(host)
    assert world.open_orders() == 0
