"""Every command with its options; what a command does is in its module, imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tidegate_cli import (
    accounting,
    backtesting,
    keeping,
    optimising,
    ordering,
    risking,
    simulating,
    sweeping,
)
from tidegate_cli.options import (
    AsOption,
    InstanceOption,
    JournalsOption,
    ReasonOption,
    RecordedOption,
    SessionOption,
)

application = typer.Typer(
    name="tidegate",
    help="A self-hosted trading platform with a kill switch that fails closed. Every command "
    "takes --json: stdout then ends with one JSON object on one line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
config = typer.Typer(help="Judge and show the configuration.", no_args_is_help=True)
gate = typer.Typer(help="Show, raise and lower the gate.", no_args_is_help=True)
deploy = typer.Typer(help="Prepare servers of your own.", no_args_is_help=True)
application.add_typer(config, name="config")
application.add_typer(gate, name="gate")
application.add_typer(risking.risk, name="risk")
application.add_typer(ordering.order, name="order")
application.add_typer(accounting.account, name="account")
application.add_typer(deploy, name="deploy")
application.add_typer(keeping.admin, name="admin")

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The tidegate.yaml to use.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a field: sessions.demo.speed=60.", show_default=False),
]
ScopeOption = Annotated[
    str,
    typer.Option(
        help="all, session:NAME, account:NAME, venue:NAME, strategy:SESSION/NAME, symbol:SYMBOL or "
        "instrument:SESSION/SYMBOL."
    ),
]
SecretsOption = Annotated[
    Path, typer.Option(help="The folder with one folder per reader of secrets.")
]


@application.command()
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


@application.command()
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


@application.command()
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


@application.command()
def status(context: typer.Context, instance: InstanceOption = None) -> None:
    """Show processes, shards, gate and accounts of an instance."""
    from tidegate_cli.commands import status as command

    command.run(context.obj, instance)


@application.command()
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


application.command()(backtesting.backtest)
application.command()(sweeping.sweep)
application.command("walk-forward")(sweeping.walk_forward)
application.command("sweep-worker")(sweeping.sweep_worker)


application.command()(simulating.simulate)
application.command()(keeping.backup)
application.command()(keeping.restore)
application.command()(keeping.upgrade)
application.command(epilog=optimising.EXAMPLES)(optimising.optimise)


@application.command()
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
    instance: InstanceOption = None,
    principal: AsOption = None,
) -> None:
    """Ask to lower the gate; another principal must approve within 10 minutes."""
    from tidegate_cli.commands import gate as command

    asking = command.Asking(context.obj, instance, principal)
    command.lower_level(asking, level, scope, reason)


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


@application.command()
def tap(
    context: typer.Context,
    subject: Annotated[str, typer.Argument(help="Such as 'fills.>' or 'bars.*.1d.>'.")],
    count: Annotated[int | None, typer.Option(help="End after this many messages.")] = None,
    instance: InstanceOption = None,
) -> None:
    """Show what is said on the bus, decoded, until Ctrl-C."""
    from tidegate_cli.commands import tap as command

    command.run(context.obj, instance, subject, count)


@application.command()
def orders(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    session: SessionOption = None,
    limit: Annotated[int, typer.Option(help="At most this many, newest last.")] = 50,
    instance: InstanceOption = None,
    *,
    symbol: Annotated[str | None, typer.Option(help="Of this symbol.")] = None,
    strategy: Annotated[
        str | None, typer.Option(help="Of this strategy; orders by hand are of manual.")
    ] = None,
    still_open: Annotated[
        bool, typer.Option("--open", help="Only orders that may still fill.")
    ] = False,
    quality: Annotated[
        bool, typer.Option("--quality", help="How well they were executed, by strategy.")
    ] = False,
) -> None:
    """List orders: all that there were, those that are open, or how well they were executed."""
    from tidegate_cli.commands import orders as command

    if quality:
        command.quality(context.obj, instance, session)
        return
    wanted = command.Wanted(session, symbol, strategy, limit, still_open=still_open)
    command.run(context.obj, instance, wanted)


@application.command()
def positions(
    context: typer.Context, session: SessionOption = None, instance: InstanceOption = None
) -> None:
    """List positions and the account."""
    from tidegate_cli.commands import positions as command

    command.run(context.obj, instance, session)


@application.command()
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
    differences: Annotated[int, typer.Option(min=1, help="Show so many of each shard.")] = 1,
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


@application.command()
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


@application.command()
def doctor(context: typer.Context, file: ConfigOption = None) -> None:
    """Say what is missing or wrong on this machine."""
    from tidegate_cli.commands import doctor as command

    command.run(context.obj, file)


@application.command()
def logs(
    context: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Default: all services.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Lines of each to begin with.")] = 50,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    instance: InstanceOption = None,
) -> None:
    """Read the services' logs."""
    from tidegate_cli.commands import logs as command

    command.run(context.obj, command.Wanted(service, lines, instance, follow=follow))


@deploy.command("nats-config")
def deploy_nats_config(context: typer.Context, file: ConfigOption = None) -> None:
    """Print accounts, users and permissions for your own nats-server."""
    from tidegate_cli.commands import deploy as command

    command.nats_config(context.obj, file)


@deploy.command("sql")
def deploy_sql(context: typer.Context) -> None:
    """Print the databases and roles for your own PostgreSQL, as a psql script."""
    from tidegate_cli.commands import deploy as command

    command.sql(context.obj)


@deploy.command("credentials")
def deploy_credentials(
    context: typer.Context,
    secrets: SecretsOption,
    redis_url: Annotated[
        str, typer.Option(help="Where services reach Valkey; the password is added.")
    ],
    file: ConfigOption = None,
) -> None:
    """Make passwords, keys and tokens, before the servers start; what exists stays."""
    from tidegate_cli.commands import deploy as command

    command.credentials(context.obj, file, secrets, redis_url)


@deploy.command("apply")
def deploy_apply(
    context: typer.Context,
    secrets: SecretsOption,
    database_url: Annotated[
        str, typer.Option(help="PostgreSQL's address; the administrator's password is added.")
    ],
    nats_url: Annotated[str, typer.Option(help="Where the deploy user reaches NATS.")],
    file: ConfigOption = None,
) -> None:
    """Make databases, streams and durables in servers that run; what exists stays."""
    from tidegate_cli.commands import deploy as command

    command.apply(context.obj, file, secrets, command.Servers(database_url, nats_url))


@application.command()
def version(context: typer.Context) -> None:
    """Show the release."""
    from importlib.metadata import version as release

    output: Any = context.obj
    output.text(f"tidegate {release('tidegate-cli')}")
    output.result({"version": release("tidegate-cli")})
