"""The options of `tidegate backtest`; what it does is in `commands.backtest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Demo = Annotated[
    bool, typer.Option("--demo", help="The demo's data and strategies, unless others are given.")
]
LimitsOption = Annotated[
    str | None, typer.Option(help="conservative, moderate, aggressive, or a YAML file of limits.")
]
FeesOption = Annotated[
    str | None, typer.Option(help="10bps, 0.005/share, 0.65/contract, joined by +.")
]
LatencyOption = Annotated[
    str | None, typer.Option(help="From an order's cause to its arrival, as 50ms.")
]
CarryOption = Annotated[
    str | None,
    typer.Option(help="YAML file of what holding costs: borrow, funding, dividends, splits."),
]
CapitalOption = Annotated[str, typer.Option(help="What the account starts with, and its currency.")]
GreeksOption = Annotated[
    str | None,
    typer.Option(help="Greeks of options: none, from the files, or of the model (the default)."),
]
InterestRateOption = Annotated[
    str | None, typer.Option(help="Interest a year in the model of Greeks, as 0.04. Default: 0.")
]
CheckLookahead = Annotated[
    bool,
    typer.Option(
        "--check-lookahead",
        help="Decide again with other futures first; exit with 1 if a decision changes.",
    ),
]
DoubledCosts = Annotated[
    bool,
    typer.Option(
        "--doubled-costs/--no-doubled-costs",
        help="Play it again at twice the fees and slippage; not with --demo.",
    ),
]


def backtest(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    strategy: Annotated[
        list[str] | None,
        typer.Option("--strategy", help="NAME[:key=value,...]; may be repeated."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", help="CSV or Parquet file, or folder of them; may be repeated."),
    ] = None,
    *,
    since: Annotated[
        str | None, typer.Option("--from", help="Leave out bars that start earlier (ISO 8601).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Leave out bars that start then or later.")
    ] = None,
    limits: LimitsOption = None,
    fees: FeesOption = None,
    latency: LatencyOption = None,
    carry: CarryOption = None,
    greeks: GreeksOption = None,
    interest_rate: InterestRateOption = None,
    capital: CapitalOption = "100000USD",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Default: one in $TIDEGATE_HOME/runs."),
    ] = None,
    engine: Annotated[str, typer.Option(help="How bars are played: events or frames.")] = "events",
    demo: Demo = False,
    check_lookahead: CheckLookahead = False,
    doubled_costs: DoubledCosts = True,
) -> None:
    """Play past bars through the machines that trade, and write down what came of it."""
    from tidegate_cli.commands import backtest as command
    from tidegate_lab.backtest.options import Options

    options = Options(
        strategies=tuple(strategy or ()),
        data=tuple(data or ()),
        since=since,
        until=until,
        limits=limits,
        fees=fees,
        latency=latency,
        carry=carry,
        greeks=greeks,
        interest_rate=interest_rate,
        capital=capital,
    )
    asked = command.Asked(
        options,
        engine,
        out,
        demo=demo,
        check_lookahead=check_lookahead,
        doubled_costs=doubled_costs,
    )
    command.run(context.obj, asked)
