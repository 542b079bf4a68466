"""NATS, PostgreSQL and Valkey of an instance: started unless an address is given, kept alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from tidegate_chassis.embedded import (
    EmbeddedServer,
    NatsServer,
    Place,
    PostgresServer,
    ValkeyServer,
)
from tidegate_cli.instances import ProcessRecord
from tidegate_cli.supervisor.backoff import Backoff
from tidegate_cli.supervisor.plan import Plan

LOG = structlog.get_logger("supervisor")
_WATCH_S = 0.25


class KeptServer:
    """One embedded server, and the thread whose end would end it."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.restarts = 0
        # The kernel binds the server to the thread that starts it: this one lives as long as we.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=server.name)

    async def start(self) -> None:
        """Start the server and return when it answers."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.server.start)

    async def stop(self) -> None:
        """End the server."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self.server.stop)
        self._thread.shutdown()

    async def keep(self, changed: Callable[[], None]) -> None:
        """Start the server again whenever it has died, and tell; runs until it is cancelled."""
        backoff = Backoff()
        while True:
            await asyncio.sleep(_WATCH_S)
            if self.server.running:
                continue
            self.restarts += 1
            LOG.warning("server died", server=self.server.name, restarts=self.restarts)
            changed()
            try:
                await self.start()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                LOG.error("server does not start", server=self.server.name, error=str(error))  # noqa: TRY400
                await asyncio.sleep(backoff.next_s())
            else:
                changed()

    def record(self) -> ProcessRecord:
        """Return what is written down about it; without a process while it is dead."""
        pid = self.server.pid
        return ProcessRecord(pid=pid, port=self.server.port, restarts=self.restarts)


@dataclass(slots=True)
class Servers:
    """The three servers; None where an address was given."""

    postgres: KeptServer | None = None
    nats: KeptServer | None = None
    valkey: KeptServer | None = None
    nats_url: str = ""
    database_url: str = ""
    redis_url: str = ""

    @classmethod
    def of(cls, plan: Plan) -> Servers:
        """Decide which servers are to be started."""
        secrets = plan.layout.secrets
        servers = cls(
            nats_url=plan.given("NATS_URL") or "",
            database_url=plan.given("DATABASE_URL") or "",
            redis_url=plan.given("REDIS_URL") or "",
        )
        if not servers.database_url and not has_own_databases(plan):
            password_file = secrets / "postgres.password"
            postgres = PostgresServer(_place(plan, "postgres"), password_file=password_file)
            servers.postgres = KeptServer(postgres)
        if not servers.nats_url:
            servers.nats = KeptServer(NatsServer(_place(plan, "nats")))
        if not servers.redis_url:
            password_file = secrets / "valkey.password"
            valkey = ValkeyServer(_place(plan, "valkey"), password_file=password_file)
            servers.valkey = KeptServer(valkey)
        return servers

    def kept(self) -> dict[str, KeptServer]:
        """Return the servers of our own by name."""
        named = {"postgres": self.postgres, "nats-server": self.nats, "valkey": self.valkey}
        return {name: server for name, server in named.items() if server is not None}

    async def start_database(self) -> None:
        """Start PostgreSQL, unless it is somebody else's."""
        if self.postgres is not None:
            await self.postgres.start()
            self.database_url = self.postgres.server.url

    async def start_valkey(self) -> None:
        """Start Valkey, unless it is somebody else's."""
        if self.valkey is not None:
            await self.valkey.start()
            self.redis_url = self.valkey.server.url

    async def start_nats(self, accounts: str) -> None:
        """Start nats-server with its users and permissions, unless it is somebody else's."""
        if self.nats is not None:
            assert isinstance(self.nats.server, NatsServer)
            self.nats.server.accounts = accounts
            await self.nats.start()
            self.nats_url = self.nats.server.url

    async def stop(self) -> None:
        """End all servers of our own."""
        await asyncio.gather(*(server.stop() for server in self.kept().values()))


def has_own_databases(plan: Plan) -> bool:
    """Tell whether every service was given the address of its own database."""
    from tidegate_chassis.configuration import SERVICE_NAMES

    return all(plan.given(database_variable(service)) for service in SERVICE_NAMES)


def database_variable(service: str) -> str:
    """Return the variable that names a service's own database."""
    return f"TIDEGATE_{service.upper().replace('-', '_')}_DATABASE_URL"


def credentials_variable(user: str) -> str:
    """Return the variable that names the file with a NATS user's credentials."""
    return f"TIDEGATE_{user.upper().replace('-', '_')}_NATS_CREDS"


def _place(plan: Plan, name: str) -> Place:
    return Place(
        folder=plan.layout.data / name,
        log_file=plan.layout.logs / f"{name}.log",
        dies_with_launcher=True,
    )
