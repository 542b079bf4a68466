"""`tidegate orders`."""

from __future__ import annotations

from typing import Any

from tidegate_cli.client import Services
from tidegate_cli.instances import find
from tidegate_cli.output import Output

HEADINGS = ("session", "strategy", "symbol", "side", "quantity", "type", "state", "filled", "why")


def run(output: Output, instance: str | None, session: str | None, limit: int) -> None:
    """List the newest orders, newest last."""
    with Services(find(instance)) as services:
        found = list(services.pages("execution", "/v1/orders", "orders", session=session))
    chosen = found[-limit:] if limit > 0 else []
    output.table(HEADINGS, [_row(order) for order in chosen])
    output.text(f"\n{len(chosen)} of {len(found)} orders")
    output.result({"orders": chosen, "count": len(found)})


def _row(order: dict[str, Any]) -> tuple[object, ...]:
    wanted = order["specification"]
    return (
        order["session"],
        order["strategy"],
        wanted["symbol"],
        wanted["side"],
        wanted["quantity"],
        wanted["order_type"],
        order["state"],
        order["filled_quantity"],
        order["reason_code"],
    )
