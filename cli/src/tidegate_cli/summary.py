"""What a run ended with, said to a person: the same for the demo and a backtest."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate_cli.chart import chart
from tidegate_cli.output import Output
from tidegate_lab.outcome import Outcome

Rows = list[tuple[str, object]]


def say_outcome(
    output: Output, outcome: Outcome, equity: Sequence[float], more: Rows | None = None
) -> None:
    """Show the outcome as a table, ``more`` below it, and the equity curve."""
    output.text("")
    output.table(("", ""), [*_rows(outcome), *(more or [])])
    output.text("\nequity")
    for line in chart(equity):
        output.text(line)


def _rows(outcome: Outcome) -> Rows:
    refused = outcome.verdicts["refused"]
    return [
        ("bars", f"{outcome.bars:,}"),
        ("signals", f"{outcome.signals:,}"),
        ("approved", f"{outcome.verdicts['approved']:,}"),
        ("refused", f"{sum(refused.values()):,}"),
        *((f"  {code}", f"{n:,}") for code, n in refused.items()),
        ("orders", f"{outcome.orders:,}"),
        ("fills", f"{outcome.fills:,}"),
        ("final equity", outcome.final_equity),
        ("realised profit", outcome.realized_pnl),
        ("fees", outcome.fees),
        ("largest drawdown", f"{float(outcome.max_drawdown):.2%}"),
        ("ledger balanced", "yes" if outcome.ledger_balanced else "NO"),
        ("ledger hash", outcome.ledger_hash),
        ("orders hash", outcome.orders_hash),
        ("duration", f"{outcome.duration_s:.1f} s, {_rate(outcome):,.0f} bars a second"),
    ]


def _rate(outcome: Outcome) -> float:
    return outcome.bars / outcome.duration_s if outcome.duration_s else 0.0
