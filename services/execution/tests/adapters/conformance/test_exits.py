"""A stop and a target of which the venue itself lets only one fill, behind an entry of 2."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from tests.instances import eventually
from tests.venues.exchange.orders import Kind, Side as VenueSide, Status, Ticket

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderState,
    ReplaceOrder,
    Side,
    TimeInForce,
)
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core.orders.choices import is_choice
from tidegate_execution.core.orders.order import Order

from .conftest import at
from .hosting import WallHost
from .places import EXITS, PAPER_EXITS
from .test_life import books_agree, halt
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PLAYED_AT = (PAPER_EXITS, EXITS)
AT_ALPACA = pytest.mark.parametrize("place", at(EXITS))
FILLED, WORKING = OrderState.FILLED, OrderState.WORKING
PRICES: dict[str, Any] = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}


def exits(host: WallHost) -> list[Order]:
    """Return the open exits."""
    return [each for each in host.machine._state.orders.values() if each.exit_plan]


def both_work(host: WallHost, left: int = 2, stop: int = 90) -> bool:
    """Tell whether exactly a stop and a target are open, each for what is left."""
    opened = exits(host)
    as_one = host.place.is_real
    prices = {(e.specification.limit_price, e.specification.trigger_price) for e in opened}
    wanted = {(110, stop)} if as_one else {(110, None), (None, stop)}
    works = all(e.state in (WORKING, OrderState.PARTIALLY_FILLED) for e in opened)
    return works and prices == wanted and all(e.remaining == left for e in opened)


def at_one_price(world: World) -> None:
    """Offer all at once: each part that fills would have exits of its own."""
    if isinstance(world, RealWorld):
        world.offers("101")


async def protected(world: World, host: WallHost) -> None:
    """Buy 2 at the market, to be left at 90 or 110."""
    at_one_price(world)
    host.take(host.order(**PRICES))
    await host.until_taken()
    world.goes_on()
    await host.until(lambda: both_work(host))


def reaches(world: World, price: str, quantity: str = "9") -> None:
    """Let the market reach an exit: bids above the target, or a trade below the stop."""
    above = Decimal(price) > 110
    if isinstance(world, RealWorld):
        bid = "110" if above else price
        world.exchange.quote(world.place.listed, [(bid, quantity)], [("112", "9")])
        if above:
            return
    world.goes_on(price, quantity)


async def left(host: WallHost) -> None:
    """Wait until nothing is open, and the account agrees."""
    await host.until(lambda: host.machine._state.orders == {})
    await host.until_agreed()


def made(world: World) -> list[tuple[str, Status]]:
    """Return what was ordered at the test venue, behind the entry: class and status."""
    assert isinstance(world, RealWorld)
    return [(each.order_class, each.status) for each in world.exchange.orders.values()][1:]


def halted(host: WallHost) -> bool:
    """Tell whether the account has been halted."""
    return host.machine.confirmation().level >= GateLevel.HALTED


async def test_open(world: World, host: WallHost) -> None:
    """Both rest at the venue, and at Alpaca they are one request."""
    await protected(world, host)
    await host.until_agreed()
    assert world.open_orders() == 2
    if isinstance(world, RealWorld):
        assert [each.specification.oco_group for each in exits(host)] == [""]
        assert made(world) == [("oco", Status.NEW), ("oco", Status.HELD)]
        assert sum(each.startswith("POST") for each in world.venue.requests) == 2


@pytest.mark.parametrize("price", ["111", "89"])
async def test_either_fills(world: World, host: WallHost, price: str) -> None:
    """The position is closed once, the other ends at the venue, and nobody cancels anything."""
    await protected(world, host)
    reaches(world, price)
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)
    assert world.open_orders() == 0
    assert not any(each.cancel_code for each in host.machine._state.closed.values())


async def test_partial(world: World, host: WallHost) -> None:
    """What the target fills is taken off the stop, which then closes the rest."""
    await protected(world, host)
    reaches(world, "111", "1")
    await host.until(lambda: both_work(host, 1))
    await host.until_agreed()
    reaches(world, "89")
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


async def test_cancel(world: World, host: WallHost) -> None:
    """The kill cancels both, with one request where they are one order."""
    await protected(world, host)
    host.take(halt())
    await host.until(lambda: host.machine.confirmation().confirmed)
    assert (exits(host), world.open_orders()) == ([], 0)
    assert world.held() == 2


async def test_close(world: World, host: WallHost) -> None:
    """The strategy wants out: both end first, then what is held is sold, once."""
    await protected(world, host)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await host.until(lambda: exits(host) == [])
    await host.until_taken()
    world.goes_on()
    await left(host)
    assert world.held() == 0
    assert world.open_orders() == 0
    assert books_agree(world, host)


async def test_unknown_and_accepted(world: World, host: WallHost) -> None:
    """504 after accepting: found by our id with its stop, and not sent again."""
    await protected(world, host)
    world.lose_answer()
    await host.call("move", moved(host, trigger_price=Decimal(91)))
    await host.until_state(OrderState.UNKNOWN)
    await host.until(lambda: both_work(host, stop=91))
    assert world.open_orders() == 2
    reaches(world, "89")
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


async def test_unknown_and_never_arrived(world: World, host: WallHost) -> None:
    """Sent again under its id, whole."""
    await protected(world, host)
    world.lose_request()
    await host.call("move", moved(host, trigger_price=Decimal(91)))
    await host.until_state(OrderState.UNKNOWN)
    await host.until(lambda: both_work(host, stop=91))
    assert world.open_orders() == 2


@pytest.mark.parametrize("price", ["111", "89"])
async def test_filled_while_nobody_listened(world: World, host: WallHost, price: str) -> None:
    """A new leader that has heard of nothing finds the fills of either, each once."""
    await protected(world, host)
    world.go_mute()
    reaches(world, price)
    await host.restart()
    await left(host)
    assert not halted(host)
    assert world.held() == 0
    assert books_agree(world, host)


async def test_restart_while_both_work(world: World, host: WallHost) -> None:
    """They are found, stay, and fill once."""
    await protected(world, host)
    await host.restart()
    await host.until_agreed()
    assert both_work(host)
    reaches(world, "89")
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


async def test_restart_while_submitting(world: World, host: WallHost) -> None:
    """They may have left: asked for, and at the venue at most once."""
    await protected(world, host)
    await host.call("move", moved(host, trigger_price=Decimal(91)))
    await host.until(lambda: any(e.state == OrderState.SUBMITTING for e in exits(host)))
    await host.restart()
    await host.until(lambda: all(e.state == WORKING for e in exits(host)))
    assert world.open_orders() == 2
    reaches(world, "89")
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


def moved(host: WallHost, **terms: Decimal) -> ReplaceOrder:
    """Return what moves the exit that has such a price."""
    name = next(iter(terms))
    exit_ = next(each for each in exits(host) if getattr(each.specification, name) is not None)
    identity = exit_.client_order_id
    return ReplaceOrder(
        session="demo", client_order_id=identity, principal="ada", reason="test", **terms
    )


@pytest.mark.parametrize(("name", "price"), [("limit_price", 105), ("trigger_price", 95)])
async def test_replace(world: World, host: WallHost, name: str, price: int) -> None:
    """A person moves one of them: it is placed there when the old one has ended."""
    await protected(world, host)
    answer = await host.call("move", moved(host, **{name: Decimal(price)}))
    assert isinstance(answer, OrderCommandAnswer)
    assert answer.accepted, answer.message
    there = lambda e: getattr(e.specification, name) == price and e.state == WORKING  # noqa: E731
    await host.until(lambda: any(map(there, exits(host))))
    await host.until_agreed()
    assert world.open_orders() == 2
    assert not halted(host)


async def test_give_up(world: World, host: WallHost) -> None:
    """A person cancels the target: what is one order goes as a whole, and does not come back."""
    await protected(world, host)
    target = next(e for e in exits(host) if e.specification.limit_price is not None)
    names: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
    await host.call("no", CancelOrder(client_order_id=target.client_order_id, **names))
    stays = 0 if is_choice(target.specification) else 1
    await host.until(lambda: len(exits(host)) == stays)
    await host.until_agreed()
    assert world.open_orders() == stays


@AT_ALPACA
async def test_reconnect(world: World, host: WallHost) -> None:
    """The stream is gone when the stop fills; comparing the account finds it."""
    assert isinstance(world, RealWorld)
    await protected(world, host)
    world.venue.updates.drop()
    reaches(world, "89")
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


@AT_ALPACA
@pytest.mark.parametrize("price", ["111", "89"])
async def test_doubled_and_swapped_updates_change_nothing(
    world: World, host: WallHost, price: str
) -> None:
    """Every fill once, wherever the other's end is heard."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(duplicate_share=1.0, reorder_share=0.5, seed=3)
    await protected(world, host)
    reaches(world, price)
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


