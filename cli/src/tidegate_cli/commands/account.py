"""`tidegate account show|entries|adjust|approve`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tidegate_cli.client import Document
from tidegate_cli.commands.risk import Asking
from tidegate_cli.errors import Misused, another_must_approve
from tidegate_cli.instances import find
from tidegate_kernel.time import format_time

__all__ = ["Asking", "Wanted", "adjust", "approve", "entries", "show"]

ENTRY = ("event_at", "session", "strategy", "kind", "symbol", "quantity", "cash", "currency", "by")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be booked away, and why."""

    symbol: str
    quantity: str
    cash: str
    price: str | None
    strategy: str
    reason: str
    transfer: bool
    entry_id: str = ""


def show(asking: Asking) -> None:
    """Show what differs between each account and its venue, and what waits to be booked away."""
    wanted = _sessions(asking)
    with asking.services() as services:
        for session in wanted:
            services.post("execution", "/admin/reconcile", {"session": session})
        shards: list[Any] = services.get("execution", "/v1/gate")["shards"]
    accounts = [_account(asking, shard) for shard in shards if shard["session"] in wanted]
    asking.output.result({"accounts": accounts})


def _account(asking: Asking, shard: Document) -> Document:
    differences, cash = shard["differences"], shard["cash_difference"]
    agrees = "agrees with its venue" if shard["reconciled"] else f"differs: {shard['problem']}"
    asking.output.text(f"{shard['session']} {agrees}")
    for symbol, each in differences.items():
        asking.output.text(f"  {symbol}: expected {each['expected']}, found {each['found']}")
    if cash not in (None, "0"):
        asking.output.text(f"  cash: the venue has {cash} more than the books expect")
    for request in shard["adjustments"]:
        until = format_time(int(request["expires_at_ns"]))
        what = f"{request['quantity']} {request['symbol']}, cash {request['cash']}"
        asking.output.text(
            f"  {request['request_id']} by {request['principal']}: {what} ({request['reason']}), "
            f"waits for another principal until {until}"
        )
    names = ("session", "reconciled", "problem", "differences", "cash_difference", "adjustments")
    return {name: shard[name] for name in names}


def entries(asking: Asking, limit: int) -> None:
    """List account entries, newest last."""
    with asking.services() as services:
        rows = list(services.pages("execution", "/v1/entries", "entries", session=asking.session))
    shown = rows[-limit:]
    asking.output.table(
        ENTRY,
        [[*(row[column] for column in ENTRY[:-1]), row["principal"] or "venue"] for row in shown],
    )
    asking.output.text(f"\n{len(shown)} of {len(rows)} entries")
    asking.output.result({"entries": shown, "count": len(rows)})


def adjust(asking: Asking, wanted: Wanted) -> None:
    """File an adjustment; it waits for another principal, so this ends as refused."""
    body: dict[str, object] = {**asdict(wanted), "session": _one_session(asking)}
    if wanted.price is None:
        del body["price"]
    with asking.services() as services:
        answer = services.post("execution", "/admin/account/adjust", body)
    request = answer["request_id"]
    until = format_time(int(answer["request_expires_at_ns"]))
    raise another_must_approve(request, until, f"tidegate account approve {request}")


def approve(asking: Asking, request: str) -> None:
    """Book what somebody else has filed."""
    body: dict[str, object] = {"session": _one_session(asking), "request_id": request}
    with asking.services() as services:
        answer = services.post("execution", "/admin/account/approve", body)
    asking.output.text(f"booked {answer['entry_id']}; `tidegate account show` compares again")
    asking.output.result(answer)


def _sessions(asking: Asking) -> tuple[str, ...]:
    known = find(asking.instance).sessions
    return known if asking.session is None else (asking.session,)


def _one_session(asking: Asking) -> str:
    sessions = _sessions(asking)
    if len(sessions) == 1:
        return sessions[0]
    raise Misused(
        "SESSION_NEEDED",
        "the instance has several sessions",
        expected=f"--session with one of {', '.join(sessions)}",
        found="none",
    )
