"""`tidegate orders`."""

from __future__ import annotations

from tidegate_cli.client import Services
from tidegate_cli.instances import find
from tidegate_cli.output import Output

FIELDS = ("session", "strategy", "symbol", "side", "quantity", "order_type", "state")
MORE = ("filled_quantity", "decided_at", "reason_code")


def run(output: Output, instance: str | None, session: str | None, limit: int) -> None:
    """List the newest orders, newest last."""
    with Services(find(instance)) as services:
        found = list(services.pages("execution", "/v1/orders", "orders", session=session))
    chosen = found[-limit:] if limit > 0 else []
    columns = (*FIELDS, *MORE)
    output.table(columns, [[order[name] for name in columns] for order in chosen])
    output.text(f"\n{len(chosen)} of {len(found)} orders")
    output.result({"orders": chosen, "count": len(found)})
