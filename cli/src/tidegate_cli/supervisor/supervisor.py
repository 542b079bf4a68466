"""The life of one instance.

1. Folders, secrets, the record in ``run/<instance>.json``.
2. PostgreSQL and Valkey, while the services' cores are asked which shards there are.
3. nats-server with users and permissions made from those shards; databases, migrations; streams.
4. The six services, each replica a process of its own; ready when every ``/readyz`` says so, or
   says that it stands by. An account that is not reconciled keeps nobody waiting for ever.
5. Whatever dies is started again: services and servers.
6. On SIGTERM, or when the demo that started it is gone: services drain, servers end, the record
   goes, and an ephemeral instance's folder with it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
import structlog

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_cli.client import TRUSTING_NOBODY
from tidegate_cli.deployment.keys import (
    ensure_nats_passwords,
    ensure_principals,
    read_credentials,
)
from tidegate_cli.deployment.servers import prepare_streams
from tidegate_cli.deployment.topology import definitions_of, shards_of
from tidegate_cli.errors import Failed
from tidegate_cli.identity import Identity
from tidegate_cli.instances import InstanceRecord, State
from tidegate_cli.supervisor import deployment, tracing
from tidegate_cli.supervisor.child import Child
from tidegate_cli.supervisor.environment import Addresses, child_plans
from tidegate_cli.supervisor.plan import Plan
from tidegate_cli.supervisor.rotation import tail
from tidegate_cli.supervisor.servers import Servers
from tidegate_contracts.deploy import nats_config
from tidegate_contracts.permissions import DEPLOY

LOG = structlog.get_logger("supervisor")
READY_PATIENCE_S = 120.0
# An account that is not as its venue says stays so until a person acts: the instance runs, and
# sends no entry for it.
UNRECONCILED_PATIENCE_S = 20.0
_UNRECONCILED = ": not reconciled: "
_POLL_S = 0.1
_FAILED_STAYS_S = 5.0


def only_unreconciled(reasons: Sequence[str]) -> bool:
    """Tell whether all that keeps a service from being ready is an account that differs."""
    return bool(reasons) and all(_UNRECONCILED in reason for reason in reasons)


class Supervisor:
    """Runs one instance from its start to its end."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.servers = Servers.of(plan)
        self.children: dict[str, Child] = {}
        self.tracers: dict[str, Child] = {}
        self._state: State = "starting"
        self._stage = "starting"
        self._hint = ""
        self._exit_code = 0
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._told = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        # What a person has to look at although the instance runs.
        self._warnings: list[str] = []

    async def run(self) -> int:
        """Run until told to end; return the exit code."""
        self._listen()
        code = 0
        try:
            await self._start_unless_told()
            await self._told.wait()
        except Exception as error:  # noqa: BLE001 - said in the record, then left
            self._failed(error)
            code = 1
            await self._wait_until_read()
        finally:
            await self._end()
        return code

    def tell_to_end(self) -> None:
        """End the instance; repeating it does no harm."""
        self._told.set()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.tell_to_end)
        if self.plan.ephemeral:
            loop.add_reader(sys.stdin.fileno(), self._parent_spoke)

    def _parent_spoke(self) -> None:
        # The parent writes nothing: what can be read is the end of the pipe.
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self.tell_to_end()

    async def _start_unless_told(self) -> None:
        starting = asyncio.create_task(self._start())
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        starting.result()

    async def _start(self) -> None:
        plan, servers = self.plan, self.servers
        plan.layout.make()
        ensure_principals(plan.layout.secrets)
        self._say("starting servers")
        definitions, _, _ = await asyncio.gather(
            asyncio.to_thread(definitions_of, plan.configuration),
            servers.start_database(),
            servers.start_valkey(),
        )
        passwords = ensure_nats_passwords(plan.layout.secrets)
        shards = shards_of(plan.configuration, definitions)
        await servers.start_nats(nats_config(passwords, shards))
        self._say("preparing databases and streams")
        credentials = deployment.nats_credentials(plan, servers)
        deployer = read_credentials(credentials[DEPLOY])
        databases, _ = await asyncio.gather(
            deployment.deploy_databases(plan, servers),
            prepare_streams(servers.nats_url, deployer, definitions),
        )
        self._keep(*(server.keep(self._write) for server in servers.kept().values()))
        self._say("starting services")
        addresses = Addresses(
            nats_url=servers.nats_url,
            redis_url=servers.redis_url,
            otlp_endpoint=self._start_tracing(),
            databases=databases,
            credentials=credentials,
        )
        self._start_services(addresses)
        await self._wait_until_ready()
        self._state = "ready"
        self._say("; ".join(["running", *self._warnings]))

    def _keep(self, *works: object) -> None:
        for work in works:
            assert asyncio.iscoroutine(work)
            self._keepers.append(asyncio.create_task(work))

    def _start_services(self, addresses: Addresses) -> None:
        for service in SERVICE_NAMES:
            for plan in child_plans(self.plan, service, addresses):
                child = Child(plan, self._write)
                self.children[plan.service] = child
                self._keep(child.run())

    def _start_tracing(self) -> str:
        """Start collector and tracing UI if they are wanted; return where spans go."""
        if not self.plan.tracing:
            return ""
        for plan in tracing.child_plans(self.plan):
            child = Child(plan, self._write)
            self.tracers[plan.service] = child
            self._keep(child.run())
        return self.tracers[tracing.COLLECTOR].url

    async def _wait_until_ready(self) -> None:
        reasons: dict[str, list[str]] = {}
        try:
            async with (
                asyncio.timeout(READY_PATIENCE_S),
                httpx.AsyncClient(trust_env=False, verify=TRUSTING_NOBODY) as http,
            ):
                await asyncio.gather(
                    *(self._until_ready(http, child, reasons) for child in self.children.values())
                )
        except TimeoutError:
            if reasons and all(only_unreconciled(why) for why in reasons.values()):
                self._warnings += [each for why in reasons.values() for each in why]
                return
            found = "; ".join(f"{name}: {'; '.join(why)}" for name, why in sorted(reasons.items()))
            raise Failed(
                "NOT_READY",
                f"not every service is ready after {READY_PATIENCE_S:g} s: {found}",
                hint=f"read the logs in {self.plan.layout.logs}",
            ) from None

    async def _until_ready(
        self, http: httpx.AsyncClient, child: Child, reasons: dict[str, list[str]]
    ) -> None:
        settled_s = time.monotonic()
        while True:
            if child.gave_up:
                said = tail(self.plan.layout.logs / f"{child.service}.console.log")
                message = f"{child.service} ended {child.starts} times before it was ready: {said}"
                hint = f"read {self.plan.layout.logs / child.service}.console.log"
                raise Failed("SERVICE_FAILED", message, hint=hint)
            try:
                # A refused connection is told much cheaper without a request, and most are: what
                # this costs is taken from the services that start.
                await child.require_listening()
                answer = await http.get(f"{child.url}/readyz", timeout=2.0)
            except (httpx.HTTPError, OSError) as error:
                reasons[child.service] = [f"no answer ({type(error).__name__})"]
                settled_s = time.monotonic()
            else:
                if answer.is_success or answer.json().get("state") == "standby":
                    child.ready_once = True
                    reasons.pop(child.service, None)
                    return
                reasons[child.service] = said = answer.json().get("reasons", [])
                if not only_unreconciled(said):
                    settled_s = time.monotonic()
                elif time.monotonic() - settled_s > UNRECONCILED_PATIENCE_S:
                    child.ready_once = True
                    self._warnings += reasons.pop(child.service)
                    return
            await asyncio.sleep(_POLL_S)

    def _failed(self, error: BaseException) -> None:
        LOG.error("instance failed", error=str(error), exc_info=error)
        self._state = "failed"
        self._hint = str(getattr(error, "hint", ""))
        self._exit_code = getattr(error, "exit_code", 1)
        expected, found = getattr(error, "expected", ""), getattr(error, "found", "")
        text = f"expected {expected}, found {found}" if expected and found else str(error)
        self._say(text or type(error).__name__)

    async def _wait_until_read(self) -> None:
        """Leave the record for whoever waits for this start, but not for ever."""
        try:
            await asyncio.wait_for(self._told.wait(), _FAILED_STAYS_S)
        except TimeoutError:
            LOG.info("nobody asked why the start failed")

    async def _end(self) -> None:
        if self._state != "failed":
            self._state = "stopping"
            self._say("services drain")
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        await asyncio.gather(*(child.stop() for child in self.tracers.values()))
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await self.servers.stop()
        if self.plan.ephemeral and not self.plan.keep:
            await asyncio.to_thread(shutil.rmtree, self.plan.folder, ignore_errors=True)
        self.plan.record_path.unlink(missing_ok=True)

    def _say(self, stage: str) -> None:
        self._stage = stage
        LOG.info("stage", state=self._state, stage=stage)
        self._write()

    def _write(self) -> None:
        servers = {name: kept.record() for name, kept in self.servers.kept().items()}
        children = {**self.children, **self.tracers}
        services = {name: child.record() for name, child in children.items()}
        viewer = self.tracers.get(tracing.VIEWER)
        own = Identity.of(os.getpid())
        assert own is not None
        InstanceRecord(
            instance=self.plan.instance,
            state=self._state,
            stage=self._stage,
            hint=self._hint,
            exit_code=self._exit_code,
            supervisor_pid=own.pid,
            supervisor_start_ticks=own.start_ticks,
            started_at=self._started_at,
            folder=self.plan.folder,
            configuration=self.plan.configuration_path,
            ephemeral=self.plan.ephemeral,
            sessions=tuple(session.name for session in self.plan.configuration.sessions),
            nats_url=self.servers.nats_url,
            tracing_url=viewer.url if viewer is not None else "",
            http={name: child.url for name, child in self.children.items()},
            processes={**servers, **services},
        ).write(self.plan.record_path)
