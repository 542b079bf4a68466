"""The reckoning finds what is lost, what is there twice and what is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from tests.crash.findings import Kind

from tidegate_kernel.identifiers import MANUAL

from .places import ALPACA
from .reckoning import Said, findings
from .venue_books import Theirs

ONE, ZERO = Decimal(1), Decimal(0)


def at_venue(name: str, status: str = "filled", **changes: object) -> Theirs:
    """Return an order for one unit as the venue has it."""
    filled = status == "filled"
    executed = (("BTC/USD", "BUY", ONE, Decimal(1_000)),) if filled else ()
    theirs = Theirs(name, status, is_open=False, filled=ONE * filled, executed=executed)
    return msgspec.structs.replace(theirs, **changes)


def here(name: str, **changes: object) -> dict[str, Any]:
    """Return an order as execution shows it, filled unless changed."""
    document = {
        "client_order_id": name,
        "signal_key": f"signal-{name}",
        "leg": 0,
        "strategy": "restless",
        "symbol": "BTC/USD",
        "order_type": "MARKET",
        "trail_percent": None,
        "trigger_price": None,
        "oco_group": "",
        "reduce_only": False,
        "legs": None,
        "sends": 1,
        "quantity": "1",
        "state": "FILLED",
        "filled_quantity": "1",
        "venue_order_id": f"venue-{name}",
    }
    return {**document, **changes}


FILL = {
    "strategy": "restless",
    "client_order_id": "a",
    "symbol": "BTC/USD",
    "side": "BUY",
    "quantity": "1",
    "price": "1000",
    "fee": "0",
    "fee_currency": "USD",
}
RIGHT = Said(
    place=ALPACA,
    approved=["signal-a"],
    orders={"a": here("a")},
    fills=[FILL],
    booked={"BTC/USD": ONE},
    balanced=True,
    at_venue=[at_venue("a")],
    held={"BTC/USD": ONE},
    lots=dict.fromkeys(ALPACA.protected, Decimal("0.1")),
    moved_there=[("interest", ONE)],
    moved_here=[("interest", ONE)],
)


def kinds(**changes: object) -> set[Kind]:
    """Return the kinds of findings when something of what is right is changed."""
    return {each.kind for each in findings(msgspec.structs.replace(RIGHT, **changes))}


def test_what_agrees_is_right() -> None:
    """An order, its fill, the ledger and the venue agree: nothing is found."""
    assert findings(RIGHT) == []


def test_a_second_order_of_one_id_is_a_duplicate() -> None:
    """Also when nobody has booked anything of it."""
    twice = [at_venue("a"), at_venue("a", "canceled")]
    assert Kind.DUPLICATE in kinds(at_venue=twice)


def test_an_order_that_is_nowhere_is_lost() -> None:
    """An approved signal without an order, an order that never arrived, one that nobody knows."""
    assert kinds(approved=["signal-a", "signal-b"]) == {Kind.LOST}
    more = {"a": here("a"), "b": here("b", state="WORKING", filled_quantity="0")}
    assert kinds(orders=more, approved=["signal-a", "signal-b"]) == {Kind.LOST}
    assert Kind.LOST in kinds(at_venue=[at_venue("a"), at_venue("b", "canceled")])


def test_an_order_without_an_outcome_is_wrong() -> None:
    """Nothing may be left unknown or under way."""
    for state in ("UNKNOWN", "SUBMITTING", "PENDING"):
        assert Kind.WRONG in kinds(orders={"a": here("a", state=state)})


def test_fills_and_holdings_agree_to_the_unit() -> None:
    """A fill too many, a fill too few, another holding, an unbalanced ledger."""
    assert Kind.DUPLICATE in kinds(fills=[FILL, FILL])
    assert Kind.LOST in kinds(fills=[])
    assert kinds(booked={"BTC/USD": Decimal("1.00001")}) == {Kind.WRONG}
    assert kinds(balanced=False) == {Kind.WRONG}


def test_bookings_of_the_venue_are_here_once() -> None:
    """One that is missing, one twice, another amount."""
    assert kinds(moved_here=[]) == {Kind.LOST}
    assert kinds(moved_here=[("interest", ONE)] * 2) == {Kind.DUPLICATE}
    assert kinds(moved_here=[("interest", ZERO)]) == {Kind.LOST, Kind.DUPLICATE}


def test_a_fee_in_kind_leaves_the_holding() -> None:
    """What is bought is there less the coin that paid for it; other fees are money."""
    less = {"BTC/USD": Decimal("0.9975")}
    in_kind = [{**FILL, "fee": "0.0025", "fee_currency": "BTC"}]
    assert kinds(fills=in_kind, held=less, booked=less) == set()
    assert kinds(fills=in_kind) == {Kind.WRONG}


def test_only_what_execution_holds_is_not_at_the_venue() -> None:
    """A held stop that was not sent; one of a share waits at the venue, and must be there."""
    approved = ["signal-a", "signal-b"]
    waits = {"state": "WORKING", "order_type": "STOP", "filled_quantity": "0", "sends": 0}
    ours = here("b", **waits, venue_order_id="")
    assert kinds(orders={"a": here("a"), "b": ours}, approved=approved) == set()
    for change in ({"symbol": "SPY"}, {"sends": 1}, {"order_type": "LIMIT"}):
        assert kinds(orders={"a": here("a"), "b": {**ours, **change}}, approved=approved) == {
            Kind.LOST
        }


def test_what_follows_an_order_needs_its_approval() -> None:
    """An exit has its entry's; without one it is wrong, and a second first order a duplicate."""
    exits = {"b": here("b", leg=1, signal_key="signal-a", state="CANCELLED", filled_quantity="0")}
    there = [at_venue("a"), at_venue("b", "canceled")]
    assert kinds(orders={"a": here("a"), **exits}, at_venue=there) == set()
    foreign = {"b": {**exits["b"], "signal_key": "signal-z"}}
    assert kinds(orders={"a": here("a"), **foreign}, at_venue=there) == {Kind.WRONG}
    second = {"b": {**exits["b"], "leg": 0}}
    assert kinds(orders={"a": here("a"), **second}, at_venue=there) == {Kind.DUPLICATE}


