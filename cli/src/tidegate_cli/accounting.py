"""The options of `tidegate account`; what each command does is in `commands.account`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate_cli.options import (
    AsOption,
    InstanceOption,
    OneSessionOption,
    ReasonOption,
    SessionOption,
    examples,
)

account = typer.Typer(
    help="Compare accounts with their venues, and book away what differs: two principals.",
    no_args_is_help=True,
)


@account.command("show", epilog=examples("tidegate account show"))
def show(
    context: typer.Context,
    session: SessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """Have each account compared with its venue's now, and show what differs."""
    from tidegate_cli.commands import account as command

    command.show(command.Asking(context.obj, instance, session))


@account.command("entries", epilog=examples("tidegate account entries --session live"))
def entries(
    context: typer.Context,
    session: SessionOption = None,
    instance: InstanceOption = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest last.")] = 50,
) -> None:
    """List what changed holdings or cash without an order."""
    from tidegate_cli.commands import account as command

    command.entries(command.Asking(context.obj, instance, session), limit)


@account.command(
    "adjust",
    epilog=examples(
        "tidegate account adjust AAPL 10 --cash -2500 --reason 'bought by hand'",
        "tidegate account adjust --reason 'lost in the restore' AAPL -- -10",
        "tidegate account adjust --cash 500 --transfer --reason deposit",
        "tidegate account adjust --entry SPIN:1 --reason 'a symbol that nobody trades'",
    ),
)
def adjust(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="Left out when only cash differs.")] = "",
    quantity: Annotated[
        str, typer.Argument(help="How much more the venue holds; negative for less.")
    ] = "0",
    *,
    reason: ReasonOption,
    cash: Annotated[
        str, typer.Option(help="How much more cash the venue has: all of the difference, or 0.")
    ] = "0",
    price: Annotated[
        str | None,
        typer.Option(help="What a unit cost. Default: by the cash, else the newest close."),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(help="Whose it is. Default: shared when a holding shrinks, else nobody's."),
    ] = "",
    transfer: Annotated[bool, typer.Option("--transfer", help="Neither profit nor loss.")] = False,
    entry: Annotated[
        str,
        typer.Option(help="The venue's entry that ENTRY_UNREAD names: this settles it."),
    ] = "",
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """File what is to be booked away: exactly what differs now; another principal approves."""
    from tidegate_cli.commands import account as command

    wanted = command.Wanted(symbol, quantity, cash, price, strategy, reason, transfer, entry)
    command.adjust(command.Asking(context.obj, instance, session, principal), wanted)


@account.command("approve", epilog=examples("tidegate account approve adjustment-1 --as approver"))
def approve(
    context: typer.Context,
    request: Annotated[str, typer.Argument(help="The request that another principal filed.")],
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Book what somebody else has filed, if it still is exactly what differs."""
    from tidegate_cli.commands import account as command

    command.approve(command.Asking(context.obj, instance, session, principal), request)
