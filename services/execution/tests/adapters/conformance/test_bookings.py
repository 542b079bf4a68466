"""What a venue books by itself is booked here by itself: once, and the account stays open."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.venues.exchange.bookings import Bookings

from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind as Kind,
    AdjustAccount,
    ApproveAdjustment,
)
from tidegate_kernel.money import ZERO

from .conftest import at
from .hosting import WallHost
from .places import CONTRACTS, EQUITIES, OPTIONS
from .test_life import opened
from .worlds import RealWorld

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
UNDERLYING = "AAPL"
FIVE = Decimal(5)


def bookings(world: RealWorld, host: WallHost) -> Bookings:
    """Return what the venue books by itself."""
    return world.venue.bookings[host.place.exchange]


def entries(host: WallHost) -> list[AccountEntry]:
    """Return what was told of it here."""
    return [each for each in host.said if isinstance(each, AccountEntry)]


def cash_differs_by(host: WallHost) -> Decimal | None:
    """Return by how much the venue's cash is not what is expected."""
    return host.machine._state.reconciliation.cash_difference


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_a_dividend_is_booked_once(world: RealWorld, host: WallHost) -> None:
    """It goes to who holds the shares; neither another question nor a restart books it again."""
    await opened(world, host)
    paid = bookings(world, host).dividend(UNDERLYING, "0.25")
    await host.until_agreed()
    (told,) = entries(host)
    assert (told.kind, told.strategy, told.cash) == (Kind.DIVIDEND, "ema", paid)
    assert (told.symbol, told.quantity) == (UNDERLYING, ZERO)
    await host.restart()
    await host.until_agreed()
    assert entries(host) == [told]
    assert cash_differs_by(host) == 0


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_a_split_moves_what_is_held(world: RealWorld, host: WallHost) -> None:
    """Two rows of the venue are one entry; here is held what is held there."""
    await opened(world, host)
    bookings(world, host).split(UNDERLYING, 3, 1)
    await host.until_agreed()
    (told,) = entries(host)
    assert (told.kind, told.quantity, told.price) == (Kind.SPLIT, Decimal(4), None)
    assert host.machine._state.held("ema", UNDERLYING) == world.held() == 6


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_what_is_told_late_ends_the_difference(world: RealWorld, host: WallHost) -> None:
    """The account differs, by name, until the venue says why; no person has to book anything."""
    await opened(world, host)
    known = host.machine._state.reconciliation
    with bookings(world, host).told_later():
        bookings(world, host).split(UNDERLYING, 2, 1)
        await host.until(lambda: not known.reconciled)
        assert known.problem.startswith("HOLDINGS_DIFFER: AAPL: expected 2, found 4")
    await host.until_reconciled()
    assert [each.quantity for each in entries(host)] == [Decimal(2)]


@pytest.mark.parametrize("place", at(OPTIONS))
async def test_an_exercise_delivers_shares(world: RealWorld, host: WallHost) -> None:
    """The option goes, its shares come at the strike, both in the name of who held the option."""
    await opened(world, host)
    bookings(world, host).deliver(host.place.symbol, UNDERLYING, "200")
    await host.until_agreed()
    found = [(each.symbol, each.quantity, each.price, each.cash) for each in entries(host)]
    assert found == [
        (host.place.symbol, Decimal(-200), None, ZERO),
        (UNDERLYING, Decimal(200), Decimal(200), Decimal(-40_000)),
    ]
    assert {each.strategy for each in entries(host)} == {"ema"}
    assert {each.kind for each in entries(host)} == {Kind.OPTION_EXERCISE}
    assert cash_differs_by(host) == 0


@pytest.mark.parametrize("place", at(OPTIONS))
async def test_an_option_that_expires_goes(world: RealWorld, host: WallHost) -> None:
    """Nothing is held any more, here and there."""
    await opened(world, host)
    bookings(world, host).expire(host.place.symbol)
    await host.until_agreed()
    assert [(each.kind, each.quantity) for each in entries(host)] == [
        (Kind.OPTION_EXPIRY, Decimal(-200))
    ]
    assert host.machine._state.holdings["ema"] == {}


