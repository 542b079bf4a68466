"""The options of `tidegate risk`; what each command does is in `commands.risk*`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.options import (
    AsOption,
    InstanceOption,
    JournalsOption,
    OneSessionOption,
    ReasonOption,
    RecordedOption,
    SessionOption,
    examples,
    optional,
)
from tidegate_cli.ordering import (
    AlgorithmOption,
    AroundOption,
    OverOption,
    PostOption,
    ShareOption,
    SlicesOption,
    TifOption,
    ValidOption,
)

risk = typer.Typer(
    help="Show how risk stands, ask it, and change its limits.", no_args_is_help=True
)
limits = typer.Typer(help="Show and change the limits in force.", invoke_without_command=True)
risk.add_typer(limits, name="limits")

SinceOption = Annotated[
    str | None,
    typer.Option(help="From this time of the session on (ISO 8601).", show_default=False),
]
UntilOption = Annotated[
    str | None, typer.Option(help="Before this time (ISO 8601).", show_default=False)
]
LimitOption = Annotated[int, typer.Option(min=1, max=5_000, help="At most this many.")]

ReferenceOption = Annotated[str | None, optional("Default: the newest close.")]
LimitPriceOption = Annotated[str | None, optional("Default: at market.")]
TriggerPriceOption = Annotated[
    str | None, optional("Where a stop begins to work; with --limit-price, a stop-limit.")
]
StopDistanceOption = Annotated[str | None, optional("Distance of its stop from the price.")]
DisplayShareOption = Annotated[
    str | None, optional("For iceberg: the share of the order that is open at a time.")
]
DocumentArgument = Annotated[
    str,
    typer.Argument(
        help="A YAML or JSON file of what `limits:` may hold, or a profile: conservative, moderate "
        "or aggressive."
    ),
]


@risk.command("state", epilog=examples("tidegate risk state", "tidegate risk state --json"))
def state(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """Show each session's equity, losses, open orders, gate and version of limits."""
    from tidegate_cli.commands import risk as command

    command.state(command.Asking(context.obj, instance, session))


