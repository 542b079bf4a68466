"""What Binance books by itself in contracts: no page loses one, and what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import AccountEntryKind as Kind, VenueEntry
from tidegate_execution.adapters.ccxt.income import KINDS, OVERLAP_NS, Income
from tidegate_execution.adapters.ccxt.outcomes import Unproven
from tidegate_kernel.money import use_money_context

Document = dict[str, Any]
START_MS = 1_700_000_000_000
START_NS = START_MS * 1_000_000


def row(kind: str, number: int = 1, at_ms: int = START_MS, **fields: object) -> Document:
    """Return a booking as the exchange lists it."""
    document: Document = {
        "symbol": "BTCUSDT",
        "incomeType": kind,
        "income": "-0.375",
        "asset": "USDT",
        "info": "",
        "time": at_ms,
        "tranId": number,
        "tradeId": "",
    }
    return document | fields


class Listed:
    """ccxt's two calls, answered from rows as the exchange documents it."""

    def __init__(self, rows: list[Document]) -> None:
        self.rows = rows
        self.asked: list[Document] = []
        self.spent = 0

    async def fapiPrivateGetIncome(self, asked: Document) -> list[Document]:  # noqa: N802 - ccxt's
        """Return a page."""
        self.asked.append(asked)
        found = [each for each in self.rows if (each["time"] or START_MS) >= asked["startTime"]]
        return found[: asked["limit"]]

    def safe_symbol(self, listed: str, *_: object) -> str:
        """Return what ccxt calls a contract."""
        return f"{listed.removesuffix('USDT')}/USDT:USDT"

    def read(self, page: int = 1_000) -> list[VenueEntry]:
        """Return what is made of the rows since the start."""

        async def answer(call: Awaitable[Any]) -> object:
            return await call

        async def spend() -> None:
            self.spent += 1

        made = Income(self, answer, spend, "demo", "binance", page)
        return list(asyncio.run(made.since(START_NS)))


@settings(max_examples=50, deadline=None)
@given(clusters=st.lists(st.integers(1, 4), max_size=12), page=st.integers(5, 8))
def test_no_page_loses_a_booking(clusters: list[int], page: int) -> None:
    """Several of a millisecond, cut by a page's end wherever: each is there once, in order."""
    use_money_context()
    times = [START_MS + at for at, count in enumerate(clusters) for _ in range(count)]
    listed = Listed([row("FUNDING_FEE", number, at) for number, at in enumerate(times)])
    found = listed.read(page)
    expected = [f"FUNDING_FEE:{number}:BTCUSDT:USDT" for number in range(len(times))]
    assert sorted(each.entry_id for each in found) == sorted(expected)
    assert [each.event_at_ns for each in found] == [at * 1_000_000 for at in times]
    assert listed.spent == len(listed.asked) - 1


def test_more_of_a_millisecond_than_a_page_is_no_answer() -> None:
    """Nothing says which of them are missing."""
    with pytest.raises(Unproven, match="fewer than 5 bookings in a millisecond"):
        Listed([row("FUNDING_FEE", number) for number in range(9)]).read(5)


def test_the_hour_before_is_read_too() -> None:
    """For clocks, and for what is listed late."""
    listed = Listed([])
    assert listed.read() == []
    assert listed.asked == [{"startTime": (START_NS - OVERLAP_NS) // 1_000_000, "limit": 1_000}]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_booking_has_its_kind_amount_and_symbol(kind: str) -> None:
    """To the last digit, under an id that counts within its type, symbol and asset."""
    (entry,) = Listed([row(kind, 7)]).read()
    assert (entry.kind, entry.cash, entry.currency) == (KINDS[kind], Decimal("-0.375"), "USDT")
    assert (entry.symbol, entry.entry_id) == ("BTC/USDT:USDT", f"{kind}:7:BTCUSDT:USDT")


def test_one_id_may_count_in_two_types() -> None:
    """The exchange numbers each type for itself."""
    found = Listed([row("FUNDING_FEE", 7), row("TRANSFER", 7, symbol="")]).read()
    assert [(each.kind, each.symbol) for each in found] == [
        (Kind.FUNDING, "BTC/USDT:USDT"),
        (Kind.TRANSFER, ""),
    ]


@pytest.mark.parametrize("kind", ["COMMISSION", "REALIZED_PNL"])
def test_what_fills_carry_is_left_out(kind: str) -> None:
    """Whatever it says."""
    assert Listed([row(kind, income=None)]).read() == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"incomeType": "NEW"}, "expected a kind of booking that is known, found NEW of -0.375"),
        ({"income": None}, "expected income in a booking, found none"),
        ({"income": "much"}, "expected income as a number, found 'much'"),
        ({"asset": None}, "expected asset in a booking, found none"),
    ],
)
def test_what_cannot_be_read_is_named(fields: Document, said: str) -> None:
    """An entry without a kind, with its id and why."""
    (entry,) = Listed([row("FUNDING_FEE", **fields)]).read()
    assert entry.kind is Kind.UNSPECIFIED
    assert entry.reason.startswith(said)
    assert ":1:BTCUSDT" in entry.entry_id


@pytest.mark.parametrize("field", ["incomeType", "tranId", "time"])
def test_a_booking_without_a_name_is_no_answer(field: str) -> None:
    """It could be booked again and again, or be missed."""
    with pytest.raises(Unproven, match=f"expected {field} in a booking"):
        Listed([row("FUNDING_FEE") | {field: None}]).read()
