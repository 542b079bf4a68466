"""The tear sheet's tables, as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tidegate_kernel.time import format_time
from tidegate_lab.backtest.metrics import DEFINITIONS
from tidegate_lab.statistics.trade_order import ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_lab.backtest.running import Run
    from tidegate_lab.backtest.sensitivity import CostSensitivity
    from tidegate_lab.statistics.trade_order import TradeOrder

NONE = "–"
_SHARES = frozenset(
    {
        "total_return",
        "annual_return",
        "volatility",
        "max_drawdown",
        "win_rate",
        "exposure",
        "fill_ratio",
        "reject_rate",
        "buy_and_hold_return",
        "buy_and_hold_annual_return",
    }
)
_MONEY = frozenset(
    {"average_trade", "fees", "slippage", "dividends", "borrow_fees", "funding", "shortfall"}
)

Row = tuple[str, str, str]
"""What is told, its value, and how it is computed."""


def metrics_table(run: Run) -> str:
    """Every figure with its formula; the Sharpe ratio with what belongs beside it."""
    metrics = run.metrics
    rows = [
        (name.replace("_", " "), value_text(name, getattr(metrics, name)), definition)
        for name, (definition, _) in DEFINITIONS.items()
    ]
    return _table(("figure", "value", "computed as"), [*rows[:4], *_honest(run), *rows[4:]])


def outcome_table(run: Run) -> str:
    """What was played and what came of it."""
    outcome, bars = run.outcome, run.bars
    rows = [
        ("period", f"{format_time(bars.first_ns)} to {format_time(bars.last_ns)}"),
        ("bars", f"{outcome.bars:,} of {len(bars.instruments)} symbols"),
        ("signals", f"{outcome.signals:,}"),
        ("orders approved, refused", f"{outcome.verdicts['approved']:,}, {_refused(run):,}"),
        ("fills", f"{outcome.fills:,}"),
        ("final equity", money_text(outcome.final_equity, run.session.capital.currency)),
        ("ledger balanced", "yes" if outcome.ledger_balanced else "NO"),
        ("ledger hash", outcome.ledger_hash),
        ("orders hash", outcome.orders_hash),
        ("engine", run.engine),
    ]
    return _table(("", ""), rows)


def value_text(name: str, value: float | str | None) -> str:
    """Write one figure for a person."""
    if value is None:
        return NONE
    if name in _SHARES:
        return f"{float(value):.2%}"
    if name in _MONEY:
        return money_text(str(value))
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.2f}"


def money_text(amount: str, currency: str = "") -> str:
    """Write an amount to the cent."""
    return f"{float(amount):,.2f} {currency}".rstrip()


def _honest(run: Run) -> list[Row]:
    honest = run.honest
    if honest.sharpe is None:
        return [("Sharpe ratio", NONE, honest.missing)]
    record = honest.track_record_years
    return [
        (
            "Sharpe ratio",
            _two(honest.sharpe),
            "mean(r) / standard deviation of r × √N, risk-free 0",
        ),
        ("– 95 % interval", f"{_two(honest.low)} to {_two(honest.high)}", "stationary bootstrap"),
        ("– trials", f"{honest.trials:,}", "runs on these data that led here, this one included"),
        ("– probability above 0", _share(honest.probabilistic_sharpe), "were this the only trial"),
        (
            "– deflated",
            _share(honest.deflated_sharpe),
            "probability that it is above what luck reaches in so many trials",
        ),
        (
            "– track record needed",
            "for ever" if record is None else f"{record:,.1f} years",
            f"to prove it above 0 at 95 %; these are {run.metrics.years:.1f}",
        ),
        *_of_costs(run.costs),
        *_of_trade_order(run.trade_order),
    ]


def _of_costs(costs: CostSensitivity | None) -> list[Row]:
    if costs is None:
        return []
    equity = money_text(costs.final_equity_doubled)
    return [("– at doubled costs", _two(costs.sharpe_doubled), f"final equity {equity}")]


def _of_trade_order(order: TradeOrder | None) -> list[Row]:
    if order is None:
        return []
    return [
        (
            "– drawdown, trades in other orders",
            f"{_share(order.median)}, 5 %: {_share(order.worst_of_20)}",
            f"median and 95 % of {ORDERS:,} shuffles; as they came {_share(order.observed)}",
        )
    ]


def _two(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"


def _refused(run: Run) -> int:
    return sum(run.outcome.verdicts["refused"].values())


def _table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
