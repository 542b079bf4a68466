"""Activities that are no trades, as entries: the venue's own examples, and what must not be."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tidegate_contracts.execution import AccountEntryKind as Kind, VenueEntry
from tidegate_execution.adapters.alpaca.bookings import CASH, Reading
from tidegate_execution.adapters.alpaca.failures import Unreadable

Document = dict[str, object]
DAY = "2023-07-21"
CALL = "AAPL230721C00150000"


def row(kind: str, name: str = "1", **fields: object) -> Document:
    """Return an activity of a day."""
    document: Document = {
        "id": f"20230721000000000::{name}",
        "activity_type": kind,
        "date": DAY,
        "net_amount": "0",
        "status": "executed",
    }
    return document | fields


def read(*rows: Document) -> list[VenueEntry]:
    """Return what rows say."""
    return list(Reading("demo", "alpaca").entries(rows))


def moved(entry: VenueEntry) -> tuple[Kind, str, str, str]:
    """Return kind, symbol, units and cash."""
    return entry.kind, entry.symbol, f"{entry.quantity:f}", f"{entry.cash:f}"


@pytest.mark.parametrize("kind", sorted(CASH))
def test_cash_is_booked_under_its_kind(kind: str) -> None:
    """To the last digit, under the venue's own id, at its time."""
    (entry,) = read(row(kind, net_amount="1.02", symbol="T"))
    assert moved(entry) == (CASH[kind], "T", "0", "1.02")
    assert entry.entry_id == f"{kind}:20230721000000000::1"
    assert (entry.event_at_ns, entry.currency) == (1_689_897_600 * 10**9, "USD")


def test_a_dividend_counts_what_it_was_paid_on() -> None:
    """Its quantity is no change, unless it pays no cash: then shares are what is paid."""
    paid = row("DIV", net_amount="1.02", symbol="T", qty="2", per_share_amount="0.51")
    shares = row("DIV", "2", symbol="SBS", qty="0.0027")
    assert [moved(each) for each in read(paid, shares)] == [
        (Kind.DIVIDEND, "T", "0", "1.02"),
        (Kind.SPLIT, "SBS", "0.0027", "0"),
    ]


def test_borrowing_is_told_from_other_fees() -> None:
    """By what the venue says of it."""
    (entry,) = read(row("FEE", net_amount="-0.4", description="Stock borrow fee for GME"))
    assert entry.kind is Kind.BORROW_FEE


@pytest.mark.parametrize(
    "fields",
    [
        {"activity_type": "CFEE", "symbol": "ETHUSD", "qty": "-0.0001"},
        {"description": "Coin Pair Transaction Fee (USD)", "net_amount": "-0.3"},
        {"activity_sub_type": "ORF", "net_amount": "-0.17"},
        {"activity_sub_type": "OCC", "net_amount": "-0.02"},
        {"description": "TAF fee for proceed of 6 contracts on 2024-06-18", "net_amount": "-0.02"},
        {"activity_sub_type": "REG", "net_amount": "0"},
    ],
)
def test_what_fills_carry_and_what_moves_nothing_is_no_entry(fields: Document) -> None:
    """Fees of coins and options are booked with their fills."""
    assert read(row("FEE") | fields) == []


def test_exercise_and_trade_are_one_entry() -> None:
    """Two calls are used: 200 shares come at the strike; rows may come in any order."""
    used = row("OPEXC", symbol=CALL, qty="-2")
    trade = row("OPTRD", symbol="AAPL", qty="200", net_amount="-30000", price="150")
    (entry,) = read(used, trade)
    assert read(trade, used) == [entry]
    assert moved(entry) == (Kind.OPTION_EXERCISE, CALL, "-200", "-30000")
    delivered = (entry.delivered_symbol, entry.delivered_quantity, entry.delivered_price)
    assert delivered == ("AAPL", Decimal(200), Decimal(150))


@pytest.mark.parametrize(
    ("right", "held", "shares"), [("C", 2, -200), ("P", 2, 200), ("P", -2, -200)]
)
def test_the_other_ways_of_using_an_option(right: str, held: int, shares: int) -> None:
    """A short call delivers, a short put receives, a long put delivers."""
    symbol, kind = CALL.replace("C", right), "OPASN" if held > 0 else "OPEXC"
    rows = (
        row(kind, "a", symbol=symbol, qty=str(held), group_id="g"),
        row("OPTRD", "b", symbol="AAPL", qty=str(shares), net_amount=str(-150 * shares)),
    )
    (entry,) = read(*rows)
    expected = tuple(Decimal(each) for each in (held * 100, shares, -150 * shares))
    assert (entry.quantity, entry.delivered_quantity, entry.cash) == expected


