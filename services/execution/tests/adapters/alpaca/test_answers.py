"""Answers and updates are read exactly, or not at all."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tidegate_contracts.execution import (
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
    VenueReportKind,
)
from tidegate_execution.adapters.alpaca.client import REFUSING, _of_status
from tidegate_execution.adapters.alpaca.executions import Readings
from tidegate_execution.adapters.alpaca.failures import Refused, Unproven, Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.fields import decimal_of, time_ns_of
from tidegate_execution.adapters.alpaca.orders import posted, state_of, venue_order
from tidegate_execution.adapters.alpaca.reports import KINDS, event_key, report_of

RECORDED = Path(__file__).parents[6] / "shared" / "data" / "fixtures"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not here")
ORDER = {
    "id": "order-1",
    "client_order_id": "tg-a",
    "symbol": "BTC/USD",
    "qty": "2",
    "filled_qty": "0.5",
    "status": "partially_filled",
    "side": "buy",
    "type": "limit",
    "limit_price": "100.10",
    "time_in_force": "gtc",
    "created_at": "2026-09-18T13:24:50.01Z",
    "updated_at": "2026-09-18T13:24:50.034105424Z",
}
UPDATE = {
    "event": "partial_fill",
    "event_id": "01A",
    "timestamp": "2026-09-18T13:24:50.019957863Z",
    "qty": "0.5",
    "price": "100.10",
    "order": ORDER,
}


def test_an_order_is_read_exactly() -> None:
    """Numbers keep their digits and times their nanoseconds."""
    found = venue_order(ORDER, "alpaca")
    assert found.state is OrderState.PARTIALLY_FILLED
    assert found.filled_quantity == Decimal("0.5")
    assert found.specification is not None
    assert found.specification.limit_price == Decimal("100.10")
    assert found.event_at_ns % 10**9 == 34_105_424


@pytest.mark.parametrize("name", ["id", "client_order_id", "filled_qty", "status", "updated_at"])
def test_a_missing_field_that_counts_is_named(name: str) -> None:
    """And nothing is concluded from what is there."""
    with pytest.raises(Unreadable, match=name):
        venue_order({key: value for key, value in ORDER.items() if key != name}, "alpaca")


def test_unknown_fields_and_orders_of_others_do_not_break() -> None:
    """Types that we never send are read as unspecified."""
    others = {
        **ORDER,
        "type": "peg",
        "side": "sell_short",
        "qty": None,
        "notional": "5",
        "new_field": 1,
    }
    found = venue_order(others, "alpaca")
    assert found.specification is not None
    assert found.specification.order_type.name == "UNSPECIFIED"


@pytest.mark.parametrize("value", [1.5, True, None, "NaN", "Infinity", "1,5", []])
def test_a_number_is_exact_or_refused(value: object) -> None:
    """A float has been parsed by somebody else, and has lost digits."""
    with pytest.raises(Unreadable, match="qty"):
        decimal_of({"qty": value}, "qty")


@pytest.mark.parametrize("text", ["2026-09-18", "yesterday", "2026-09-18T13:24:50"])
def test_a_time_names_its_zone(text: str) -> None:
    """Anything else is not a time of the venue."""
    with pytest.raises(Unreadable, match="RFC 3339"):
        time_ns_of({"at": text}, "at")


@pytest.mark.parametrize(
    ("status", "filled", "state"),
    [
        ("new", "0", OrderState.WORKING),
        ("pending_cancel", "1", OrderState.PARTIALLY_FILLED),
        ("done_for_day", "0", OrderState.WORKING),
        ("filled", "2", OrderState.FILLED),
        ("replaced", "0", OrderState.CANCELLED),
        ("expired", "1", OrderState.EXPIRED),
        ("rejected", "0", OrderState.REJECTED),
    ],
)
def test_each_status_stands_for_a_state(status: str, filled: str, state: OrderState) -> None:
    """What is not ended works on."""
    assert state_of({"status": status, "filled_qty": filled}) is state


def test_an_unknown_status_proves_nothing() -> None:
    """It may be an ending or not."""
    with pytest.raises(Unreadable, match="status"):
        state_of({"status": "melted", "filled_qty": "0"})


def test_stream_and_activity_name_an_execution_alike() -> None:
    """The order and its cumulative quantity make the id, however it is written."""
    report = report_of(UPDATE, "demo", "alpaca", Fees())
    assert report is not None
    assert report.execution is not None
    activity = {"qty": "0.50", "price": "100.1"}
    same = Readings(ORDER, Fees()).execution(activity, Decimal("0.500"), 1)
    assert report.execution.execution_id == same.execution_id == "order-1:0.5"


@pytest.mark.parametrize(
    ("changes", "tier", "waited_s", "fee", "currency"),
    [
        ({}, 1, 0, "0.00125", "BTC"),
        ({}, 1, 2, "0.00075", "BTC"),
        ({"type": "market"}, 1, 2, "0.00125", "BTC"),
        ({"side": "sell"}, 1, 0, "0.125125", "USD"),
        ({}, 8, 2, "0", "BTC"),
        ({}, 99, 0, "0.00125", "BTC"),
        ({}, None, 0, "0.00125", "BTC"),
        ({"symbol": "AAPL"}, 1, 0, "0", "USD"),
    ],
)
def test_crypto_costs_a_share_of_what_is_received(
    changes: dict[str, str], tier: int | None, waited_s: int, fee: str, currency: str
) -> None:
    """By the account's tier, and by whether the order had waited; shares cost nothing."""
    order, fees = {**ORDER, **changes}, Fees()
    fees.take_account({"crypto_tier": tier})
    at_ns = time_ns_of(order, "created_at") + waited_s * 10**9
    found = fees.of(order, Decimal("0.5"), Decimal("100.10"), at_ns)
    assert found[:2] == (Decimal(fee), currency)


