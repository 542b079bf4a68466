"""`tidegate positions`."""

from __future__ import annotations

from tidegate_cli.client import Services
from tidegate_cli.instances import checked_session, find
from tidegate_cli.output import Output

FIELDS = ("session", "symbol", "quantity", "average_cost", "mark_price")
RESULTS = ("realized_pnl", "unrealized_pnl", "fees")


def run(output: Output, instance: str | None, session: str | None) -> None:
    """List positions and accounts."""
    record = find(instance)
    checked_session(session, record.sessions)
    with Services(record) as services:
        positions = services.get("portfolio", "/v1/positions", session=session)["positions"]
        accounts = services.get("portfolio", "/v1/account", session=session)["accounts"]
    columns = (*FIELDS, *RESULTS)
    output.table(columns, [[row[name] for name in columns] for row in positions])
    for account in accounts:
        output.text(
            f"\n{account['session']}: equity {account['equity']} {account['currency']}, "
            f"cash {account['cash']}, realised {account['realized_pnl']}, fees {account['fees']}"
        )
    output.result({"positions": positions, "accounts": accounts})