@AT_ALPACA
async def test_a_stop_that_works_alone_is_ours(world: World, host: WallHost) -> None:
    """Its target has ended, it is listed by itself, and nobody remembers whose it is."""
    assert isinstance(world, RealWorld)
    await protected(world, host)
    world.go_mute()
    world.exchange.quote(world.place.listed, [("89", "1")], [("102", "9")])
    world.goes_on("89")
    target, stop = list(world.exchange.orders.values())[1:3]
    target.status, target.rivals, stop.rivals = Status.CANCELED, [], []
    world.exchange.market(world.place.listed).resting.remove(target)
    forgotten = type(host.venue.port.accounts.choices)()  # type: ignore[attr-defined]
    host.venue.port.accounts.choices = forgotten  # type: ignore[attr-defined]
    await host.restart()
    await host.until(lambda: [e.filled_quantity for e in exits(host)] == [1])
    await host.until_agreed()
    assert not halted(host)
    host.take(halt())
    await host.until(lambda: host.machine.confirmation().confirmed)
    assert (stop.status, world.open_orders()) == (Status.CANCELED, 0)
    assert world.held() == 1
    assert books_agree(world, host)


@AT_ALPACA
async def test_a_pair_of_somebody_else_halts_the_account(world: World, host: WallHost) -> None:
    """Beside ours, found by the next comparison."""
    assert isinstance(world, RealWorld)
    await protected(world, host)
    world.exchange.account.positions[world.place.listed].quantity += 1
    one, sells = Decimal(1), VenueSide.SELL
    target = Ticket(world.place.listed, sells, one, kind=Kind.LIMIT, limit_price=Decimal(120))
    stop = Ticket(world.place.listed, sells, one, kind=Kind.STOP, stop_price=Decimal(80))
    world.exchange.submit_either(target, stop)
    await asyncio.to_thread(eventually, lambda: halted(host), "a halt")


