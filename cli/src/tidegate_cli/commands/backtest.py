"""`tidegate backtest`: the machines that trade, played over past bars in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tidegate_chassis.configuration import Layout
from tidegate_cli.asked import readable
from tidegate_cli.commands import lookahead
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_cli.played import played_bar
from tidegate_cli.summary import Rows, say_outcome
from tidegate_lab.backtest.engines import engine_of
from tidegate_lab.backtest.folder import TEAR_SHEET, judged, make_folder
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.backtest.running import Run, run_bars, with_costs_doubled
from tidegate_lab.replayed import replay_of
from tidegate_lab.sweep.backtests import registered
from tidegate_lab.sweep.register import REGISTER_FOLDER, Register


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options."""

    options: Options
    engine: str
    out: Path | None
    demo: bool
    check_lookahead: bool
    doubled_costs: bool


def run(output: Output, asked: Asked) -> None:
    """Play the session that is asked for, write its folder and say what came of it."""
    with readable():
        session = session_of(asked.options.of_demo() if asked.demo else asked.options)
        engine_of(asked.engine)
        bars = replay_of(session)
        if asked.check_lookahead:
            lookahead.look(output, session, bars, asked.engine)
        folder = asked.out.expanduser().absolute() if asked.out else _own_folder(session.name)
        make_folder(folder)
        for warning in bars.warnings:
            output.progress(f"Warning: {warning}")
        register = Register(home() / REGISTER_FOLDER)
        made = run_bars(session, bars, asked.engine, played_bar)
        if asked.doubled_costs and not asked.demo:
            output.progress("again, at twice the fees and slippage")
            made = with_costs_doubled(made, played_bar)
        made = registered(made, register)
        made.save(folder)
    curve = [made.days.opening, *made.days.equity.tolist()]
    say_outcome(output, made.outcome, curve, _figures(made))
    output.progress(f"wrote {folder}; look at {folder / TEAR_SHEET}")
    output.result(_document(made, folder, whole=not asked.demo))


def _own_folder(session: str) -> Path:
    """Return a new folder's path in the home, named after the session and the time."""
    runs = Layout(home()).runs
    name = f"{session}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    others = sum(1 for _ in runs.glob(f"{name}*"))
    return runs / (f"{name}-{others + 1}" if others else name)


def _document(run: Run, folder: Path, *, whole: bool) -> dict[str, Any]:
    """Return the demo's object, and behind it the figures unless the demo was asked for."""
    document: dict[str, Any] = msgspec.to_builtins(run.outcome)
    if whole:
        document |= {
            "metrics": msgspec.to_builtins(run.metrics),
            **judged(run),
            "folder": str(folder),
        }
    return document


def _figures(run: Run) -> Rows:
    metrics, honest = run.metrics, run.honest
    sharpe = f"none: {honest.missing}"
    if honest.sharpe is not None:
        sharpe = (
            f"{honest.sharpe:.2f}, 95 %: {honest.low:.2f} to {honest.high:.2f}, "
            f"trials: {honest.trials:,}, deflated: {honest.deflated_sharpe:.1%}"
        )
    beside: Rows = []
    if run.costs is not None:
        equity = f"{float(run.costs.final_equity_doubled):,.2f}"
        beside.append(("at doubled costs", f"{_two(run.costs.sharpe_doubled)}, equity {equity}"))
    if run.trade_order is not None:
        order = run.trade_order
        told = (
            f"{order.median:.1%}, 5 %: {order.worst_of_20:.1%}, as they came {order.observed:.1%}"
        )
        beside.append(("drawdown, trades shuffled", told))
    return [
        ("total return", f"{metrics.total_return:.2%} in {metrics.years:.1f} years"),
        ("buy and hold", f"{metrics.buy_and_hold_return:.2%}"),
        ("Sharpe ratio", sharpe),
        *beside,
        ("trades", f"{metrics.trades:,}"),
    ]


def _two(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