def test_structures_are_whole() -> None:
    """Here and at the venue: a leg that has filled less than its ratio says is found."""
    assert kinds(at_venue=[at_venue("a", whole=False)]) == {Kind.WRONG}
    for filled, found in (("2", set()), ("1", {Kind.WRONG})):
        legs = [{"ratio": 2, "filled_quantity": filled}]
        assert kinds(orders={"a": here("a", legs=legs)}) == found


def test_what_is_protected_is_covered_by_stops() -> None:
    """To the lot, or being closed at the market; too few, too many and what has ended is found."""
    symbol, held = "SOL/USD", {"BTC/USD": ONE, "SOL/USD": ONE}
    fill = {**FILL, "client_order_id": "b", "symbol": symbol, "strategy": "manual"}
    there = at_venue("b", executed=((symbol, "BUY", ONE, Decimal(1_000)),))
    entry = here("b", symbol=symbol, strategy="manual")
    waits = {"state": "WORKING", "order_type": "STOP", "filled_quantity": "0", "sends": 0}
    waits["trigger_price"] = "990"
    stop = here("c", **waits, venue_order_id="", symbol=symbol, strategy="manual", leg=1)
    stop |= {"signal_key": "signal-b", "reduce_only": True}
    same = {
        "fills": [FILL, fill],
        "held": held,
        "booked": held,
        "at_venue": [at_venue("a"), there, at_venue("c", "new", is_open=True)],
        "approved": ["signal-a", "signal-b"],
    }
    for changes, found in (
        ({}, set()),
        ({"quantity": "0.9"}, {Kind.WRONG}),
        ({"quantity": "1.1"}, {Kind.WRONG}),
        ({"order_type": "LIMIT"}, set()),
        ({"order_type": "MARKET", "trigger_price": None}, set()),
        ({"order_type": "LIMIT", "trigger_price": None}, {Kind.WRONG}),
        ({"state": "CANCELLED"}, {Kind.WRONG}),
        ({"strategy": "restless"}, {Kind.WRONG}),
    ):
        orders = {"a": here("a"), "b": entry, "c": {**stop, **changes}}
        assert kinds(orders=orders, **same) == found


def test_a_target_with_a_trigger_covers_as_a_stop() -> None:
    """At Alpaca a stop and a target of whole shares are one order."""
    (symbol, *_) = ALPACA.protected
    bought = {**FILL, "strategy": MANUAL, "symbol": symbol}
    exit_ = here("b", strategy=MANUAL, symbol=symbol, reduce_only=True, order_type="LIMIT")
    open_exit = {**exit_, "state": "WORKING", "filled_quantity": "0", "sends": 1, "leg": 1}
    said = msgspec.structs.replace(RIGHT, fills=[bought], orders={"b": open_exit})
    bare = {each.what for each in findings(said) if "stops cover" in each.what}
    assert len(bare) == 1
    pair = msgspec.structs.replace(said, orders={"b": {**open_exit, "trigger_price": "90"}})
    assert not [each for each in findings(pair) if "stops cover" in each.what]
