"""The two hashes: equal for equal sessions in any order, different for any difference."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tidegate_contracts.canonical import ledger_hash, orders_hash
from tidegate_contracts.errors import PayloadError
from tidegate_contracts.execution import (
    Fill,
    OrderEvent,
    OrderSpecification,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.portfolio import LedgerEntry
from tidegate_contracts.testing import bodies, decimals
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from pathlib import Path

KEY = "demo|ema-crossover|AAPL|1283385600000000000|0"
AT = 1_283_385_600_000_000_000
ORDER = OrderEvent(
    session="demo",
    account="paper",
    strategy="ema-crossover",
    signal_key=KEY,
    specification=OrderSpecification(
        client_order_id="tg-a",
        symbol="AAPL",
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(10),
        time_in_force=TimeInForce.DAY,
    ),
    state=OrderState.FILLED,
    decided_at_ns=AT,
)
FILL = Fill(
    client_order_id="tg-a",
    execution_id="x-1",
    quantity=Decimal(10),
    price=Decimal("250.5"),
    fee=Decimal("0.2505"),
    event_at_ns=AT,
)
ENTRY = LedgerEntry(
    transaction_id="t-1",
    account="assets:cash",
    currency="USD",
    amount=Decimal("-2505.00"),
    reason="TRADE",
    order_key=f"{KEY}|0",
    event_at_ns=AT,
)


def unique_orders() -> st.SearchStrategy[list[OrderEvent]]:
    """Return random orders, each with its own client order id."""
    return st.lists(
        bodies(OrderEvent), max_size=6, unique_by=lambda order: order.specification.client_order_id
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(unique_orders(), st.data())
def test_the_order_of_orders_and_fills_makes_no_difference(
    orders: list[OrderEvent], data: st.DataObject
) -> None:
    """Any permutation of the same orders and fills has the same hash."""
    names = [order.specification.client_order_id for order in orders]
    fills = data.draw(st.lists(bodies(Fill), max_size=6)) if names else []
    fills = [
        msgspec.structs.replace(fill, client_order_id=names[at % len(names)])
        for at, fill in enumerate(fills)
    ]
    expected = orders_hash(orders, fills)
    mixed = data.draw(st.permutations(orders)), data.draw(st.permutations(fills))
    assert orders_hash(*mixed) == expected


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(bodies(LedgerEntry), max_size=8), st.data())
def test_the_order_of_entries_makes_no_difference(
    entries: list[LedgerEntry], data: st.DataObject
) -> None:
    """Any permutation of the same ledger has the same hash."""
    assert ledger_hash(data.draw(st.permutations(entries))) == ledger_hash(entries)


@given(decimals().filter(lambda value: len(value.as_tuple().digits) < 30))
def test_how_a_decimal_is_written_makes_no_difference(amount: Decimal) -> None:
    """Trailing zeros do not enter."""
    longer = amount.quantize(amount.scaleb(-2)) if amount == 0 else Decimal(f"{amount:f}")
    entry = msgspec.structs.replace(ENTRY, amount=amount)
    again = msgspec.structs.replace(ENTRY, amount=longer)
    assert ledger_hash([entry]) == ledger_hash([again])


def test_what_may_differ_between_equal_runs_does_not_enter() -> None:
    """Ids of venues and of transactions, intermediate states and sessions' names."""
    order = msgspec.structs.replace(
        ORDER, session="other", venue_order_id="9", previous_state=OrderState.UNKNOWN, event_at_ns=5
    )
    fill = msgspec.structs.replace(FILL, session="other", execution_id="x-2", fee_currency="EUR")
    entry = msgspec.structs.replace(ENTRY, session="other", transaction_id="t-2")
    assert orders_hash([order], [fill]) == orders_hash([ORDER], [FILL])
    assert ledger_hash([entry]) == ledger_hash([ENTRY])


