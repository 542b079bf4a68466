"""`GET /fapi/v1/income`: what moved the wallet of an account of contracts, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.binance.shapes import Document, milliseconds, number

if TYPE_CHECKING:
    from tests.venues.binance.signing import Fields
    from tests.venues.exchange.bookings import Booking, Bookings
    from tests.venues.exchange.orders import Execution, Order

LIMIT_DEFAULT = 100
LIMIT_MAX = 1_000


def income(bookings: Bookings, fields: Fields) -> list[Document]:
    """Return a page: from a time on, that time included, of one type or of all."""
    exchange = bookings.exchange
    with exchange.lock:
        rows = [_of_execution(*each) for each in exchange.executions]
        rows += [_of_booking(each) for each in bookings.listed()]
    first, last = int(fields.get("startTime", 0)), int(fields.get("endTime", 2**63))
    wanted = fields.get("incomeType")
    found = [
        row
        for row in rows
        if first <= int(str(row["time"])) <= last and wanted in (None, row["incomeType"])
    ]
    found.sort(key=lambda row: int(str(row["time"])))
    return found[: min(int(fields.get("limit", LIMIT_DEFAULT)), LIMIT_MAX)]


def _of_booking(row: Booking) -> Document:
    return {
        "symbol": row.symbol,
        "incomeType": row.kind,
        "income": number(row.amount),
        "asset": row.asset,
        "info": row.text or row.kind,
        "time": milliseconds(row.at_ns),
        "tranId": 9_689_322_392 + row.number,
        "tradeId": "",
    }


def _of_execution(order: Order, execution: Execution) -> Document:
    """Return the commission of an execution."""
    return {
        "symbol": order.ticket.symbol,
        "incomeType": "COMMISSION",
        "income": number(-execution.fee),
        "asset": execution.fee_asset,
        "info": "COMMISSION",
        "time": milliseconds(execution.at_ns),
        "tranId": 9_689_322_392 + execution.number,
        "tradeId": str(execution.number),
    }
