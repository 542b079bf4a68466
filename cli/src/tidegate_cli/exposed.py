"""What an instance still has at its venues: positions and open orders.

A running instance asks each venue now. Of one that is down the books tell: the newest positions
and orders that were written. A home whose books cannot be read is an error, never an empty answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import asyncpg

from tidegate_chassis.database import DatabaseError, connect
from tidegate_chassis.embedded import EmbeddedError
from tidegate_cli.client import Document, Services
from tidegate_cli.errors import CommandError, Failed
from tidegate_cli.instances import MAIN, InstanceRecord, record_path
from tidegate_cli.output import Output
from tidegate_cli.reached import databases_of

_ENDED = ("FILLED", "CANCELLED", "EXPIRED", "REJECTED")
_ROWS = "select shard, document::text as document from projection where kind = $1 order by key"


@dataclass(frozen=True, slots=True)
class Open:
    """One position or order that is open."""

    session: str
    venue: str
    what: str

    def sentence(self) -> str:
        """Say it in a line."""
        return f"{self.session} at {self.venue}: {self.what}"

    def document(self) -> Document:
        """Return it for ``--json``."""
        return {"session": self.session, "venue": self.venue, "what": self.what}


def look(output: Output, folder: Path) -> list[Open]:
    """Return everything that is open in the main instance of a home."""
    record = InstanceRecord.read(record_path(folder, MAIN))
    running = record is not None and record.alive()
    if not running and not _has_data(folder):
        return []
    try:
        if record is not None and running:
            return _asked(record)
        output.progress("reading positions and orders ...")
        with databases_of(folder, None) as urls:
            return asyncio.run(_read(urls))
    except (DatabaseError, EmbeddedError, CommandError, asyncpg.PostgresError) as error:
        raise Failed(
            "NOT_KNOWN",
            f"it cannot be read whether anything is open at a venue: {error}",
            hint="mend it, or purge without knowing: --abandon",
        ) from error


def _has_data(folder: Path) -> bool:
    return (folder / "data").is_dir() and any((folder / "data").iterdir())


def _asked(record: InstanceRecord) -> list[Open]:
    """Have every venue asked; what the books know beside is told too."""
    found: list[Open] = []
    with Services(record) as services:
        for session in record.sessions:
            account = services.post("execution", "/admin/reconcile", {"session": session})
            held: Mapping[str, str] = account["holdings"]
            found += [Open(session, "its venue", f"{q} {s}") for s, q in held.items() if Decimal(q)]
            orders: list[str] = account["open_orders"]
            found += [Open(session, "its venue", f"order {name}") for name in orders]
        orders_known = list(services.pages("execution", "/v1/orders", "orders"))
    listed = {each.what for each in found}
    return found + [each for each in open_orders(orders_known) if each.what not in listed]


async def _read(urls: Mapping[str, str]) -> list[Open]:
    found = []
    for row in await _documents(urls["portfolio"], "position"):
        if Decimal(row["quantity"]):
            place = str(row["session"]), str(row["venue"])
            found.append(Open(*place, f"{row['quantity']} {row['symbol']}"))
    return found + open_orders(await _documents(urls["execution"], "order"))


async def _documents(url: str, kind: str) -> list[Document]:
    connection = await connect(url)
    try:
        return [json.loads(r["document"]) for r in await connection.fetch(_ROWS, kind)]
    finally:
        await connection.close()


def open_orders(rows: list[Document]) -> list[Open]:
    """Return the orders that have not ended."""
    return [
        Open(str(row["session"]), str(row["venue"]), f"order {row['client_order_id']}")
        for row in rows
        if row["state"] not in _ENDED
    ]
