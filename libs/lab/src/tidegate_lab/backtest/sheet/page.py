"""The tear sheet's file: headline, plots, tables and settings."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import Configuration, dump
from tidegate_contracts.execution import Fill
from tidegate_kernel.time import format_time
from tidegate_lab.backtest.sheet import curves, trading
from tidegate_lab.backtest.sheet.tables import metrics_table, money_text, outcome_table, value_text
from tidegate_lab.plots.page import page, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_lab.backtest.running import Run
    from tidegate_lab.plots.figure import Figure

TITLES: Mapping[str, str] = {
    "equity": "Equity against buying and holding",
    "drawdown": "Drawdown",
    "months": "Monthly returns",
    "sharpe": f"Rolling Sharpe ratio, {curves.WINDOW_DAYS} days; how sure it is, the table says",
    "exposure": "Exposure, share of equity",
    "trades": "Trades",
    "costs": "What costs took",
    "refusals": "Refusals by reason",
}
"""Every plot by the id of its place, in the order of the page."""


def page_of(run: Run) -> str:
    """Return the file's text."""
    session, bars = run.session, run.bars
    names = ", ".join(each.name for each in session.strategies)
    period = f"{format_time(bars.first_ns)} to {format_time(bars.last_ns)}"
    tiles = "".join(
        f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>"
        for name, value in _tiles(run)
    )
    settings = escape(dump(Configuration(sessions=(session,))))
    body = (
        f'<div class="tiles">{tiles}</div>',
        *(place_of(name, title) for name, title in TITLES.items()),
        f"<section><h2>Figures</h2>{metrics_table(run)}</section>",
        f"<section><h2>Outcome</h2>{outcome_table(run)}</section>",
        f"<section><h2>Settings</h2><pre>{settings}</pre></section>",
    )
    return page(
        title=f"{session.name}: {names}",
        lead=f"Backtest, {period}. Past returns say little about the next day.",
        body="\n".join(body),
        figures=figures_of(run),
    )


def figures_of(run: Run) -> dict[str, Figure]:
    """Return every plot by the id of its place."""
    days, outcome, capital = run.days, run.outcome, run.session.capital
    fills = run.record.of(Fill)
    profit = Decimal(outcome.final_equity) - capital.amount
    return {
        "equity": curves.equity_figure(days, capital.currency),
        "drawdown": curves.drawdown_figure(days),
        "months": curves.months_figure(days),
        "sharpe": curves.rolling_sharpe_figure(days),
        "exposure": curves.exposure_figure(days),
        "trades": trading.trades_figure(run.bars, fills),
        "costs": trading.costs_figure(profit, run.metrics, capital.currency),
        "refusals": trading.refusals_figure(outcome.verdicts["refused"]),
    }


def _tiles(run: Run) -> list[tuple[str, str]]:
    metrics, honest = run.metrics, run.honest
    sharpe = "–"
    if honest.sharpe is not None:
        sharpe = f"{honest.sharpe:.2f} ({honest.low:.2f} to {honest.high:.2f})"
    return [
        ("final equity", money_text(run.outcome.final_equity, run.session.capital.currency)),
        ("total return", value_text("total_return", metrics.total_return)),
        ("buy and hold", value_text("total_return", metrics.buy_and_hold_return)),
        ("largest drawdown", value_text("max_drawdown", metrics.max_drawdown)),
        (f"Sharpe ratio, its 95 %; trials: {honest.trials:,}", sharpe),
        ("trades", f"{metrics.trades:,}"),
    ]
