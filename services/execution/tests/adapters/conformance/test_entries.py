"""An entry that is sent with its exits where that is wanted, and protected behind elsewhere."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.instances import eventually
from tests.venues.exchange.orders import Kind, Side as VenueSide, Status, Ticket

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderEvent,
    OrderState,
    ReplaceOrder,
    Side,
)
from tidegate_contracts.risk import GateLevel, RaiseGate
from tidegate_execution.core.capabilities import VenueKind
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.testing import bar
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_SECOND

from .conftest import at
from .hosting import WallHost
from .places import CONTRACTS_EXITS, NATIVE, PAPER_EXITS
from .test_exits import at_one_price, exits, halted, left, made, moved, reaches
from .test_life import books_agree, halt
from .worlds import RealWorld, World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PLAYED_AT = (PAPER_EXITS, NATIVE, CONTRACTS_EXITS)
AT_ALPACA = pytest.mark.parametrize("place", at(NATIVE))
WORKING = OrderState.WORKING
STOP: dict[str, Any] = {"stop_price": Decimal(90)}
BOTH: dict[str, Any] = {**STOP, "take_profit_price": Decimal(110)}
FORMS = pytest.mark.parametrize("prices", [BOTH, STOP], ids=["bracket", "oto"])
CLASSES = {2: "bracket", 1: "oto"}


def attached(host: WallHost) -> list[str]:
    """Return the ids of the open exits that were sent with an entry."""
    return [each.client_order_id for each in exits(host) if entry_of(each.client_order_id)]


def covers(host: WallHost, quantity: int, stop: int = 90) -> bool:
    """Tell whether a stop works for so much, wherever it waits."""
    stops = [e for e in exits(host) if e.specification.trigger_price == stop]
    works = all(e.state in (WORKING, OrderState.PARTIALLY_FILLED) for e in exits(host))
    return works and [each.remaining for each in stops] == [quantity]


def protected(host: WallHost) -> bool:
    """Tell whether 2 are held, and their exits work."""
    return sum(each.quantity for each in host.fills()) == 2 and covers(host, 2)


def is_native(host: WallHost) -> bool:
    """Tell whether exits are sent with their entry here."""
    return host.place.native_entries != "never"


async def entered(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """Buy 2 at the market, and wait until they are protected."""
    at_one_price(world)
    host.take(host.order(**prices))
    await host.until_taken()
    world.goes_on()
    await host.until(lambda: protected(host))


async def waiting(world: World, host: WallHost, prices: dict[str, Any], offered: str = "") -> None:
    """Buy 2 at the market at Alpaca, where so many are on offer."""
    assert isinstance(world, RealWorld)
    asks = [("101", offered)] if offered else []
    world.exchange.quote(world.place.listed, [("100", "9")], asks)
    host.take(host.order(**prices))
    await host.until(lambda: bool(attached(host)))


def falls(world: World, host: WallHost, price: str = "89", quantity: str = "9") -> None:
    """Let the market fall to a stop, wherever it waits."""
    reaches(world, price, quantity)
    if host.place.kind is VenueKind.CCXT_BINANCE_USDM:
        now_ns, low = time.time_ns(), Decimal(price)
        begun = bar(0, (low, low, low, low), host.place.symbol)
        dated = {"start_ns": now_ns, "end_ns": now_ns + NS_PER_SECOND}
        host.take(msgspec.structs.replace(begun, venue=host.place.name, **dated))


async def closed(world: World, host: WallHost) -> None:
    """Wait for the end of the exits: nothing is held then, there and in the books."""
    await left(host)
    assert world.held() == 0
    assert books_agree(world, host)


@FORMS
async def test_open(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """Where they are sent with it, one request is all that is made; the account agrees."""
    await entered(world, host, prices)
    await host.until_agreed()
    assert len(attached(host)) == is_native(host)
    if is_native(host):
        assert isinstance(world, RealWorld)
        classes = {each.order_class for each in world.exchange.orders.values()}
        assert classes == {CLASSES[len(prices)]}
        assert sum(each.startswith("POST") for each in world.venue.requests) == 1


@FORMS
async def test_the_stop_fills(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """The position is closed once, and nobody cancels anything but a sibling."""
    await entered(world, host, prices)
    falls(world, host)
    await left(host)
    assert world.held() == 0
    assert world.open_orders() == 0
    assert books_agree(world, host)


async def test_the_target_fills(world: World, host: WallHost) -> None:
    """So it is at the target, in two parts."""
    await entered(world, host, BOTH)
    reaches(world, "111", "1")
    await host.until(lambda: covers(host, 1))
    reaches(world, "111")
    await left(host)
    assert world.held() == 0
    assert world.open_orders() == 0
    assert books_agree(world, host)


@FORMS
async def test_cancel(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """The kill leaves nothing at the venue, and the position as it is."""
    await entered(world, host, prices)
    host.take(halt())
    await host.until(lambda: host.machine.confirmation().confirmed)
    assert (exits(host), world.open_orders()) == ([], 0)
    assert world.held() == 2
    assert books_agree(world, host)


@FORMS
async def test_close(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """The strategy wants out: its exits end first, then what is held is sold, once."""
    await entered(world, host, prices)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await host.until(lambda: exits(host) == [])
    await host.until_taken()
    world.goes_on()
    await left(host)
    assert world.held() == 0
    assert world.open_orders() == 0
    assert books_agree(world, host)


@FORMS
async def test_unknown_and_accepted(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """504 after accepting: found by our id, its exits with it, and not sent again."""
    at_one_price(world)
    world.lose_answer()
    host.take(host.order(**prices))
    await host.until_state(OrderState.UNKNOWN)
    assert exits(host) == []
    world.goes_on()
    await host.until(lambda: protected(host))
    if is_native(host):
        assert len(attached(host)) == 1
        assert isinstance(world, RealWorld)
        assert len(made(world)) == len(prices)
    falls(world, host)
    await closed(world, host)


async def test_unknown_and_never_arrived(world: World, host: WallHost) -> None:
    """Until it is sent again, where ids count for ever, it has no exits."""
    at_one_price(world)
    world.lose_request()
    host.take(host.order(**BOTH))
    await host.until_state(OrderState.UNKNOWN)
    assert exits(host) == []
    if host.place.ids_unique_for_ever:
        await host.until_taken()
        world.goes_on()
        await host.until(lambda: protected(host))
    else:
        await host.until_ended(1)
        assert world.taken() == 0
        assert world.held() == 0
    assert books_agree(world, host)


@FORMS
async def test_restart_while_submitting(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """It may have left: what is held in the end is protected, once."""
    at_one_price(world)
    host.take(host.order(**prices))
    await host.restart()
    await host.until_taken()
    world.goes_on()
    await host.until_ended(1)
    if host.endings()[0] is OrderState.FILLED:
        await host.until(lambda: protected(host))
    await host.until_agreed()
    assert not halted(host)
    assert books_agree(world, host)


@FORMS
async def test_restart_while_exits_work(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """They are found, stay, and fill once."""
    await entered(world, host, prices)
    before = attached(host)
    await host.restart()
    await host.until_agreed()
    assert covers(host, 2)
    assert attached(host) == before
    falls(world, host)
    await closed(world, host)


@FORMS
async def test_filled_while_nobody_listened(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """A new leader that has heard of nothing finds the fills, each once."""
    await entered(world, host, prices)
    world.go_mute()
    falls(world, host)
    await host.restart()
    await left(host)
    assert not halted(host)
    assert world.held() == 0
    assert books_agree(world, host)


async def test_replace(world: World, host: WallHost) -> None:
    """A person moves the stop: ordinary exits follow what was sent with the entry."""
    await entered(world, host, BOTH)
    answer = await host.call("move", moved(host, trigger_price=Decimal(95)))
    assert isinstance(answer, OrderCommandAnswer)
    assert answer.accepted, answer.message
    await host.until(lambda: covers(host, 2, 95))
    await host.until_agreed()
    assert attached(host) == []
    assert not halted(host)


@pytest.mark.parametrize("place", at(NATIVE, CONTRACTS_EXITS))
async def test_refused(world: World, host: WallHost) -> None:
    """Nothing is held, nothing is protected, and nothing is sent in another form."""
    assert isinstance(world, RealWorld)
    at_one_price(world)
    world.venue.plan.set(refused=1)
    host.take(host.order(**BOTH))
    await host.until_ended(1)
    assert host.endings() == [OrderState.REJECTED]
    assert (exits(host), world.taken()) == ([], 0)
    assert world.held() == 0
    await host.until_agreed()


# --- where exits are sent with their entry ------------------------------------------------------


@AT_ALPACA
@FORMS
async def test_a_passed_stop_is_told_as_such(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """The price has fallen through it before the entry arrives: it is not bought at all."""
    at_one_price(world)
    host.take(host.order(**{**prices, "stop_price": Decimal(102)}))
    await host.until_ended(1)
    codes = [each.reason_code for each in host.said if isinstance(each, OrderEvent)]
    assert codes[-1] == "TRIGGER_PASSED"
    assert world.taken() == 0
    assert world.held() == 0


@AT_ALPACA
@FORMS
async def test_a_cancelled_entry_has_no_exits(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """Nothing was on offer: the kill cancels the entry, and its exits end with it."""
    await waiting(world, host, prices)
    assert exits(host)[0].state is WORKING
    host.take(halt())
    await host.until(lambda: host.machine.confirmation().confirmed)
    await host.until(lambda: host.machine._state.orders == {})
    assert world.open_orders() == 0
    assert world.held() == 0
    await host.until_agreed()


@AT_ALPACA
@FORMS
async def test_an_entry_that_ends_in_part_is_protected_by_others(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """Alpaca cancels its exits with it: ordinary ones follow for what is held."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, prices, "1")
    await host.until(lambda: len(host.fills()) == 1)
    (identity,) = attached(host)
    entry = world.exchange.find_client(entry_of(identity))
    assert len(host.machine._state.orders) == 2
    world.exchange.cancel(entry.order_id)
    await host.until(lambda: covers(host, 1) and not attached(host))
    await host.until_agreed()
    assert not halted(host)
    falls(world, host)
    await closed(world, host)


