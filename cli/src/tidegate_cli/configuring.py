"""The options of `init`, `config` and `doctor`; what they do is in `commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.options import ConfigOption, SetOption

config = typer.Typer(help="Judge and show the configuration.", no_args_is_help=True)


def init(
    context: typer.Context,
    template: Annotated[str, typer.Option(help="demo, csv, alpaca-paper or ccxt.")] = "demo",
    *,
    path: Annotated[Path, typer.Option(help="The file to write.")] = Path("tidegate.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented tidegate.yaml."""
    from tidegate_cli.commands import init as command

    command.run(context.obj, template, path, force=force)


@config.command("check")
def config_check(
    context: typer.Context, file: ConfigOption = None, overrides: SetOption = None
) -> None:
    """Judge the configuration; all problems are named with file and line."""
    from tidegate_cli.commands import config as command

    command.check(context.obj, file, overrides or [])


@config.command("show")
def config_show(
    context: typer.Context, file: ConfigOption = None, overrides: SetOption = None
) -> None:
    """Show every value and where it came from; secrets as ***."""
    from tidegate_cli.commands import config as command

    command.show(context.obj, file, overrides or [])


@config.command("path")
def config_path(context: typer.Context, file: ConfigOption = None) -> None:
    """Show which file is used."""
    from tidegate_cli.commands import config as command

    command.path(context.obj, file)


def doctor(context: typer.Context, file: ConfigOption = None) -> None:
    """Say what is missing or wrong on this machine."""
    from tidegate_cli.commands import doctor as command

    command.run(context.obj, file)