def test_each_exercise_has_its_own_trade() -> None:
    """Two of one day and size are not given the same one; a wrong price is nobody's."""
    trade = row("OPTRD", "t", symbol="AAPL", qty="200", net_amount="-30000")
    used = [row("OPEXC", name, symbol=CALL, qty="-2") for name in "ab"]
    kinds = sorted(each.kind.name for each in read(trade, *used))
    assert kinds == ["OPTION_EXERCISE", "UNSPECIFIED"]
    assert {each.kind for each in read(trade | {"net_amount": "-29999"}, used[0])} == {
        Kind.UNSPECIFIED
    }


def test_a_split_is_the_difference_of_its_rows() -> None:
    """Its id is the group's, so that either row alone is known later."""
    out, back = (
        row("SPLIT", name, symbol="SF", qty=quantity, price="1", group_id="g")
        for name, quantity in (("a", "-0.5"), ("b", "0.8"))
    )
    rows = [out, back]
    random.Random(1).shuffle(rows)
    (entry,) = read(*rows)
    assert moved(entry) == (Kind.SPLIT, "SF", "0.3", "0")
    assert (entry.entry_id, entry.price) == ("SPLIT:g", None)
    (lone,) = read(back)
    assert (lone.entry_id, lone.kind) == ("SPLIT:g", Kind.UNSPECIFIED)


def test_expired_options_go_in_units() -> None:
    """A contract is a hundred of them; what was short comes back."""
    assert [moved(each) for each in read(row("OPEXP", symbol=CALL, qty="3"))] == [
        (Kind.OPTION_EXPIRY, CALL, "300", "0")
    ]


def test_units_that_are_brought_in_have_the_venues_price() -> None:
    """Neither profit nor loss."""
    (entry,) = read(row("ACATS", symbol="AAPL", qty="10", price="100"))
    assert (moved(entry), entry.price) == ((Kind.TRANSFER, "AAPL", "10", "0"), Decimal(100))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"activity_type": "XYZ", "net_amount": "5"}, "expected an activity that is known.*XYZ"),
        ({"activity_type": "OPCA", "symbol": CALL, "qty": "-1"}, "found OPCA AAPL230721C00150000"),
        ({"activity_type": "SPIN", "symbol": "B", "qty": "3"}, "found SPIN B 3 and 0"),
        ({"activity_type": "SPLIT", "symbol": "B", "qty": "3"}, "the other row .* found SPLIT B 3"),
        ({"activity_type": "OPEXC", "symbol": CALL, "qty": "-1"}, "the other row"),
        (
            {"status": "canceled", "net_amount": "5"},
            "expected an executed activity, found canceled",
        ),
        ({"status": "correct", "net_amount": "5"}, "found correct"),
        ({"net_amount": None}, "expected net_amount"),
        ({"net_amount": "1", "date": "soon"}, "expected date as a day"),
        ({"net_amount": "1", "qty": "3"}, "expected an activity that is known"),
    ],
)
def test_what_cannot_be_read_is_named(fields: Document, said: str) -> None:
    """An entry without a kind: its id and why; all others are read."""
    other = row("INT", "other", net_amount="1")
    unread, entry = sorted(read(row("FEE") | fields, other), key=lambda each: each.kind)
    assert (unread.kind, entry.kind) == (Kind.UNSPECIFIED, Kind.INTEREST)
    assert "20230721000000000::1" in unread.entry_id or "B:" in unread.entry_id
    with pytest.raises(Unreadable, match=said):
        raise Unreadable(unread.reason)


def test_a_row_without_an_id_is_no_answer() -> None:
    """What has no name could be booked again and again."""
    with pytest.raises(Unreadable, match="expected id"):
        read({**row("FEE"), "id": None})


def test_a_row_whose_other_one_may_lie_before_the_list_is_left_out() -> None:
    """They were told together, when the list began earlier."""
    begins_ns = 1_689_897_600 * 10**9
    half = row("SPLIT", symbol="B", qty="3")
    assert Reading("demo", "alpaca", begins_ns).entries([half]) == ()
    assert Reading("demo", "alpaca", begins_ns - 2 * 86_400 * 10**9).entries([half]) != ()
