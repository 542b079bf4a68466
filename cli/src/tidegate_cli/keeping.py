"""The options of `backup` and `restore`; what they do is in `commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecordedOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        help="The instance meant, running or not, or its folder.",
        show_default=False,
    ),
]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    instance: RecordedOption = None,
) -> None:
    """Keep databases, streams, configuration and kill flags in one file; no secrets, no keys."""
    from tidegate_cli.commands import backup as command

    command.run(context.obj, file, instance)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `tidegate backup` wrote.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only judge the file and show what it holds.")
    ] = False,
) -> None:
    """Put a backup into an empty home; it comes up HALTED until `tidegate admin rejoin`."""
    from tidegate_cli.commands import restore as command

    command.run(context.obj, file, check=check)
