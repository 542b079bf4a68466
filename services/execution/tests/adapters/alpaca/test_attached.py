"""Exits sent with their entry: what is posted, told, found and cancelled under their id."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.venues.exchange.orders import Kind, Side as VenueSide, Status, Ticket
from tests.venues.server import TestVenue

from tidegate_contracts.execution import (
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OrderSpecification,
    OrderState,
    OrderType,
    QueryAccount,
    QueryOrder,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueAccount,
    VenueOrder,
    VenueReportKind,
)
from tidegate_execution.adapters.alpaca.attached import exits_of
from tidegate_execution.adapters.alpaca.choices import Choices
from tidegate_execution.adapters.alpaca.failures import Unproven, Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.orders import posted, unpostable, venue_order
from tidegate_execution.adapters.alpaca.reports import is_about_a_part, report_of_part
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.core.orders.attached import attached_exits_id, entry_of

AT = "2026-03-02T15:00:00Z"
SYMBOL = "AAPL"
ENTRY, EXITS = "tg-a", attached_exits_id("tg-a")
TWO, STOP_PRICE, TARGET_PRICE = Decimal(2), Decimal(90), Decimal(110)
CLASSES = pytest.mark.parametrize("order_class", ["bracket", "oto"])
Document = dict[str, Any]

ENTERS = OrderSpecification(
    client_order_id=ENTRY,
    venue="alpaca",
    symbol=SYMBOL,
    side=Side.BUY,
    order_type=OrderType.MARKET,
    quantity=TWO,
    time_in_force=TimeInForce.GTC,
)
STOP = OrderSpecification(
    client_order_id=EXITS,
    venue="alpaca",
    symbol=SYMBOL,
    side=Side.SELL,
    order_type=OrderType.STOP,
    quantity=TWO,
    trigger_price=STOP_PRICE,
    time_in_force=TimeInForce.GTC,
    reduce_only=True,
)
PAIR = msgspec.structs.replace(STOP, order_type=OrderType.LIMIT, limit_price=TARGET_PRICE)
TARGET = msgspec.structs.replace(PAIR, trigger_price=None)
EXITS_OF = {"bracket": PAIR, "oto": STOP}


@pytest.mark.parametrize(
    ("exits", "expected"),
    [
        (
            PAIR,
            {
                "order_class": "bracket",
                "take_profit": {"limit_price": "110"},
                "stop_loss": {"stop_price": "90"},
            },
        ),
        (STOP, {"order_class": "oto", "stop_loss": {"stop_price": "90"}}),
        (TARGET, {"order_class": "oto", "take_profit": {"limit_price": "110"}}),
    ],
)
def test_one_request_names_the_entry_and_its_exits(
    exits: OrderSpecification, expected: Document
) -> None:
    """A market order under the entry's id, for as long as its exits live; theirs is not sent."""
    assert posted(ENTERS, exits) == {**posted(ENTERS), **expected}
    today = msgspec.structs.replace(ENTERS, time_in_force=TimeInForce.DAY)
    assert posted(today, exits) == posted(ENTERS, exits)
    assert unpostable(ENTERS, exits) == ""
    fraction = msgspec.structs.replace(ENTERS, quantity=Decimal("1.5"))
    assert unpostable(fraction, exits).startswith("expected whole shares of an entry")


def leg(name: str, status: str, filled: str = "0", qty: str = "10") -> Document:
    """Return an exit, as the venue shows it by itself."""
    prices = {"limit_price": "110"} if name == "target" else {"stop_price": "90"}
    return {
        "id": name,
        "client_order_id": f"of the venue: {name}",
        "order_class": "bracket",
        "symbol": SYMBOL,
        "side": "sell",
        "type": "limit" if name == "target" else "stop",
        "time_in_force": "gtc",
        "qty": qty,
        "filled_qty": filled,
        "status": status,
        "created_at": AT,
        "updated_at": AT,
        "legs": None,
        **prices,
    }


def entry(status: str, filled: str, *legs: Document) -> Document:
    """Return an entry as it is shown with its exits."""
    own = {**leg("entry", status, filled), "client_order_id": ENTRY, "side": "buy"}
    return {**own, "type": "market", "stop_price": None, "legs": list(legs)}