@pytest.mark.parametrize("place", at(OPTIONS))
async def test_an_adjusted_contract_is_named(world: RealWorld, host: WallHost) -> None:
    """Its underlying was split: nothing is guessed, the account is shut by the names of both."""
    await opened(world, host)
    known = host.machine._state.reconciliation
    bookings(world, host).adjust_contract(host.place.symbol, "AAPL271217C00210000", 2)
    await host.until(lambda: "ENTRY_UNREAD" in known.problem and known.differed > 1)
    assert not known.reconciled
    assert f"{host.place.symbol}: expected 200, found 0" in known.problem
    assert f"found OPCA {host.place.symbol}" in known.problem
    assert entries(host) == []


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_more_than_a_page_of_one_moment(world: RealWorld, host: WallHost) -> None:
    """All of them are booked, whatever page they are on."""
    venue = bookings(world, host)
    now_ns = world.venue.now_ns()
    world.venue.alpaca.clock = lambda: now_ns
    for _ in range(205):
        venue.cash("INT", "0.01")
    world.venue.alpaca.clock = world.venue.now_ns
    await host.until_agreed()
    assert len({each.entry_id for each in entries(host)}) == len(entries(host)) == 205
    assert cash_differs_by(host) == 0


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_what_fills_carry_is_not_booked_again(world: RealWorld, host: WallHost) -> None:
    """Fees that fills say already move nothing a second time; those of shares come as entries."""
    venue = bookings(world, host)
    venue.cash("CFEE", "0", text="Coin Pair Transaction Fee (Non USD)")
    venue.cash("FEE", "-0.02", text="TAF fee for proceed of 10 shares (1 trades)")
    await host.until_agreed()
    assert [(each.kind, each.cash) for each in entries(host)] == [(Kind.FEE, Decimal("-0.02"))]


@pytest.mark.parametrize("place", at(EQUITIES))
async def test_an_unknown_activity_is_named(world: RealWorld, host: WallHost) -> None:
    """The account is not reconciled, and says why, until people have booked what it moved."""
    venue, known = bookings(world, host), host.machine._state.reconciliation
    venue.cash("XYZ", "5.00", symbol=UNDERLYING)
    await host.until(lambda: not known.reconciled)
    assert known.problem.startswith("ENTRY_UNREAD: XYZ:")
    assert "expected an activity that is known, found XYZ AAPL" in known.problem
    wanted = AdjustAccount(session="demo", cash=FIVE, principal="ada", reason="read by hand")
    asked = await host.call("ask", wanted)
    assert isinstance(asked, AccountEntryAnswer)
    approved = ApproveAdjustment(session="demo", request_id=asked.request_id, principal="bob")
    await host.call("approve", approved)
    await host.until_reconciled()
    assert [(each.kind, each.cash) for each in entries(host)] == [(Kind.ADJUSTMENT, FIVE)]
    assert known.unread == {}


@pytest.mark.parametrize("place", at(CONTRACTS))
async def test_funding_is_booked_once(world: RealWorld, host: WallHost) -> None:
    """Who holds the contract pays it; commissions are in the fills; a restart changes nothing."""
    await opened(world, host)
    venue = bookings(world, host)
    paid = venue.fund(host.place.listed, "0.0001")
    venue.cash("TRANSFER", "250")
    await host.until_agreed()
    funding, transfer = entries(host)
    assert (funding.kind, funding.strategy, funding.cash) == (Kind.FUNDING, "ema", paid)
    assert (funding.symbol, funding.currency) == (host.place.symbol, "USDT")
    assert paid < 0
    assert (transfer.kind, transfer.strategy, transfer.cash) == (Kind.TRANSFER, "", Decimal(250))
    await host.restart()
    await host.until_agreed()
    assert entries(host) == [funding, transfer]


@pytest.mark.parametrize("place", at(CONTRACTS))
async def test_an_unknown_booking_of_contracts_is_named(world: RealWorld, host: WallHost) -> None:
    """Nothing proves that it is dealt with, so people say so, and what it was."""
    venue, known = bookings(world, host), host.machine._state.reconciliation
    venue.cash("XYZ", "5")
    await host.until(lambda: not known.reconciled)
    (name,) = known.unread
    assert "expected a kind of booking that is known, found XYZ of 5.00000000 USDT" in known.problem
    wanted = AdjustAccount(
        session="demo", entry_id=name, cash=FIVE, principal="ada", reason="read by hand"
    )
    asked = await host.call("ask", wanted)
    assert isinstance(asked, AccountEntryAnswer)
    approved = ApproveAdjustment(session="demo", request_id=asked.request_id, principal="bob")
    await host.call("approve", approved)
    await host.until_reconciled()
    assert [(each.kind, each.cash) for each in entries(host)] == [(Kind.ADJUSTMENT, FIVE)]
