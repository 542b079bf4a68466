"""Recorded answers: what is unknown does not matter, and what is missing is told by its name.

A field counts if its absence changes what is read. Each such field is either required, and its
absence is `Unreadable` or, of a new order, an unknown outcome; or it is in `OPTIONAL`, with why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest
from tests.venues.alpaca.answered import answered
from tests.venues.recording_decisions import Reader
from tests.venues.recordings import (
    Json,
    Payload,
    Reading,
    check_reading,
    damaged,
    read_by,
)

from tidegate_chassis.configuration.environment import Environment
from tidegate_contracts.execution import (
    AccountEntryKind,
    OrderAccepted,
    OrderSpecification,
    OrderType,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueAccount,
)
from tidegate_execution.adapters.alpaca.executions import executions_of
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.fields import document_of
from tidegate_execution.adapters.alpaca.reports import event_key, report_of
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
Read = Callable[[Json, Json], object]
"""What is read of a payload, given how it was recorded and how it is now."""
ACCOUNT = {"currency": "USD", "cash": "0"}
IN_UPDATE = ("id", "client_order_id", "symbol", "side", "type", "filled_qty")
IN_LEG = ("id", "symbol", "side", "ratio_qty", "filled_qty")
REQUIRED: dict[Reader, tuple[str, ...]] = {
    Reader.ALPACA_ORDER: (
        "id",
        "client_order_id",
        "symbol",
        "qty",
        "filled_qty",
        "status",
        "side",
        "type",
        "time_in_force",
        "limit_price",
        "updated_at",
        "legs",
        *(f"legs.*.{each}" for each in IN_LEG),
    ),
    Reader.ALPACA_ACCOUNT: ("account_number", "currency", "cash"),
    Reader.ALPACA_POSITIONS: tuple(
        f"{start}{each}" for start in ("", "*.") for each in ("symbol", "asset_class", "qty")
    ),
    Reader.ALPACA_ACTIVITY: ("order_id", "cum_qty", "qty", "price", "transaction_time"),
    Reader.ALPACA_BOOKING: ("id", "activity_type", "net_amount"),
    Reader.ALPACA_NOTICE: ("data", "data.event"),
    Reader.ALPACA_UPDATE: (
        "data",
        "data.event",
        "data.order",
        "data.timestamp",
        "data.qty",
        "data.price",
        *(f"data.order.{each}" for each in IN_UPDATE),
    ),
}
OPTIONAL: dict[Reader, dict[str, str]] = {
    Reader.ALPACA_ORDER: {
        "notional": "without it the quantity is required",
        "order_class": "only orders of several legs may lack symbol and side",
    },
    Reader.ALPACA_BOOKING: {
        "created_at": "without it the beginning of its day",
        "symbol": "without it nobody's",
        "currency": "without it the account's",
    },
    Reader.ALPACA_UPDATE: {"data.event_id": "without it an update is told by what it says"},
    Reader.ALPACA_NOTICE: {"data.event_id": "without it an update is told by what it says"},
}


@cache
def venue() -> AlpacaVenue:
    """Return a session's Alpaca; every request is answered beneath alpaca-py."""
    keys = {"ALPACA_API_KEY": "key", "ALPACA_SECRET_KEY": "secret"}
    made = AlpacaVenue.from_environment("demo", Environment(keys, {}), live=False)
    made.port.client.prepare()
    made.port.budget.limits = ()
    return made


def order(recorded: Json, now: Json) -> object:
    """Ask for an order by our id, and for the account that has it among its open orders."""
    request = QueryOrder(client_order_id=recorded["client_order_id"], symbol="any")
    documents = {
        "/v2/orders:by_client_order_id": [now],
        f"/v2/orders/{recorded['id']}": [now],
        "/v2/account/activities/FILL": [[]],
        "/v2/account": [ACCOUNT],
        "/v2/orders": [[now]],
        "/v2/positions": [[]],
    }
    with answered(documents):
        found = asyncio.run(venue().port.call(request, "r"))
        return found, venue().accounts.read(1)