@pytest.mark.parametrize(
    ("entered", "target", "stop", "state", "filled"),
    [
        (("new", "0"), ("held",), ("held",), OrderState.WORKING, 0),
        (("partially_filled", "4"), ("held",), ("held",), OrderState.WORKING, 0),
        (("filled", "10"), ("new",), ("held",), OrderState.WORKING, 0),
        (("canceled", "4"), ("canceled",), ("canceled",), OrderState.CANCELLED, 0),
        (
            ("filled", "10"),
            ("partially_filled", "3"),
            ("held", "0", "7"),
            OrderState.PARTIALLY_FILLED,
            3,
        ),
        (("filled", "10"), ("replaced",), ("filled", "10"), OrderState.FILLED, 10),
        (("rejected", "0"), ("rejected",), ("rejected",), OrderState.REJECTED, 0),
    ],
)
def test_the_entry_and_its_exits_are_told_apart(
    entered: tuple[str, str],
    target: tuple[str, ...],
    stop: tuple[str, ...],
    state: OrderState,
    filled: int,
) -> None:
    """Nothing that one has filled is filled of the other."""
    shown = entry(*entered, leg("target", *target), leg("stop", *stop))
    found = venue_order(exits_of(shown), "alpaca")
    assert (found.client_order_id, found.state) == (EXITS, state)
    assert found.filled_quantity == filled
    assert found.specification is not None
    told = found.specification
    assert (told.limit_price, told.trigger_price) == (TARGET_PRICE, STOP_PRICE)
    of_entry = venue_order(shown, "alpaca")
    assert of_entry.client_order_id == ENTRY
    assert of_entry.filled_quantity == Decimal(entered[1])


def test_an_entry_that_shows_none_of_its_exits_proves_nothing_of_them() -> None:
    """Nobody guesses them from what else is open."""
    with pytest.raises(Unproven, match="expected an entry with its exits"):
        exits_of({**entry("filled", "10"), "legs": None})


def message(order: Document, event: str) -> Document:
    """Return a message of the stream, of 1 share at 100 if it is a fill."""
    told: Document = {"event": event, "timestamp": AT, "order": {**order, "legs": None}}
    return told | ({"qty": "1", "price": "100"} if "fill" in event else {})


def test_the_entrys_messages_are_an_orders_and_its_exits_are_parts() -> None:
    """Which one speaks is told by our id; of a part that nobody knows nothing is concluded."""
    shown = entry("filled", "10", leg("target", "new"), leg("stop", "held"))
    assert not is_about_a_part(message(shown, "fill"))
    fill = message(leg("stop", "partially_filled", "1"), "partial_fill")
    assert is_about_a_part(fill)
    with pytest.raises(Unreadable, match="expected a part of a known order"):
        report_of_part(fill, Choices(), "demo", "alpaca", Fees())
    known = Choices()
    known.remember(exits_of(shown))
    assert [known.order_of(each) for each in ("target", "stop", "entry")] == ["entry", "entry", ""]
    report = report_of_part(fill, known, "demo", "alpaca", Fees())
    assert report is not None
    assert (report.client_order_id, report.kind) == (EXITS, VenueReportKind.FILLED)
    assert report.execution is not None
    assert (report.execution.execution_id, report.filled_quantity) == ("stop:1", Decimal(1))
    ended = [
        report_of_part(message(leg(each, "canceled", filled), "canceled"), known, "d", "a", Fees())
        for each, filled in (("target", "0"), ("stop", "1"))
    ]
    assert ended[0] is None
    assert ended[1] is not None
    assert (ended[1].kind, ended[1].filled_quantity) == (VenueReportKind.CANCELLED, Decimal(1))


# --- at the test venue --------------------------------------------------------------------------


@pytest.fixture
def quoted(venue: TestVenue) -> TestVenue:
    """Return a venue that offers 1 at 101."""
    venue.alpaca.quote(SYMBOL, [("100", "9")], [("101", "1")])
    return venue


async def submit(alpaca: AlpacaVenue, exits: OrderSpecification = PAIR) -> object:
    """Send an entry of 2 with its exits."""
    request = SubmitOrder(session="demo", specification=ENTERS, caused_at_ns=1, exits=exits)
    return await alpaca.port.call(request, "r")


