"""What a demo ended with, counted and hashed from what the services hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from tidegate_cli.client import Document, Services
from tidegate_cli.demo.progress import Progress
from tidegate_cli.demo.wanted import SESSION
from tidegate_contracts.canonical import ledger_hash, orders_hash
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
from tidegate_kernel.money import plain
from tidegate_lab.outcome import Outcome

T = TypeVar("T", bound=msgspec.Struct)


def gather(services: Services, progress: Progress) -> Outcome:
    """Read everything from the services' own state."""
    orders = list(services.pages("execution", "/v1/orders", "orders", session=SESSION))
    fills = list(services.pages("execution", "/v1/fills", "fills", session=SESSION))
    entries = list(services.pages("portfolio", "/v1/ledger", "entries", session=SESSION))
    balance = services.get("portfolio", "/v1/ledger/balance", session=SESSION)
    verdicts = services.get("risk", "/v1/verdicts/counts", session=SESSION)
    account = services.get("portfolio", "/v1/account", session=SESSION)["accounts"][0]
    reports = services.get("portfolio", "/v1/performance", session=SESSION)["performance"]
    return Outcome(
        bars=progress.count("Bar"),
        signals=progress.count("Signal"),
        verdicts={"approved": verdicts["approved"], "refused": verdicts["refused"]},
        orders=len(orders),
        fills=len(fills),
        final_equity=account["equity"],
        realized_pnl=account["realized_pnl"],
        fees=account["fees"],
        max_drawdown=_max_drawdown(reports, account),
        ledger_balanced=bool(balance["balanced"]),
        ledger_hash=ledger_hash([rebuilt(LedgerEntry, row) for row in entries]),
        orders_hash=orders_hash(
            [order_event(row) for row in orders], [_fill(row) for row in fills]
        ),
        duration_s=round(progress.elapsed_s, 3),
    )


def order_event(row: Mapping[str, Any]) -> OrderEvent:
    """Rebuild an order's last event from the row that execution answers."""
    limit = row["limit_price"]
    specification = OrderSpecification(
        client_order_id=row["client_order_id"],
        venue=row["venue"],
        symbol=row["symbol"],
        side=Side[row["side"]],
        order_type=OrderType[row["order_type"]],
        quantity=Decimal(row["quantity"]),
        limit_price=None if limit is None else Decimal(limit),
        time_in_force=TimeInForce[row["time_in_force"]],
        reduce_only=row["reduce_only"],
    )
    return OrderEvent(
        session=row["session"],
        account=row["account"],
        strategy=row["strategy"],
        signal_key=row["signal_key"],
        leg=row["leg"],
        specification=specification,
        state=OrderState[row["state"]],
        filled_quantity=Decimal(row["filled_quantity"]),
        decided_at_ns=row["decided_at_ns"],
        event_at_ns=row["event_at_ns"],
    )


def rebuilt(kind: type[T], row: Document) -> T:
    """Rebuild a message from its row; decimals come as text."""
    return msgspec.convert(row, kind, strict=False)


def _fill(row: Document) -> Fill:
    names = {field.name for field in msgspec.structs.fields(Fill)} - {"side", "liquidity"}
    known = {name: value for name, value in row.items() if name in names}
    return msgspec.structs.replace(rebuilt(Fill, known), side=Side[row["side"]])


def _max_drawdown(reports: list[Document], account: Document) -> str:
    whole = [report["max_drawdown"] for report in reports if not report["strategy"]]
    return plain(Decimal(whole[0] if whole else account["drawdown"]))
