"""The pytest fixtures: `nats_server`, `postgres`, `valkey`, `database_url`, `collector`.

Each server starts once per pytest process (so once per xdist worker), on a free port, and dies
with it even when the process is killed; a test finds no stream and no table of another test in
`nats_server` and `database_url`. Imports are inside the fixtures: every pytest run of the
workspace loads this module.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tidegate_chassis.embedded import NatsServer, PostgresServer, ValkeyServer
    from tidegate_chassis.testing.collector import SpanCollector


@pytest.fixture(scope="session")
def tidegate_server_folder() -> Iterator[Path]:
    """Give the temporary folder of this test process's servers."""
    from tidegate_chassis.testing.folder import server_folder  # noqa: PLC0415 - see the module

    with server_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def running_nats_server(tidegate_server_folder: Path) -> Iterator[NatsServer]:
    """Give the server of `nats_server`, with whatever streams the tests make in it."""
    from tidegate_chassis.embedded import NatsServer, Place  # noqa: PLC0415 - see the module

    with NatsServer(Place(tidegate_server_folder / "nats", dies_with_launcher=True)) as server:
        yield server


@pytest.fixture
def nats_server(running_nats_server: NatsServer) -> Iterator[NatsServer]:
    """Give a running nats-server with JetStream, no accounts and no streams."""
    yield running_nats_server
    asyncio.run(_delete_streams(running_nats_server.url))


@pytest.fixture(scope="session")
def postgres(tidegate_server_folder: Path) -> Iterator[PostgresServer]:
    """Give a running PostgreSQL; make databases of your own in it, or take `database_url`."""
    from tidegate_chassis.embedded import Place, PostgresServer  # noqa: PLC0415 - see the module

    place = Place(tidegate_server_folder / "postgres", dies_with_launcher=True)
    password_file = tidegate_server_folder / "secrets" / "postgres.password"
    with PostgresServer(place, password_file=password_file) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tidegate_server_folder: Path) -> Iterator[ValkeyServer]:
    """Give a running Valkey."""
    from tidegate_chassis.embedded import Place, ValkeyServer  # noqa: PLC0415 - see the module

    place = Place(tidegate_server_folder / "valkey", dies_with_launcher=True)
    password_file = tidegate_server_folder / "secrets" / "valkey.password"
    with ValkeyServer(place, password_file=password_file) as server:
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer) -> Iterator[str]:
    """Give the address of a fresh, empty database that is dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    _execute(postgres, f'CREATE DATABASE "{name}"')
    yield postgres.database_url(name)
    _execute(postgres, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def collector() -> Iterator[SpanCollector]:
    """Give a running OTLP/HTTP collector; its ``endpoint`` goes into the settings."""
    from tidegate_chassis.testing.collector import SpanCollector  # noqa: PLC0415 - see the module

    with SpanCollector() as running:
        yield running


async def _delete_streams(url: str) -> None:
    import nats  # noqa: PLC0415 - see the module

    client = await nats.connect(url)
    context = client.jetstream()
    for stream in await context.streams_info():
        await context.delete_stream(str(stream.config.name))
    await client.close()


def _execute(server: PostgresServer, statement: str) -> None:
    # psql and not a driver: no event loop of a test is touched.
    subprocess.run(
        [str(server.binary("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement],
        env=server.client_environment("postgres"),
        check=True,
    )