async def query(alpaca: AlpacaVenue, name: str) -> VenueOrder:
    """Ask what became of an order."""
    found = await alpaca.port.call(QueryOrder(client_order_id=name, symbol=SYMBOL), "q")
    assert isinstance(found, VenueOrder)
    return found


async def told(alpaca: AlpacaVenue) -> list[tuple[str, OrderState]]:
    """Ask for the open orders of the account."""
    found = await alpaca.port.call(QueryAccount(session="demo"), "a")
    assert isinstance(found, VenueAccount)
    return sorted((each.client_order_id, each.state) for each in found.open_orders)


def forget(alpaca: AlpacaVenue) -> None:
    """Be as after a restart."""
    alpaca.accounts.choices = Choices()
    alpaca.port._ids.clear()


def fill_rest(venue: TestVenue) -> None:
    """Let an entry fill that has filled 1 of 2."""
    venue.alpaca.quote(SYMBOL, [("100", "9")], [("101", "9")])


@pytest.mark.real
@CLASSES
@pytest.mark.parametrize("restarted", [True, False])
async def test_each_is_found_and_listed_under_its_id(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str, *, restarted: bool
) -> None:
    """While the entry fills, and when only its exits are open: nobody else's is there."""
    answer = await submit(alpaca, EXITS_OF[order_class])
    assert isinstance(answer, OrderAccepted)
    assert quoted.alpaca.find_client(ENTRY).order_class == order_class
    if restarted:
        forget(alpaca)
    both = [(ENTRY, OrderState.PARTIALLY_FILLED), (EXITS, OrderState.WORKING)]
    assert await told(alpaca) == both
    fill_rest(quoted)
    if restarted:
        forget(alpaca)
    assert await told(alpaca) == both[1:]
    entered, exits = await query(alpaca, ENTRY), await query(alpaca, EXITS)
    assert [each.quantity for each in entered.executions] == [1, 1]
    assert (exits.state, exits.executions) == (OrderState.WORKING, ())
    assert exits.filled_quantity == 0
    assert exits.specification is not None
    assert exits.specification == msgspec.structs.replace(EXITS_OF[order_class], reduce_only=False)


@pytest.mark.real
@CLASSES
async def test_what_is_not_listed_is_found_by_its_entry(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str
) -> None:
    """A nested list may leave out the exits of an entry that has ended."""
    quoted.trading.lists_exits = False
    await submit(alpaca, EXITS_OF[order_class])
    fill_rest(quoted)
    forget(alpaca)
    assert await told(alpaca) == []
    for _ in range(2):
        found = await query(alpaca, EXITS)
        assert (found.found, found.state) == (True, OrderState.WORKING)


@pytest.mark.real
@CLASSES
async def test_their_executions_are_theirs_alone(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str
) -> None:
    """The stop fills in two parts; the entry has filled what it had."""
    await submit(alpaca, EXITS_OF[order_class])
    fill_rest(quoted)
    quoted.alpaca.quote(SYMBOL, [("89", "1")], [("101", "9")])
    quoted.alpaca.trade(SYMBOL, "89")
    found = await query(alpaca, EXITS)
    assert (found.state, found.filled_quantity) == (OrderState.PARTIALLY_FILLED, Decimal(1))
    quoted.alpaca.quote(SYMBOL, [("88", "9")], [("101", "9")])
    found = await query(alpaca, EXITS)
    assert found.state is OrderState.FILLED
    assert [each.price for each in found.executions] == [89, 88]
    assert [each.price for each in (await query(alpaca, ENTRY)).executions] == [101, 101]
    assert await told(alpaca) == []


@pytest.mark.real
@CLASSES
async def test_a_cancel_ends_all_of_them(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str
) -> None:
    """Of the entry too when it is the entry's; a second one is not accepted."""
    await submit(alpaca, EXITS_OF[order_class])
    fill_rest(quoted)
    forget(alpaca)
    for accepted in (True, False):
        answer: Any = await alpaca.port.call(CancelOrder(client_order_id=EXITS, symbol=SYMBOL), "c")
        assert answer.accepted is accepted
    assert quoted.alpaca.open_orders() == []
    assert (await query(alpaca, EXITS)).state is OrderState.CANCELLED


