"""The databases and the NATS server of an instance, whether it runs or not.

A running instance has written down where they are. Of one that is down they are started from its
folder for the time of a command, and ended again; the folder's locks keep `tidegate up` away
meanwhile. Servers of somebody else's are where the environment says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration import SERVICE_NAMES, Layout
from tidegate_chassis.database.names import database_name, service_url
from tidegate_chassis.embedded import NatsServer, Place, PostgresServer
from tidegate_cli.deployment.keys import (
    credentials_file,
    ensure_nats_passwords,
    read_credentials,
)
from tidegate_cli.errors import Unreachable
from tidegate_cli.instances import InstanceRecord
from tidegate_cli.supervisor.servers import credentials_variable, database_variable
from tidegate_contracts.deploy import nats_config
from tidegate_contracts.permissions import DEPLOY

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an instance's data are, and as whom to ask for them."""

    folder: Path
    databases: Mapping[str, str]
    nats_url: str
    deployer: tuple[str, str]


@contextmanager
def reached(folder: Path, record: InstanceRecord | None) -> Iterator[Reached]:
    """Give databases and NATS of an instance; what is its own and down is started."""
    with ExitStack() as stack:
        databases = stack.enter_context(databases_of(folder, record))
        nats_url = stack.enter_context(_nats_of(folder, record))
        yield Reached(folder, databases, nats_url, _deployer(folder))


@contextmanager
def databases_of(folder: Path, record: InstanceRecord | None) -> Iterator[Mapping[str, str]]:
    """Give the addresses of the services' databases; PostgreSQL is started if it is down."""
    process = None if record is None else record.processes.get("postgres")
    if process is not None:
        yield own_databases(folder, f"postgresql://{LOOPBACK}:{process.port}/postgres")
    elif (folder / "data" / "postgres" / "cluster").is_dir() and record is None:
        with embedded_postgres(folder) as server:
            yield own_databases(folder, server.url)
    else:
        yield _given_databases(folder)


def embedded_postgres(folder: Path) -> PostgresServer:
    """Describe an instance's own PostgreSQL, for a command's time."""
    password_file = Layout(folder).secrets / "postgres.password"
    return PostgresServer(_place(folder, "postgres"), password_file=password_file)


def embedded_nats(folder: Path) -> NatsServer:
    """Describe an instance's own nats-server, for a command's time; no service has a shard."""
    accounts = nats_config(ensure_nats_passwords(Layout(folder).secrets), {})
    return NatsServer(_place(folder, "nats"), accounts=accounts)


def own_databases(folder: Path, server: str) -> dict[str, str]:
    """Return the addresses on a server for the services' own roles."""
    found = {}
    for service in SERVICE_NAMES:
        path = Layout(folder).secrets / f"database-{service}.password"
        try:
            password = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"the password of {service}'s database cannot be read"
            reason = str(error.strerror)
            raise Unreachable("NO_DATABASE", message, expected=str(path), found=reason) from error
        found[service] = service_url(server, database_name(service), password)
    return found


def _given_databases(folder: Path) -> dict[str, str]:
    """Return the addresses on a server of somebody else's, as the environment names them."""
    own = {service: os.environ.get(database_variable(service)) for service in SERVICE_NAMES}
    given = {service: url for service, url in own.items() if url}
    if len(given) == len(SERVICE_NAMES):
        return given
    server = os.environ.get("DATABASE_URL")
    if server:
        return own_databases(folder, server)
    raise Unreachable(
        "NO_DATABASE",
        f"the instance in {folder} keeps no database of its own",
        expected="DATABASE_URL, as the instance was started with",
        found="it unset",
        hint="set it, or read an archive with --journals",
    )


@contextmanager
def _nats_of(folder: Path, record: InstanceRecord | None) -> Iterator[str]:
    given = os.environ.get("NATS_URL")
    if record is not None:
        yield record.nats_url
    elif given:
        yield given
    elif (folder / "data" / "nats" / "jetstream").is_dir():
        with embedded_nats(folder) as server:
            yield server.url
    else:
        raise Unreachable(
            "NO_STREAMS",
            f"the instance in {folder} keeps no streams of its own",
            expected="NATS_URL, as the instance was started with",
            found="it unset",
        )


def _deployer(folder: Path) -> tuple[str, str]:
    named = os.environ.get(credentials_variable(DEPLOY))
    path = Path(named) if named else credentials_file(Layout(folder).secrets, DEPLOY)
    try:
        return read_credentials(path)
    except OSError as error:
        reason = str(error.strerror)
        message = "the deploy user's credentials cannot be read"
        raise Unreachable("NO_STREAMS", message, expected=str(path), found=reason) from error


def _place(folder: Path, name: str) -> Place:
    layout = Layout(folder)
    return Place(layout.data / name, log_file=layout.logs / f"{name}.log", dies_with_launcher=True)
