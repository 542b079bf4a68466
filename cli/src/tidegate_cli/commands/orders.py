"""`tidegate orders`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate_cli.client import Document, Services
from tidegate_cli.instances import checked_session, find
from tidegate_cli.output import Output
from tidegate_execution.core.orders.attached import shortened

FIELDS = ("session", "strategy", "symbol", "side", "quantity", "order_type", "state")
QUALITY = (
    "session",
    "venue",
    "strategy",
    "sent",
    "fill_ratio",
    "reject_rate",
    "seconds_to_fill",
    "shortfall",
    "shortfall_bps",
    "slippage_bps",
    "slippage_beyond_model_bps",
    "effective_spread_bps",
)
STRUCTURES = (
    "session",
    "venue",
    "strategy",
    "structures",
    "structure_fill_ratio",
    "structure_seconds_to_fill",
    "structure_arrival_value",
    "structure_shortfall",
    "structure_shortfall_each",
)
ABSENT = "-"
MORE = ("filled_quantity", "decided_at", "reason_code")
ENDED = frozenset({"FILLED", "CANCELLED", "EXPIRED", "REJECTED"})
ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are listed."""

    session: str | None
    symbol: str | None
    strategy: str | None
    limit: int
    still_open: bool = False

    def holds(self, order: Document) -> bool:
        """Tell whether an order is one of them."""
        return (
            self.symbol in (None, order["symbol"])
            and self.strategy in (None, order["strategy"])
            and not (self.still_open and order["state"] in ENDED)
        )


def run(output: Output, instance: str | None, wanted: Wanted) -> None:
    """List the newest orders, newest last."""
    with _services(instance, wanted.session) as services:
        rows = services.pages("execution", "/v1/orders", "orders", session=wanted.session)
        found = [order for order in rows if wanted.holds(order)]
    chosen = found[-wanted.limit :]
    columns = (*FIELDS, *MORE)
    output.table(
        ("order", *columns),
        [
            [shortened(order["client_order_id"], ID_LENGTH), *(order[name] for name in columns)]
            for order in chosen
        ],
    )
    output.text(f"\n{len(chosen)} of {len(found)} orders")
    output.result({"orders": chosen, "count": len(found)})


def quality(output: Output, instance: str | None, session: str | None) -> None:
    """Show execution quality by session, venue and strategy; without quotes no spread is known."""
    with _services(instance, session) as services:
        asked = {} if session is None else {"session": session}
        found = services.get("execution", "/v1/quality", **asked)["quality"]
    output.table(QUALITY, _cells(found, QUALITY))
    structured = [row for row in found if row["structures"]]
    if structured:
        output.text("\nOrders with legs, which the figures above leave out:")
        output.table(STRUCTURES, _cells(structured, STRUCTURES))
    output.result({"quality": found})


def _services(instance: str | None, session: str | None) -> Services:
    """Return the instance's services; an unknown session ends the command."""
    record = find(instance)
    checked_session(session, record.sessions)
    return Services(record)


def _cells(rows: list[Document], names: tuple[str, ...]) -> list[list[object]]:
    return [[ABSENT if row[name] is None else row[name] for name in names] for row in rows]
