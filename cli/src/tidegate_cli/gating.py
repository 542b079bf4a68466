"""The options of `kill` and `gate`; what they do is in `commands.kill` and `commands.gate`."""

from __future__ import annotations

from typing import Annotated

import typer

from tidegate_cli.options import AsOption, InstanceOption, ReasonOption, SeenOption

gate = typer.Typer(help="Show, raise and lower the gate.", no_args_is_help=True)

ScopeOption = Annotated[
    str,
    typer.Option(
        help="all, session:NAME, account:NAME, venue:NAME, strategy:SESSION/NAME, symbol:SYMBOL or "
        "instrument:SESSION/SYMBOL."
    ),
]


def kill(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    reason: ReasonOption,
    scope: ScopeOption = "all",
    *,
    flatten: Annotated[bool, typer.Option("--flatten", help="Also close all positions.")] = False,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Stop trading now, by every path, and say who confirmed it."""
    from tidegate_cli.commands import kill as command

    order = command.KillOrder(scope=scope, reason=reason, flatten=flatten)
    command.run(context.obj, instance, principal, order)


@gate.command("show")
def gate_show(context: typer.Context, instance: InstanceOption = None) -> None:
    """Show every scope that was raised, and the lowerings that wait."""
    from tidegate_cli.commands import gate as command

    command.show(context.obj, instance)


@gate.command("raise")
def gate_raise(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: typer.Context,
    level: Annotated[str, typer.Argument(help="REDUCE_ONLY, HALTED, FLATTENING or LOCKED.")],
    scope: ScopeOption = "all",
    reason: ReasonOption = "",
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Make the gate at least this strict."""
    from tidegate_cli.commands import gate as command

    asking = command.Asking(context.obj, instance, principal)
    command.raise_level(asking, level, scope, reason)


@gate.command("lower")
def gate_lower(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: typer.Context,
    level: Annotated[str, typer.Argument(help="OPEN, REDUCE_ONLY, HALTED or FLATTENING.")],
    reason: ReasonOption,
    scope: ScopeOption = "all",
    seen: SeenOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Ask to lower the gate; another principal must approve within 10 minutes."""
    from tidegate_cli.commands import gate as command

    asking = command.Asking(context.obj, instance, principal)
    command.lower_level(asking, level, scope, reason, seen)


@gate.command("approve")
def gate_approve(
    context: typer.Context,
    request: Annotated[str, typer.Argument(help="The id that `gate lower` printed.")],
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Carry out the lowering that another principal asked for."""
    from tidegate_cli.commands import gate as command

    command.approve(command.Asking(context.obj, instance, principal), request)