@pytest.mark.real
@CLASSES
async def test_a_cancelled_entry_takes_them_with_it(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str
) -> None:
    """It has filled in part, and nothing is left that protects it."""
    await submit(alpaca, EXITS_OF[order_class])
    await alpaca.port.call(CancelOrder(client_order_id=ENTRY, symbol=SYMBOL), "c")
    states = [(await query(alpaca, each)).state for each in (ENTRY, EXITS)]
    assert states == [OrderState.CANCELLED] * 2
    assert quoted.alpaca.open_orders() == []


@pytest.mark.real
@pytest.mark.usefixtures("quoted")
async def test_an_entry_that_never_arrived_has_none(alpaca: AlpacaVenue) -> None:
    """Neither is found, and there is nothing to cancel."""
    assert not (await query(alpaca, EXITS)).found
    answer: Any = await alpaca.port.call(CancelOrder(client_order_id=EXITS, symbol=SYMBOL), "c")
    assert not answer.accepted


@pytest.mark.real
async def test_a_passed_stop_refuses_the_whole(quoted: TestVenue, alpaca: AlpacaVenue) -> None:
    """Under the code that says so; nothing was made."""
    answer = await submit(alpaca, msgspec.structs.replace(STOP, trigger_price=Decimal(102)))
    assert isinstance(answer, OrderRejected)
    assert (answer.client_order_id, answer.code) == (ENTRY, "TRIGGER_PASSED")
    assert quoted.alpaca.orders == {}


@pytest.mark.real
async def test_a_bracket_of_somebody_else_is_listed_as_a_strangers(
    quoted: TestVenue, alpaca: AlpacaVenue
) -> None:
    """Also when only its exits are open: none of them has an id that an order of ours has."""
    tickets = [
        Ticket(SYMBOL, VenueSide.SELL, TWO, kind=Kind.LIMIT, limit_price=TARGET_PRICE),
        Ticket(SYMBOL, VenueSide.SELL, TWO, kind=Kind.STOP, stop_price=STOP_PRICE),
    ]
    bought = Ticket(SYMBOL, VenueSide.BUY, TWO, client_order_id="a-person")
    quoted.alpaca.submit_bracket(bought, tickets, "bracket")
    assert [name for name, _ in await told(alpaca)] == ["a-person", "a-person-x"]
    fill_rest(quoted)
    assert [name for name, _ in await told(alpaca)] == ["a-person-x"]
    assert entry_of("a-person-x") == ""


@pytest.mark.real
@CLASSES
@pytest.mark.parametrize("restarted", [True, False])
async def test_what_the_venue_has_put_in_the_stops_place_is_part_of_it(
    quoted: TestVenue, alpaca: AlpacaVenue, order_class: str, *, restarted: bool
) -> None:
    """The stop names its successor, which no answer nests: open, listed as ours, and filled."""
    await submit(alpaca, EXITS_OF[order_class])
    fill_rest(quoted)
    exchange = quoted.alpaca
    stop = exchange.find_client(ENTRY).legs[-1]
    market = replace(stop.ticket, kind=Kind.LIMIT, stop_price=None, limit_price=Decimal(102))
    following = exchange.new_order(replace(market, client_order_id=""), Status.NEW)
    following.order_class, following.replaces = order_class, stop.order_id
    stop.replaced_by, following.rivals, stop.rivals = following.order_id, stop.rivals, []
    for rival in following.rivals:
        rival.rivals = [following]
    exchange.end(stop, Status.REPLACED)
    exchange.place(following)
    if restarted:
        forget(alpaca)
        await query(alpaca, EXITS)
    assert await told(alpaca) == [(EXITS, OrderState.WORKING)]
    exchange.quote(SYMBOL, [("102", "9")], [("103", "9")])
    found = await query(alpaca, EXITS)
    assert (found.state, found.filled_quantity) == (OrderState.FILLED, TWO)
    assert [each.execution_id for each in found.executions] == [f"{following.order_id}:2"]
