"""The options of `backup`, `restore`, `upgrade` and `admin`; what they do is in `commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.options import AsOption, InstanceOption, SeenOption

admin = typer.Typer(
    help="Rare work: rejoin a restored instance, archive journals.", no_args_is_help=True
)

StoredOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        help="The instance, by name or folder; it may run or be down.",
        show_default=False,
    ),
]


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    instance: StoredOption = None,
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


def upgrade(
    context: typer.Context,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Look whether another version may take over.")
    ] = False,
    instance: StoredOption = None,
) -> None:
    """Tell whether the instance is drained, and whether versions and contract fit."""
    from tidegate_cli.commands import upgrade as command

    command.run(context.obj, instance, check=check)


@admin.command("rejoin")
def rejoin(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    reason: Annotated[
        str | None, typer.Option(help="Why it is safe to go on; it is kept for good.")
    ] = None,
    seen: SeenOption = None,
    approve: Annotated[
        str | None, typer.Option(help="Approve the request that another principal filed.")
    ] = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Compare a restored instance with its venues, and let it trade again: two principals."""
    from tidegate_cli.commands import admin as command
    from tidegate_cli.commands.gate import Asking

    asking = Asking(context.obj, instance, principal)
    command.rejoin(asking, command.Word(reason, seen, approve))


@admin.command("archive")
def archive(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help="The recorded session.")],
    folder: Annotated[Path, typer.Argument(help="An empty folder, or none yet, to write to.")],
    *,
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop the rows that the verified archive holds.")
    ] = False,
    instance: StoredOption = None,
) -> None:
    """Write journals as Parquet, decide them again from there, and drop what is old."""
    from tidegate_cli.commands import archive as command

    command.run(context.obj, command.Wanted(session, folder, instance, drop))
