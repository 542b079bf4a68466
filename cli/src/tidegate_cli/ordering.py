"""The options of `tidegate order`; what each command does is in `commands.order`."""

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
    optional,
)

order = typer.Typer(
    help="Place orders by hand, through the rules that strategies go through.",
    no_args_is_help=True,
)

TypeOption = Annotated[
    str | None,
    optional(
        "market, limit, stop, stop-limit or trailing-stop. Default: by the prices given.", "--type"
    ),
]
LimitOption = Annotated[str | None, optional("The limit price.")]
TriggerOption = Annotated[str | None, optional("Where a stop begins to work.")]
TrailOption = Annotated[
    str | None, optional("A trailing stop's distance: 1.50, or 2% of the best price.")
]
StopOption = Annotated[str | None, optional("Price at which the new position is closed at a loss.")]
TargetOption = Annotated[
    str | None, optional("Price at which the new position is closed at a profit.", "--take-profit")
]
TifOption = Annotated[str | None, optional("gtc, day, ioc or fok. Default: gtc.")]
ValidOption = Annotated[
    str | None, optional("The order expires this long after its decision, as 10m.")
]
PostOption = Annotated[
    bool, typer.Option("--post-only", help="Limit orders: never fill at once as a taker.")
]
AroundOption = Annotated[
    bool,
    typer.Option(
        "--extended-hours", help="Limit orders: work before and after the regular session too."
    ),
]
ReduceOption = Annotated[
    bool, typer.Option("--reduce-only", help="Only close a position: at most what is held.")
]
AlgorithmOption = Annotated[
    str | None, optional("Send it in slices: twap, vwap or iceberg. Default: whole.", "--algorithm")
]
OverOption = Annotated[str | None, optional("For twap and vwap: how long slices are sent, as 10m.")]
SlicesOption = Annotated[
    int | None, typer.Option(min=1, help="For twap: the number of slices.", show_default=False)
]
ShareOption = Annotated[
    str | None, optional("For vwap: share of each bar's volume, as 0.1.", "--participation")
]
DisplayOption = Annotated[str | None, optional("For iceberg: the quantity that is open at a time.")]
LegOption = Annotated[
    list[str] | None,
    optional("One option of several, as 'sell 2 SYMBOL'; the limit is a net price.", "--leg"),
]
StrategyOption = Annotated[str | None, optional("Whose position is closed. Default: manual.")]
VenueOption = Annotated[str | None, optional("The venue, where several list the symbol.")]
KeyOption = Annotated[str | None, optional("A retry with the same key orders nothing anew.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only ask what risk would answer.")]
OrderArgument = Annotated[
    str, typer.Argument(metavar="ORDER", help="A client order id, or the beginning of one.")
]


@order.command(
    "place",
    # A quantity such as -5 is answered as a wrong quantity and not as an unknown option.
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "tidegate order place AAPL buy 10 --reason hedge --dry-run",
        "tidegate order place AAPL buy 10 --limit 181.50 --valid-for 10m --reason hedge",
        "tidegate order place AAPL buy 10 --trigger 185 --stop 178 --take-profit 199 --reason "
        "breakout",
        "tidegate order place AAPL sell 10 --trail 2% --reduce-only --reason protect",
        "tidegate order place AAPL buy 100 --algorithm twap --over 10m --slices 5 --reason quiet",
        "tidegate order place AAPL buy 100 --algorithm vwap --participation 0.1 --over 30m "
        "--reason quiet",
        "tidegate order place AAPL buy 100 --limit 181 --algorithm iceberg --display 5 "
        "--reason quiet",
        "tidegate order place AAPL buy 10 --limit 181 --tif day --extended-hours --reason news",
        "tidegate order place AAPL buy 200 --leg 'buy AAPL271217C00200000' --leg 'sell "
        "AAPL271217C00210000' --limit 3.50 --tif day --reason 'two call spreads'",
        "tidegate order place AAPL sell 100 --strategy trend --reduce-only --reason 'news'",
    ),
)
def place(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A symbol of the session's feed.")],
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    quantity: Annotated[str, typer.Argument(help="In units of the symbol.")],
    *,
    reason: ReasonOption,
    kind: TypeOption = None,
    limit: LimitOption = None,
    trigger: TriggerOption = None,
    trail: TrailOption = None,
    stop: StopOption = None,
    target: TargetOption = None,
    tif: TifOption = None,
    valid_for: ValidOption = None,
    post_only: PostOption = False,
    extended_hours: AroundOption = False,
    reduce_only: ReduceOption = False,
    algorithm: AlgorithmOption = None,
    over: OverOption = None,
    slices: SlicesOption = None,
    participation: ShareOption = None,
    display: DisplayOption = None,
    leg: LegOption = None,
    strategy: StrategyOption = None,
    venue: VenueOption = None,
    key: KeyOption = None,
    dry_run: DryRunOption = False,
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Place an order by hand. Every rule and limit binds it; it gets one verdict."""
    from tidegate_cli.commands import order as command

    prices = command.Prices(limit, trigger, trail, stop, target)
    terms = command.Terms(
        kind,
        tif,
        valid_for,
        post_only=post_only,
        extended_hours=extended_hours,
        reduce_only=reduce_only,
    )
    sliced = command.Algorithm(algorithm, over, slices, participation, display)
    legs = tuple(leg or ())
    wanted = command.Wanted(symbol, side, quantity, reason, prices, terms, sliced, legs)
    place = command.Place(strategy, venue, key, dry_run=dry_run)
    command.place(command.Asking(context.obj, instance, session, principal), wanted, place)


@order.command(
    "cancel",
    epilog=examples("tidegate order cancel tg-jmjh --reason 'no longer needed'"),
)
def cancel(
    context: typer.Context,
    name: OrderArgument,
    *,
    reason: ReasonOption,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Cancel an open order; the venue confirms later."""
    from tidegate_cli.commands import order as command

    command.cancel(command.Asking(context.obj, instance, None, principal), name, reason)


@order.command(
    "replace",
    epilog=examples(
        "tidegate order replace tg-jmjh --limit 181.20 --reason 'lower bid'",
        "tidegate order replace tg-jmjh --quantity 5 --reason smaller",
    ),
)
def replace(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    name: OrderArgument,
    *,
    reason: ReasonOption,
    quantity: Annotated[str | None, optional("At most this is left open.")] = None,
    limit: LimitOption = None,
    trigger: TriggerOption = None,
    trail: TrailOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Replace an open order by what is left of it: no larger, at no worse price."""
    from tidegate_cli.commands import order as command

    prices = command.Prices(limit, trigger, trail)
    asking = command.Asking(context.obj, instance, None, principal)
    command.replace(asking, name, command.Change(reason, quantity, prices))


@order.command("show", epilog=examples("tidegate order show tg-abc"))
def show(
    context: typer.Context,
    name: OrderArgument,
    session: OneSessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show one order with its fills. `tidegate explain` tells where it came from."""
    from tidegate_cli.commands import order as command

    command.show(command.Asking(context.obj, instance, session), name)


@order.command("trades", epilog=examples("tidegate order trades --symbol AAPL"))
def trades(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    symbol: Annotated[str | None, typer.Option(help="Only of this symbol.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only of this strategy.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest last.")] = 50,
    session: SessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """List what was executed, with fees."""
    from tidegate_cli.commands import order as command

    wanted = {"symbol": symbol, "strategy": strategy}
    command.trades(command.Asking(context.obj, instance, session), wanted, limit)
