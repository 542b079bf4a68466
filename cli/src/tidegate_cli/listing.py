"""The options of `tap`, `orders`, `positions`, `replay` and `explain`; see `commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.options import (
    InstanceOption,
    JournalsOption,
    RecordedOption,
    SessionOption,
)


def tap(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="Such as 'fills.>' or 'bars.*.1d.>'.")],
    count: Annotated[int | None, typer.Option(help="End after this many messages.")] = None,
    instance: InstanceOption = None,
) -> None:
    """Show what is said on the bus, decoded, until Ctrl-C."""
    from tidegate_cli.commands import tap as command

    command.run(context.obj, instance, subject, count)


def orders(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    session: SessionOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest last.")] = 50,
    instance: InstanceOption = None,
    *,
    symbol: Annotated[str | None, typer.Option(help="Only orders of this symbol.")] = None,
    strategy: Annotated[
        str | None,
        typer.Option(help="Only orders of this strategy; orders by hand belong to manual."),
    ] = None,
    still_open: Annotated[
        bool, typer.Option("--open", help="Only orders that may still fill.")
    ] = False,
    quality: Annotated[
        bool,
        typer.Option("--quality", help="Show how well orders were executed, by strategy, instead."),
    ] = False,
) -> None:
    """List orders: all of them, only the open ones, or how well they were executed."""
    from tidegate_cli.commands import orders as command

    if quality:
        command.quality(context.obj, instance, session)
        return
    wanted = command.Wanted(session, symbol, strategy, limit, still_open=still_open)
    command.run(context.obj, instance, wanted)


def positions(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """List positions and the account."""
    from tidegate_cli.commands import positions as command

    command.run(context.obj, instance, session)


def replay(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    session: Annotated[str, typer.Argument(help="The recorded session.")],
    *,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Compare every decision with the record: the default."),
    ] = False,
    state: Annotated[
        str | None,
        typer.Option(help="Show the state of this shard instead.", show_default=False),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="With --state: a position n or an ISO time. Default: the end."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Write the journals into this folder as Parquet with hashes instead."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="Verify this shard alone.", show_default=False)
    ] = None,
    differences: Annotated[int, typer.Option(min=1, help="How many to show of each shard.")] = 1,
    file: Annotated[
        Path | None,
        typer.Option("--config", help="Decide under this configuration, not the recorded one."),
    ] = None,
    instance: RecordedOption = None,
    journals: JournalsOption = None,
) -> None:
    """Run a recorded session's journals through this code; exits with 1 if a decision differs."""
    from tidegate_cli.commands import replay as command
    from tidegate_cli.recorded import Source

    source = Source(instance, journals)
    command.run(
        context.obj,
        command.Wanted(
            session, source, verify, state, at, export, shard, file, differences_max=differences
        ),
    )


def explain(
    context: typer.Context,
    order: Annotated[
        str,
        typer.Argument(help="A client order id, the beginning of one, or a signal's key."),
    ],
    session: SessionOption = None,
    instance: RecordedOption = None,
    journals: JournalsOption = None,
) -> None:
    """Tell where an order came from: verdict with its numbers, signal, features, bars."""
    from tidegate_cli.commands import explain as command
    from tidegate_cli.recorded import Source

    command.run(context.obj, order, session, Source(instance, journals))
