"""The tear sheet's file: plotly.js and every figure inside, so that it can be mailed and kept."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.configuration import Configuration, dump
from tidegate_contracts.execution import Fill
from tidegate_kernel.time import format_time
from tidegate_lab.backtest.sheet import curves, trading
from tidegate_lab.backtest.sheet.tables import metrics_table, money_text, outcome_table, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_lab.backtest.running import Run
    from tidegate_lab.backtest.sheet.figure import Figure

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
    session = run.session
    template = Template(
        files("tidegate_lab.backtest.sheet").joinpath("template.html").read_text("utf-8")
    )
    names = ", ".join(each.name for each in session.strategies)
    bars = run.bars
    return template.substitute(
        title=escape(f"{session.name}: {names}"),
        period=f"{format_time(bars.first_ns)} to {format_time(bars.last_ns)}",
        tiles="".join(
            f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>"
            for name, value in _tiles(run)
        ),
        metrics=metrics_table(run),
        outcome=outcome_table(run),
        plots="".join(
            f'<section><h2>{escape(title)}</h2><div class="plot" id="{name}"></div></section>'
            for name, title in TITLES.items()
        ),
        settings=escape(dump(Configuration(sessions=(session,)))),
        figures=script_text(figures_of(run)),
        plotly=plotly_source(),
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


def script_text(figures: Mapping[str, Figure]) -> str:
    """Write figures as JSON that may stand inside a script element."""
    return msgspec.json.encode(figures).decode().replace("<", "\\u003c")


def plotly_source() -> str:
    """Return plotly.js, as the installed package carries it; the package is not imported."""
    spec = find_spec("plotly")
    assert spec is not None, "plotly is locked with the lab"
    assert spec.origin is not None
    source = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    return source.read_text("utf-8").replace("</script", "<\\/script")


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