@risk.command("exposures", epilog=examples("tidegate risk exposures --session demo"))
def exposures(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """Show what is held, and could be held in the worst case of all open orders."""
    from tidegate_cli.commands import risk as command

    command.exposures(command.Asking(context.obj, instance, session))


@risk.command("var", epilog=examples("tidegate risk var"))
def value_at_risk(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """Show value at risk, shortfall, heat, concentration, stress and correlations of the book."""
    from tidegate_cli.commands import risk as command

    command.value_at_risk(command.Asking(context.obj, instance, session))


@risk.command("breakers", epilog=examples("tidegate risk breakers"))
def breakers(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """Show every breaker: its state, why, and how it is reset."""
    from tidegate_cli.commands import risk as command

    command.breakers(command.Asking(context.obj, instance, session))


@risk.command(
    "verdicts",
    epilog=examples(
        "tidegate risk verdicts --code DAILY_LOSS",
        "tidegate risk verdicts --strategy trend --symbol AAPL --since 2024-01-31",
        "tidegate risk verdicts --counts",
    ),
)
def verdicts(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    strategy: Annotated[str | None, typer.Option(help="Only of this strategy.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only of this symbol.")] = None,
    decision: Annotated[str | None, typer.Option(help="APPROVED or REFUSED.")] = None,
    code: Annotated[str | None, typer.Option(help="Only refusals with this code.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 50,
    counts: Annotated[
        bool,
        typer.Option("--counts", help="Only count verdicts by reason, over the whole session."),
    ] = False,
    session: SessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """Search verdicts by strategy, symbol, decision, code and time; newest last."""
    from tidegate_cli.commands import risk as command

    wanted = {"strategy": strategy, "symbol": symbol, "decision": decision, "code": code}
    search = command.Search(wanted, since, until, limit)
    asking = command.Asking(context.obj, instance, session)
    if counts:
        command.counts(asking, search)
    else:
        command.verdicts(asking, search)


@risk.command(
    "explain",
    epilog=examples("tidegate risk explain 'demo|trend|AAPL|1706659200000000000|0'"),
)
def explain(
    context: typer.Context,
    order: Annotated[str, typer.Argument(help="A signal's key or a client order id.")],
    instance: InstanceOption = None,
) -> None:
    """Tell one verdict in words: why this order, why this size, or why none."""
    from tidegate_cli.commands import risk as command

    command.explain(command.Asking(context.obj, instance), order)


@risk.command(
    "ask",
    epilog=examples(
        "tidegate risk ask LONG AAPL --strategy trend",
        "tidegate risk ask LONG BTC/USD --strategy trend --limit-price 64000 --stop-distance 900",
        "tidegate risk ask LONG AAPL --strategy trend --trigger-price 185 --valid-for 2h",
        "tidegate risk ask LONG AAPL --strategy trend --algorithm twap --over 10m --slices 5",
        "tidegate order place AAPL buy 10 --trail 2% --reason 'of my own size' --dry-run",
    ),
)
def ask(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    direction: Annotated[str, typer.Argument(help="LONG, SHORT or FLAT.")],
    symbol: Annotated[str, typer.Argument(help="A symbol of the session's feed.")],
    *,
    strategy: Annotated[str, typer.Option(help="The strategy whose order it would be.")],
    venue: Annotated[
        str | None, typer.Option(help="The venue, where several list the symbol.")
    ] = None,
    strength: Annotated[float, typer.Option(help="Above 0, to 1.")] = 1.0,
    confidence: Annotated[float, typer.Option(help="From 0 to 1.")] = 1.0,
    reference_price: ReferenceOption = None,
    limit_price: LimitPriceOption = None,
    trigger_price: TriggerPriceOption = None,
    tif: TifOption = None,
    valid_for: ValidOption = None,
    post_only: PostOption = False,
    extended_hours: AroundOption = False,
    algorithm: AlgorithmOption = None,
    over: OverOption = None,
    slices: SlicesOption = None,
    participation: ShareOption = None,
    display: DisplayShareOption = None,
    stop_distance: StopDistanceOption = None,
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """What would you say to a strategy's order? Nothing is sent, reserved or journalled.

    Risk finds the size, as it does for the strategy. For an order of your own size, and for a
    trailing stop, ask `tidegate order place --dry-run`.
    """
    from tidegate_cli.commands import risk as command
    from tidegate_cli.commands.order import Algorithm, Terms

    asked = {
        "direction": direction.upper(),
        "symbol": symbol,
        "strategy": strategy,
        "venue": venue,
        "strength": strength,
        "confidence": confidence,
        "reference_price": reference_price,
        "limit_price": limit_price,
        "trigger_price": trigger_price,
        "stop_distance": stop_distance,
        **Terms(tif=tif, valid_for=valid_for).life(),
        "post_only": post_only,
        "extended_hours": extended_hours,
        **Algorithm(algorithm, over, slices, participation, display).of_a_share(),
    }
    command.ask(command.Asking(context.obj, instance, session, principal), asked)


@risk.command(
    "audit",
    epilog=examples(
        "tidegate risk audit --what LIMITS_CHANGED",
        "tidegate risk audit --who operator --since 2024-01-31",
    ),
)
def audit(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    who: Annotated[str | None, typer.Option(help="A principal, a breaker or a shard.")] = None,
    what: Annotated[
        str | None, typer.Option(help="APPROVED, a refusal's code, RAISED, LIMITS_CHANGED...")
    ] = None,
    about: Annotated[
        str | None, typer.Option(help="A signal's key, a scope of the gate, a request's id.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = 50,
    session: SessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show who did what and why: verdicts, gate, breakers and limits; newest first."""
    from tidegate_cli.commands import risk as command

    search = command.Search({"who": who, "what": what, "about": about}, since, until, limit)
    command.audit(command.Asking(context.obj, instance, session), search)


@risk.command(
    "dry-run",
    epilog=examples(
        "tidegate risk dry-run stricter.yaml",
        "tidegate risk dry-run conservative --since 2024-01-01 --until 2024-02-01",
    ),
)
def dry_run(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    document: DocumentArgument,
    *,
    session: OneSessionOption = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="From this time of the session on (ISO 8601). Default: its newest day.",
            show_default=False,
        ),
    ] = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(min=1, help="List at most this many verdicts.")] = 50,
    instance: RecordedOption = None,
    journals: JournalsOption = None,
    principal: AsOption = None,
) -> None:
    """Which recorded orders would other limits have refused? Replays the journal; no effect.

    A running instance answers in a process beside what decides; otherwise the record is read here.
    """
    from tidegate_cli.commands import risk_dry_run as command
    from tidegate_cli.recorded import Source

    source = Source(instance, journals)
    wanted = command.Wanted(document, session, since, until, limit, source, principal)
    command.run(context.obj, wanted)


@limits.callback()
def limits_in_force(context: typer.Context) -> None:
    """Show and change the limits in force; alone it shows them."""
    if context.invoked_subcommand is None:
        limits_show(context)


@limits.command("show", epilog=examples("tidegate risk limits", "tidegate risk limits show --all"))
def limits_show(
    context: typer.Context,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also those limits that are at their default.")
    ] = False,
    session: SessionOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show the limits in force, what they come to, and what waits for a second principal."""
    from tidegate_cli.commands import risk_limits as command

    command.show(command.Asking(context.obj, instance, session), every=every)


@limits.command("history", epilog=examples("tidegate risk limits history"))
def limits_history(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """Show every change of limits and every request: who, why, before and after."""
    from tidegate_cli.commands import risk_limits as command

    command.history(command.Asking(context.obj, instance, session))


@limits.command(
    "set",
    epilog=examples(
        "tidegate risk dry-run stricter.yaml",
        "tidegate risk limits set stricter.yaml --reason 'wild market'",
        "tidegate risk limits set conservative --reason 'over the holidays' --as operator",
    ),
)
def limits_set(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    document: DocumentArgument,
    *,
    reason: ReasonOption,
    replaces: Annotated[
        int, typer.Option(min=0, help="Refuse if another version is in force; 0: any.")
    ] = 0,
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Put another document in force; a looser one waits ten minutes for another principal."""
    from tidegate_cli.commands import risk_limits as command

    asking = command.Asking(context.obj, instance, session, principal)
    command.put(asking, document, reason, replaces)


@limits.command("reload", epilog=examples("tidegate risk limits reload --reason 'new file'"))
def limits_reload(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    reason: ReasonOption,
    file: Annotated[
        Path | None, typer.Option("--config", help="The tidegate.yaml to use.", show_default=False)
    ] = None,
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Read tidegate.yaml again and put its limits in force, like `limits set`."""
    from tidegate_cli.commands import risk_limits as command

    asking = command.Asking(context.obj, instance, session, principal)
    command.reload(asking, file, reason)


@limits.command("approve", epilog=examples("tidegate risk limits approve limits-1 --as approver"))
def limits_approve(
    context: typer.Context,
    request: Annotated[str, typer.Argument(help="The id that `limits set` printed.")],
    session: OneSessionOption = None,
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Put in force what another principal asked for."""
    from tidegate_cli.commands import risk_limits as command

    command.approve(command.Asking(context.obj, instance, session, principal), request)