@pytest.mark.parametrize(
    "changes",
    [
        {"decided_at_ns": AT + 1},
        {"account": "other"},
        {"strategy": "other"},
        {"signal_key": "other"},
        {"leg": 1},
        {"state": OrderState.CANCELLED},
        *(
            {"specification": msgspec.structs.replace(ORDER.specification, **change)}
            for change in (
                {"symbol": "MSFT"},
                {"side": Side.SELL},
                {"order_type": OrderType.LIMIT},
                {"quantity": Decimal(11)},
                {"limit_price": Decimal(1)},
                {"time_in_force": TimeInForce.GTC},
            )
        ),
    ],
)
def test_every_value_of_an_order_enters(changes: dict[str, Any]) -> None:
    """One changed value changes the hash."""
    changed = msgspec.structs.replace(ORDER, **changes)
    assert orders_hash([changed], [FILL]) != orders_hash([ORDER], [FILL])


@pytest.mark.parametrize(
    "changes",
    [
        {"event_at_ns": AT + 1},
        {"quantity": Decimal(9)},
        {"price": Decimal(250)},
        {"fee": Decimal(0)},
    ],
)
def test_every_value_of_a_fill_enters(changes: dict[str, Any]) -> None:
    """One changed value changes the hash, and so does a fill more."""
    changed = msgspec.structs.replace(FILL, **changes)
    hashes = {orders_hash([ORDER], fills) for fills in ([FILL], [changed], [FILL, changed], [])}
    assert len(hashes) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"event_at_ns": AT + 1},
        {"account": "equity:capital"},
        {"currency": "EUR"},
        {"amount": Decimal(2505)},
        {"reason": "FEE"},
        {"order_key": ""},
    ],
)
def test_every_value_of_an_entry_enters(changes: dict[str, Any]) -> None:
    """One changed value changes the hash, and so does an entry twice."""
    changed = msgspec.structs.replace(ENTRY, **changes)
    assert len({ledger_hash(e) for e in ([ENTRY], [changed], [ENTRY, ENTRY])}) == 3


def test_the_page_shows_the_line_that_is_hashed(root: Path) -> None:
    """The example on the reference page is the very text under the hash."""
    page = (root / "docs" / "reference" / "hashes.md").read_text()
    line = re.findall(r"```json\n(.+\n)```", page)[0]
    assert json.loads(line)["final_state"] == "FILLED"
    assert orders_hash([ORDER], [FILL]) == hashlib.sha256(line.encode()).hexdigest()


def test_the_ledger_line_is_as_defined() -> None:
    """Keys in the page's order, the amount in plain form."""
    line = (
        f'{{"event_at_ns":{AT},"account":"assets:cash","currency":"USD","amount":"-2505",'
        f'"reason":"TRADE","order_key":"{KEY}|0"}}\n'
    )
    assert ledger_hash([ENTRY]) == hashlib.sha256(line.encode()).hexdigest()


@given(entry=bodies(LedgerEntry))
def test_the_ledger_line_is_plain_json(entry: LedgerEntry) -> None:
    """Whoever has a JSON writer and SHA-256 gets the same hash, whatever the text holds."""
    line = {
        "event_at_ns": entry.event_at_ns,
        "account": entry.account,
        "currency": entry.currency,
        "amount": plain(entry.amount),
        "reason": entry.reason,
        "order_key": entry.order_key,
    }
    written = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
    assert ledger_hash([entry]) == hashlib.sha256(written.encode()).hexdigest()


def test_nothing_has_the_hash_of_nothing() -> None:
    """An empty session has a hash too."""
    empty = hashlib.sha256(b"").hexdigest()
    assert (orders_hash([], []), ledger_hash([])) == (empty, empty)


def test_an_order_given_twice_is_an_error() -> None:
    """The caller passes the last event of each order, not all of them."""
    with pytest.raises(PayloadError, match="the last event of each order, found tg-a twice"):
        orders_hash([ORDER, ORDER], [])


def test_a_fill_without_its_order_is_an_error() -> None:
    """Something was lost or invented."""
    with pytest.raises(PayloadError, match="an order for each fill, found only fills for tg-a"):
        orders_hash([], [FILL])