@AT_ALPACA
@FORMS
async def test_an_entry_that_fills_late_is_protected_at_once(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """In two parts, and what was held works: it is neither resized nor doubled."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, prices, "1")
    await host.until(lambda: len(host.fills()) == 1)
    before = attached(host)
    at_one_price(world)
    await host.until(lambda: len(host.fills()) == 2 and len(host.machine._state.orders) == 1)
    await host.until_agreed()
    assert attached(host) == before
    assert covers(host, 2)
    assert world.taken() == 1 + len(prices)
    assert not any(each.cancel_code for each in host.machine._state.closed.values())


@AT_ALPACA
@FORMS
@pytest.mark.parametrize("offered", ["", "1"])
async def test_restart_between_acceptance_and_fill(
    world: World, host: WallHost, prices: dict[str, Any], offered: str
) -> None:
    """The entry fills while nobody listens: it and its exits are found."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, prices, offered)
    before = attached(host)
    world.go_mute()
    at_one_price(world)
    host.venue.port.accounts.choices = type(host.venue.port.accounts.choices)()  # type: ignore[attr-defined]
    await host.restart()
    await host.until(lambda: len(host.machine._state.orders) == 1 and protected(host))
    await host.until_agreed()
    assert attached(host) == before
    falls(world, host)
    await host.restart()
    await left(host)
    assert not halted(host)
    assert world.held() == 0
    assert books_agree(world, host)


@AT_ALPACA
@FORMS
@pytest.mark.parametrize("listed", [True, False])
async def test_exits_that_no_list_shows_are_still_ours(
    world: World, host: WallHost, prices: dict[str, Any], *, listed: bool
) -> None:
    """Nor lost when a nested list leaves them out, nor a stranger's when it shows them apart."""
    assert isinstance(world, RealWorld)
    world.venue.trading.lists_exits = listed
    await entered(world, host, prices)
    host.venue.port.accounts.choices = type(host.venue.port.accounts.choices)()  # type: ignore[attr-defined]
    await host.restart()
    for _ in range(3):
        await host.until_agreed()
    assert not halted(host)
    assert [each.state for each in exits(host)] == [WORKING]
    host.take(halt())
    await host.until(lambda: host.machine.confirmation().confirmed)
    assert (exits(host), world.open_orders()) == ([], 0)
    assert world.held() == 2


@AT_ALPACA
@FORMS
async def test_exits_outlive_the_day(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """Until cancelled: nothing is bare overnight."""
    assert isinstance(world, RealWorld)
    await entered(world, host, prices)
    before = attached(host)
    world.exchange.end_day()
    await host.until_agreed()
    assert len(before) == 1
    assert attached(host) == before
    assert covers(host, 2)


@AT_ALPACA
@FORMS
async def test_reconnect(world: World, host: WallHost, prices: dict[str, Any]) -> None:
    """The stream is gone when the stop fills; comparing the account finds it."""
    assert isinstance(world, RealWorld)
    await entered(world, host, prices)
    world.venue.updates.drop()
    falls(world, host)
    await closed(world, host)


@AT_ALPACA
@FORMS
async def test_doubled_and_swapped_updates_change_nothing(
    world: World, host: WallHost, prices: dict[str, Any]
) -> None:
    """Every fill once, whatever of entry and exits is heard first."""
    assert isinstance(world, RealWorld)
    world.venue.plan.set(duplicate_share=1.0, reorder_share=0.5, seed=3)
    await entered(world, host, prices)
    falls(world, host, "89", "1")
    falls(world, host, "88")
    await closed(world, host)


@AT_ALPACA
async def test_close_while_the_entry_is_open(world: World, host: WallHost) -> None:
    """What has filled is sold when the entry and its exits have ended."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, BOTH, "1")
    await host.until(lambda: len(host.fills()) == 1)
    host.take(host.order(side=Side.SELL, reduce_only=True))
    await left(host)
    assert world.held() == 0
    assert world.open_orders() == 0
    assert books_agree(world, host)


@AT_ALPACA
async def test_nobody_cancels_exits_of_an_open_entry(world: World, host: WallHost) -> None:
    """Nor moves them: the entry is what can be cancelled."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, BOTH)
    (identity,) = attached(host)
    names: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
    cancel = CancelOrder(client_order_id=identity, **names)
    move = ReplaceOrder(client_order_id=identity, trigger_price=Decimal(91), **names)
    for number, command in enumerate((cancel, move)):
        answer = await host.call(f"command-{number}", command)
        assert isinstance(answer, OrderCommandAnswer)
        assert not answer.accepted
        assert "entry" in answer.message
    assert [status for _, status in made(world)] == [Status.HELD] * 2
    await host.call("entry", CancelOrder(client_order_id=entry_of(identity), **names))
    await host.until(lambda: host.machine._state.orders == {})
    assert world.open_orders() == 0
    assert world.held() == 0


@AT_ALPACA
async def test_reducing_only_cancels_the_entry_and_its_exits(world: World, host: WallHost) -> None:
    """What has filled stays protected."""
    assert isinstance(world, RealWorld)
    await waiting(world, host, BOTH, "1")
    await host.until(lambda: len(host.fills()) == 1)
    reduces = RaiseGate(scope="all", level=GateLevel.REDUCE_ONLY, principal="test")
    host.take(Called("reduce", reduces))
    await host.until(lambda: covers(host, 1) and not attached(host))
    await host.until_agreed()
    assert world.held() == 1


@AT_ALPACA
async def test_a_bracket_of_somebody_else_halts_the_account(world: World, host: WallHost) -> None:
    """Beside ours, found by the next comparison."""
    assert isinstance(world, RealWorld)
    await entered(world, host, BOTH)
    listed, one, sells = world.place.listed, Decimal(1), VenueSide.SELL
    target = Ticket(listed, sells, one, kind=Kind.LIMIT, limit_price=Decimal(120))
    stop = Ticket(listed, sells, one, kind=Kind.STOP, stop_price=Decimal(80))
    bought = Ticket(listed, VenueSide.BUY, one, client_order_id="a-person")
    world.exchange.submit_bracket(bought, [target, stop], "bracket")
    await asyncio.to_thread(eventually, lambda: halted(host), "a halt")
