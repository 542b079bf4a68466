"""The three kinds of server, each in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.embedded import (
    EmbeddedServer,
    NatsServer,
    Place,
    PostgresServer,
    ValkeyServer,
)
from tidegate_chassis.testing import server_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MakeServer = Callable[[Place], EmbeddedServer]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that also PostgreSQL's unprivileged user can enter."""
    with server_folder() as made:
        yield made


@pytest.fixture(params=["nats", "postgres", "valkey"])
def make_server(request: pytest.FixtureRequest, folder: Path) -> Iterator[MakeServer]:
    """Give a maker of one kind of server; all that it made are stopped at the end."""
    made: list[EmbeddedServer] = []

    def make(place: Place) -> EmbeddedServer:
        made.append(_server(request.param, place, folder / "secrets"))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def _server(kind: str, place: Place, secrets: Path) -> EmbeddedServer:
    if kind == "nats":
        return NatsServer(place)
    password_file = secrets / f"{place.folder.name}.password"
    if kind == "postgres":
        return PostgresServer(place, password_file=password_file)
    return ValkeyServer(place, password_file=password_file)