@AT_ALPACA
async def test_a_pair_that_is_refused_again_is_placed_apart(world: World, host: WallHost) -> None:
    """Alpaca takes neither of two: the target rests there and the stop is held here."""
    assert isinstance(world, RealWorld)
    await protected(world, host)
    world.venue.plan.set(refused=2)
    await host.call("move", moved(host, trigger_price=Decimal(91)))
    await host.until(lambda: [each.held for each in exits(host)] == [True, False])
    await host.until(lambda: all(each.state == WORKING for each in exits(host)))
    await host.until_agreed()
    assert world.open_orders() == 1


@AT_ALPACA
async def test_a_stop_that_is_passed_closes_at_the_market(world: World, host: WallHost) -> None:
    """The price has fallen through it before the pair arrives."""
    assert isinstance(world, RealWorld)
    at_one_price(world)
    host.take(host.order(**{**PRICES, "stop_price": Decimal(102)}))
    await host.until_taken()
    await left(host)
    assert made(world) == [("simple", Status.FILLED)]
    assert world.held() == 0
    assert books_agree(world, host)


@AT_ALPACA
async def test_a_fraction_of_a_share_has_its_exits_apart(world: World, host: WallHost) -> None:
    """Alpaca takes fractions as simple orders only: the stop is held, as it says."""
    at_one_price(world)
    fraction = {"quantity": Decimal("1.5"), "time_in_force": TimeInForce.DAY}
    host.take(host.order(**{**PRICES, **fraction}))
    await host.until_taken()
    await host.until(lambda: [e.held for e in exits(host)] == [True, False])
    await host.until(lambda: all(each.state == WORKING for each in exits(host)))
    assert not any(is_choice(each.specification) for each in exits(host))
    assert world.open_orders() == 1
