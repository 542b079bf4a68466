"""The options of `up`, `down`, `status`, `demo`, `logs` and `version`; see `commands`, `demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tidegate_cli.options import ConfigOption, InstanceOption, SetOption


def up(
    context: typer.Context,
    file: ConfigOption = None,
    overrides: SetOption = None,
    *,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay, and end everything on Ctrl-C.")
    ] = False,
    tracing: Annotated[
        bool,
        typer.Option("--tracing", help="Also start a collector and a tracing UI (rotel, Phoenix)."),
    ] = False,
) -> None:
    """Start servers and services; returns when all are ready."""
    from tidegate_cli.commands import up as command

    wanted = command.Wanted(file, tuple(overrides or ()), foreground=foreground, tracing=tracing)
    command.run(context.obj, wanted)


def down(
    context: typer.Context,
    instance: InstanceOption = None,
    *,
    purge: Annotated[
        bool, typer.Option("--purge", help="Also remove data, logs and secrets; asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="Purge although positions or venue orders are open."),
    ] = False,
) -> None:
    """Drain the services and end the servers."""
    from tidegate_cli.commands import down as command

    command.run(context.obj, instance, command.Purge(purge, yes, abandon))


def status(context: typer.Context, instance: InstanceOption = None) -> None:
    """Show processes, shards, gate and accounts of an instance."""
    from tidegate_cli.commands import status as command

    command.run(context.obj, instance)


def demo(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="CSV or Parquet file, or folder of <SYMBOL>.csv|parquet."),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option("--strategy", help="NAME[:key=value,...]; may be repeated."),
    ] = None,
    *,
    speed: Annotated[
        str, typer.Option(help="max (lockstep), or seconds of feed time per second.")
    ] = "max",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the demo's folder.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Replay real market data over the live services, and show what they do."""
    from tidegate_cli.demo.command import run
    from tidegate_cli.demo.wanted import Wanted

    wanted = Wanted(tuple(data or ()), tuple(strategy or ()), speed, instance, keep=keep)
    run(context.obj, wanted)


def logs(
    context: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Default: all services.")] = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", help="How many lines of each service to begin with.")
    ] = 50,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Read the services' logs."""
    from tidegate_cli.commands import logs as command

    command.run(context.obj, command.Wanted(service, lines, instance, follow=follow))


def version(context: typer.Context) -> None:
    """Show the release."""
    from importlib.metadata import version as release

    output: Any = context.obj
    output.text(f"tidegate {release('tidegate-cli')}")
    output.result({"version": release("tidegate-cli")})
