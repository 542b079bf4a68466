"""`tidegate deploy`: what your own servers need, as text on stdout or made on the spot.

``credentials`` and ``apply`` are the two steps of the containers' deploy job. The first runs before
the servers start and gives each its password, the second when they answer. Both may be repeated;
what exists stays. Their image holds only the services that read, so only those judge there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.errors import Error as NatsError

from tidegate_chassis.configuration import SERVICE_NAMES, Layout
from tidegate_chassis.database import DatabaseError, deploy_sql
from tidegate_chassis.embedded.postgres import ADMINISTRATOR
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.security.errors import SecurityError
from tidegate_cli.configured import load_judged
from tidegate_cli.deployment import handout
from tidegate_cli.deployment.keys import (
    credentials_file,
    ensure_database_passwords,
    ensure_nats_passwords,
    ensure_server_password,
    read_credentials,
)
from tidegate_cli.deployment.servers import prepare_databases, prepare_streams
from tidegate_cli.deployment.topology import READERS, definitions_of, shards_of
from tidegate_cli.errors import Failed
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_cli.supervisor.servers import credentials_variable
from tidegate_contracts.permissions import DEPLOY


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are, without a password."""

    database_url: str
    nats_url: str


def nats_config(output: Output, file: Path | None) -> None:
    """Print the accounts; the credentials' files are made and named."""
    from tidegate_contracts.deploy import nats_config as rendered

    configuration = load_judged(file).configuration
    secrets = _secrets()
    passwords = ensure_nats_passwords(secrets)
    text = rendered(passwords, shards_of(configuration, definitions_of(configuration)))
    files = {credentials_variable(user): str(credentials_file(secrets, user)) for user in passwords}
    for variable, path in files.items():
        output.progress(f"{variable}={path}")
    output.text(text)
    output.result({"configuration": text, "credentials": files})


def sql(output: Output) -> None:
    """Print the psql script; roles have the passwords of the secrets folder."""
    secrets = _secrets()
    text = deploy_sql(SERVICE_NAMES, ensure_database_passwords(secrets))
    output.progress(f"passwords are in {secrets}: database-<service>.password")
    output.text(text)
    output.result({"sql": text, "secrets": str(secrets)})


def credentials(output: Output, file: Path | None, secrets: Path, redis_url: str) -> None:
    """Make every secret and hand each reader its own."""
    configuration = load_judged(file, services=READERS).configuration
    shards = shards_of(configuration, definitions_of(configuration))
    with _failing():
        handout.hand_out(secrets, redis_url, shards)
    output.text("credentials are ready")
    output.result({"secrets": str(secrets)})


def apply(output: Output, file: Path | None, secrets: Path, servers: Servers) -> None:
    """Make databases, streams and durables; hand every service the address of its database."""
    configuration = load_judged(file, services=READERS).configuration
    definitions = definitions_of(configuration)
    with _failing():
        asyncio.run(_apply(secrets, servers, definitions))
    output.text("databases, streams and durables are ready")
    readers = [each.shard for shards in definitions.values() for each in shards]
    output.result({"databases": list(SERVICE_NAMES), "readers": readers})


async def _apply(
    secrets: Path, servers: Servers, definitions: Mapping[str, Sequence[ShardDefinition]]
) -> None:
    store = handout.kept(secrets)
    password = ensure_server_password(store, "postgres")
    administrator_url = handout.with_credentials(servers.database_url, ADMINISTRATOR, password)
    urls = await prepare_databases(administrator_url, ensure_database_passwords(store))
    handout.hand_out_databases(secrets, urls)
    deployer = read_credentials(credentials_file(store, DEPLOY))
    await prepare_streams(servers.nats_url, deployer, definitions)


@contextmanager
def _failing() -> Iterator[None]:
    """Turn what servers and folders refuse into the command's error."""
    try:
        yield
    except (DatabaseError, SecurityError, NatsError, OSError) as error:
        hint = "mend what it names and repeat the command; what exists stays"
        raise Failed("DEPLOY_FAILED", str(error) or repr(error), hint=hint) from error


def _secrets() -> Path:
    layout = Layout(home())
    layout.make()
    return layout.secrets
