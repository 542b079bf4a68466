"""The options of `tidegate sweep`, `sweep-worker` and `walk-forward`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidegate_cli.backtesting import (
    CapitalOption,
    CarryOption,
    FeesOption,
    GreeksOption,
    InterestRateOption,
    LatencyOption,
    LimitsOption,
)

if TYPE_CHECKING:
    from tidegate_lab.backtest.options import Options

FASTEST_ENGINE = "frames"

StrategyOption = Annotated[
    str, typer.Option("--strategy", help="NAME[:key=value,...]; parameters given here stay fixed.")
]
GridOption = Annotated[
    list[str],
    typer.Option("--grid", help="NAME=FIRST:LAST:STEP or NAME=VALUE,...; once for each parameter."),
]
DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", help="CSV or Parquet file, or folder of them. Default: the demo's."),
]
SinceOption = Annotated[
    str | None, typer.Option("--from", help="Leave out bars that start earlier (ISO 8601).")
]
UntilOption = Annotated[
    str | None, typer.Option("--to", help="Leave out bars that start then or later.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the results; the same one is continued. Default: in $TIDEGATE_HOME/runs."
    ),
]
EngineOption = Annotated[str, typer.Option(help="How bars are played: frames or events.")]
RandomOption = Annotated[
    int | None, typer.Option(min=1, help="Try only this many points, drawn at random.")
]
OptunaOption = Annotated[
    int | None, typer.Option(min=1, help="Try this many points, chosen by Optuna.")
]
ScreenOption = Annotated[
    bool,
    typer.Option("--screen", help="Estimate all points first; the machines play the best 50."),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of the random choices.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, help="Processes on this machine. Default: one for each processor."),
]
NatsOption = Annotated[
    str | None,
    typer.Option("--nats", help="A nats-server that workers on other machines can reach."),
]


def sweep(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    strategy: StrategyOption,
    grid: GridOption,
    data: DataOption = None,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    limits: LimitsOption = None,
    fees: FeesOption = None,
    latency: LatencyOption = None,
    carry: CarryOption = None,
    greeks: GreeksOption = None,
    interest_rate: InterestRateOption = None,
    capital: CapitalOption = "100000USD",
    random: RandomOption = None,
    optuna: OptunaOption = None,
    screen: ScreenOption = False,
    seed: SeedOption = 0,
    workers: WorkersOption = None,
    nats: NatsOption = None,
    out: OutOption = None,
    engine: EngineOption = FASTEST_ENGINE,
) -> None:
    """Try many parameters through the machines, and say what the best is worth."""
    from tidegate_cli.commands import sweep as command
    from tidegate_lab.sweep.running import SCREEN_KEEPS, Search

    options = replace(
        _options(strategy, data, since, until, capital),
        greeks=greeks,
        interest_rate=interest_rate,
    )
    asked = command.Asked(
        options=_with_costs(options, limits, fees, latency, carry),
        grid=tuple(grid),
        search=Search(
            random=random or 0,
            optuna=optuna or 0,
            seed=seed,
            screen=SCREEN_KEEPS if screen else 0,
        ),
        workers=workers,
        nats=nats,
        out=out,
        engine=engine,
    )
    command.run(context.obj, asked)


def walk_forward(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    strategy: StrategyOption,
    grid: GridOption,
    data: DataOption = None,
    *,
    train: Annotated[int, typer.Option(min=1, help="Days with bars to choose in.")] = 500,
    test: Annotated[int, typer.Option(min=1, help="Days with bars to be judged in.")] = 125,
    anchored: Annotated[
        bool, typer.Option("--anchored", help="Every sample begins with the first day.")
    ] = False,
    since: SinceOption = None,
    until: UntilOption = None,
    limits: LimitsOption = None,
    fees: FeesOption = None,
    latency: LatencyOption = None,
    carry: CarryOption = None,
    greeks: GreeksOption = None,
    interest_rate: InterestRateOption = None,
    capital: CapitalOption = "100000USD",
    workers: WorkersOption = None,
    out: OutOption = None,
    engine: EngineOption = FASTEST_ENGINE,
) -> None:
    """Choose parameters in a window, judge them right after it, again and again."""
    from tidegate_cli.commands import walk_forward as command
    from tidegate_lab.sweep.walk_forward import Plan

    options = replace(
        _options(strategy, data, since, until, capital),
        greeks=greeks,
        interest_rate=interest_rate,
    )
    asked = command.Asked(
        options=_with_costs(options, limits, fees, latency, carry),
        grid=tuple(grid),
        plan=Plan(train=train, test=test, anchored=anchored),
        workers=workers,
        out=out,
        engine=engine,
    )
    command.run(context.obj, asked)


def sweep_worker(
    context: typer.Context,
    nats: Annotated[str, typer.Option("--nats", help="The nats-server of the sweep.")],
    data: DataOption = None,
    workers: WorkersOption = None,
) -> None:
    """Help a sweep that runs on another machine, until it ends."""
    from tidegate_cli.commands import sweep as command

    command.help_sweep(context.obj, nats, tuple(data or ()), workers)


def _options(
    strategy: str, data: list[str] | None, since: str | None, until: str | None, capital: str
) -> Options:
    from tidegate_lab.backtest.options import Options
    from tidegate_market_data.adapters.demo_data import DEMO_PATH

    return Options(
        strategies=(strategy,),
        data=tuple(data or (DEMO_PATH,)),
        since=since,
        until=until,
        capital=capital,
    )


def _with_costs(
    options: Options,
    limits: str | None,
    fees: str | None,
    latency: str | None,
    carry: str | None,
) -> Options:
    return replace(options, limits=limits, fees=fees, latency=latency, carry=carry)