def account(_: Json, now: Json) -> object:
    """Ask for number, currency and cash."""
    documents = {"/v2/account": [now], "/v2/orders": [[]], "/v2/positions": [[]]}
    with answered(documents):
        return venue().accounts.number(), venue().accounts.read(1)


def positions(_: Json, now: Json) -> object:
    """Ask for the account with what is held."""
    listed: list[object] = now if isinstance(now, list) else [now]
    documents: dict[str, list[object]] = {
        "/v2/account": [ACCOUNT],
        "/v2/orders": [[]],
        "/v2/positions": [listed],
    }
    with answered(documents):
        return venue().accounts.read(1)


def activity(recorded: Json, now: Json) -> object:
    """Ask for the executions of the order that the activity is of."""
    of_it = {
        "id": recorded["order_id"],
        "filled_qty": recorded["cum_qty"],
        "symbol": recorded["symbol"],
        "side": recorded["side"],
        "type": "market",
        "created_at": recorded["transaction_time"],
    }
    with answered({"/v2/account/activities/FILL": [[now]]}):
        return executions_of(venue().port.client, of_it, Fees())


def booking(_: Json, now: Json) -> object:
    """Ask for the account with what the venue has booked by itself."""
    documents: dict[str, list[object]] = {
        "/v2/account": [ACCOUNT],
        "/v2/orders": [[]],
        "/v2/positions": [[]],
        "/v2/account/activities": [[now]],
    }
    with answered(documents):
        found = asyncio.run(venue().port.call(QueryAccount(entries_since_ns=1), "r"))
    assert isinstance(found, VenueAccount)
    (entry,) = found.entries
    if entry.kind is AccountEntryKind.UNSPECIFIED:
        raise Unreadable(entry.reason)
    return entry


def update(_: Json, now: Json) -> object:
    """Hear a message of the private stream."""
    data = document_of(now.get("data"), "data")
    return report_of(data, "demo", "alpaca", Fees()), event_key(data)


READ: dict[Reader, Read] = {
    Reader.ALPACA_ORDER: order,
    Reader.ALPACA_ACCOUNT: account,
    Reader.ALPACA_POSITIONS: positions,
    Reader.ALPACA_ACTIVITY: activity,
    Reader.ALPACA_BOOKING: booking,
    Reader.ALPACA_UPDATE: update,
    Reader.ALPACA_NOTICE: update,
}
NEW_ORDER = {"id": "1", "client_order_id": "a", "created_at": "2026-09-18T13:24:50.01Z"}


@pytest.mark.parametrize("payload", read_by(*READ))
def test_a_recorded_payload_is_read_or_told_why_not(payload: Payload) -> None:
    """Nothing is concluded from a payload that lacks what counts."""
    reader = payload.decision
    assert isinstance(reader, Reader)
    reading = Reading(
        lambda now: READ[reader](payload.body, now),
        Unreadable,
        REQUIRED[reader],
        OPTIONAL.get(reader, ()),
    )
    check_reading(payload.body, reading)


def submitted(answer: object) -> object:
    """Return what posting an order ends with."""
    specification = OrderSpecification(
        client_order_id="a",
        venue="alpaca",
        symbol="AAPL",
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(1),
        time_in_force=TimeInForce.DAY,
    )
    with answered({"/v2/orders": [answer]}):
        return asyncio.run(venue().port.call(SubmitOrder(specification=specification), "r"))


@pytest.mark.parametrize("field", sorted(NEW_ORDER))
def test_a_new_order_whose_answer_lacks_a_field_has_an_unknown_outcome(field: str) -> None:
    """It is never taken for accepted, nor for refused."""
    assert isinstance(submitted(NEW_ORDER), OrderAccepted)
    for now in damaged(NEW_ORDER, (field,)):
        outcome = submitted(now)
        assert isinstance(outcome, OutcomeUnknown)
        assert f"expected {field}" in outcome.reason
