"""The options of `tidegate optimise`; what it does is in `commands.optimise`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  tidegate optimise hrp --data closes.parquet --limits aggressive
  tidegate optimise minimum-variance --data prices/ --symbol SPY --symbol TLT --symbol GLD
  tidegate optimise risk-parity --session demo --strategy trend"""


Data = Annotated[
    list[str] | None,
    typer.Option("--data", help="CSV or Parquet file, or folder of them; may be repeated."),
]
Session = Annotated[
    str | None,
    typer.Option("--session", help="Instead of --data: a recorded session, with its book."),
]
Symbols = Annotated[
    list[str] | None,
    typer.Option("--symbol", help="May be repeated. Default: all with enough history."),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        help="The strategy that asks; its holdings count. Default: the session's only one."
    ),
]
WeightMax = Annotated[
    str | None,
    typer.Option(help="Largest share of equity in a symbol. Default: what its limits allow."),
]
Invested = Annotated[
    str | None,
    typer.Option(help="Share of equity invested in all. Default: what the limits allow."),
]
Limits = Annotated[
    str | None,
    typer.Option(help="With --data: conservative, moderate, aggressive, or a YAML file of limits."),
]
Capital = Annotated[
    str | None, typer.Option(help="With --data: what the account holds. Default: 100000USD.")
]
Since = Annotated[
    str | None, typer.Option("--from", help="With --data: leave out earlier bars (ISO 8601).")
]
Until = Annotated[
    str | None, typer.Option("--to", help="With --data: leave out bars from then on.")
]
Instance = Annotated[
    str | None,
    typer.Option("--instance", help="The instance that recorded it; it may run or be down."),
]
Journals = Annotated[Path | None, typer.Option(help="Read an exported archive instead.")]


def optimise(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    method: Annotated[
        str, typer.Argument(help="maximum-sharpe, minimum-variance, cvar, risk-parity or hrp.")
    ],
    data: Data = None,
    *,
    session: Session = None,
    symbol: Symbols = None,
    strategy: Strategy = None,
    weight_max: WeightMax = None,
    invested: Invested = None,
    limits: Limits = None,
    capital: Capital = None,
    since: Since = None,
    until: Until = None,
    instance: Instance = None,
    journals: Journals = None,
) -> None:
    """Find target weights, and ask risk for every order that leads there; nothing is ordered."""
    from tidegate_cli.commands import optimise as command
    from tidegate_cli.recorded import Source

    wanted = command.Wanted(
        method=method,
        data=tuple(data or ()),
        session=session,
        symbols=tuple(symbol or ()),
        strategy=strategy,
        weight_max=weight_max,
        invested=invested,
        limits=limits,
        capital=capital,
        since=since,
        until=until,
        source=Source(instance, journals),
    )
    command.run(context.obj, wanted)