def test_only_what_counts_is_reported() -> None:
    """Endings and fills are; being new or pending is not."""
    assert report_of({**UPDATE, "event": "new"}, "demo", "alpaca", Fees()) is None
    ended = report_of({**UPDATE, "event": "canceled"}, "demo", "alpaca", Fees())
    assert ended is not None
    assert (ended.kind, ended.execution) == (VenueReportKind.CANCELLED, None)


def test_repeated_updates_have_one_key() -> None:
    """By the venue's event id, else by what they say."""
    bare = {name: value for name, value in UPDATE.items() if name != "event_id"}
    assert event_key(UPDATE) == "01A"
    assert event_key(bare) == event_key(dict(bare))
    assert event_key(bare) != event_key({**bare, "event": "canceled"})


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504])
def test_a_refusal_is_the_venues_own_word(status: int) -> None:
    """A status that refuses, and a body with the venue's code: one alone is not enough."""
    body = json.dumps({"code": 40310000, "message": "no"})
    assert isinstance(_of_status(status, body), Refused) == (status in REFUSING)
    for text in ("<html>403 Forbidden</html>", "{}", '{"code": "x"}', "[]", ""):
        assert isinstance(_of_status(status, text), Unproven)


@recorded
def test_a_recorded_session_is_read() -> None:
    """Acceptance says nothing, and the fill is one execution to the last digit."""
    path = RECORDED / "alpaca_trade_updates_20260918.json"
    messages: Any = json.loads(path.read_text())["messages"]
    updates = [each["data"] for each in messages if each["stream"] == "trade_updates"]
    reports = [report_of(each, "demo", "alpaca", Fees()) for each in updates]
    assert [each is None for each in reports] == [True, True, False]
    assert reports[2] is not None
    assert reports[2].execution is not None
    assert reports[2].execution.price == Decimal("0.0851119")
    assert reports[2].filled_quantity == Decimal("129.7")
    assert len({event_key(each) for each in updates}) == 3


@pytest.mark.parametrize(
    ("order_type", "prices", "missing"),
    [
        ("limit", {}, "limit_price"),
        ("stop", {}, "stop_price"),
        ("stop_limit", {"limit_price": "1"}, "stop_price"),
        ("stop_limit", {"stop_price": "1"}, "limit_price"),
        ("trailing_stop", {}, "trail_price"),
    ],
)
def test_an_order_without_the_price_of_its_type_is_refused(
    order_type: str, prices: dict[str, str], missing: str
) -> None:
    """Half an order is none: what it would do is not known."""
    bare = {name: value for name, value in ORDER.items() if name != "limit_price"}
    with pytest.raises(Unreadable, match=f"expected {missing}"):
        venue_order({**bare, **prices, "type": order_type}, "alpaca")


def test_a_trailing_stop_has_a_percentage_or_an_amount() -> None:
    """One of the two is enough, and money instead of a quantity is."""
    trails = {**ORDER, "type": "trailing_stop", "trail_percent": "2", "qty": None, "notional": "9"}
    assert venue_order(trails, "alpaca").found
    with pytest.raises(Unreadable, match="expected qty"):
        venue_order({**trails, "notional": None}, "alpaca")


def test_every_kind_of_report_has_its_words() -> None:
    """Each kind that execution knows is said by some event."""
    assert set(KINDS.values()) == set(VenueReportKind) - {VenueReportKind.UNSPECIFIED}


@pytest.mark.parametrize(
    ("symbol", "quantity", "force"),
    [("AAPL", "1.5", "day"), ("AAPL", "2.000", "gtc"), ("BTC/USD", "1.5", "gtc")],
)
def test_fractions_of_a_share_are_orders_of_the_day(symbol: str, quantity: str, force: str) -> None:
    """The venue takes them for no longer; whole shares and coins wait as long as they are told."""
    specification = OrderSpecification(
        client_order_id="a",
        venue="alpaca",
        symbol=symbol,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(quantity),
        time_in_force=TimeInForce.GTC,
    )
    assert posted(specification)["time_in_force"] == force
