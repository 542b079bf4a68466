"""The options of `tidegate deploy`; what each command does is in `commands.deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidegate_cli.options import ConfigOption

deploy = typer.Typer(help="Prepare servers of your own.", no_args_is_help=True)

SecretsOption = Annotated[
    Path, typer.Option(help="The folder with one folder per reader of secrets.")
]


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
