"""One service's process in the simulated world: the live host, on a virtual loop.

What `tidegate_chassis.host.service` puts together around real connections is put together here
around simulated ones. The shards, their journal, outbox, intake, requests and chores are the live
host's own.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.chores import Chores
from tidegate_chassis.host.context import HostContext
from tidegate_chassis.host.ports import LocalShards
from tidegate_chassis.host.service import make_shard
from tidegate_chassis.host.tracer import Tracer
from tidegate_chassis.host.version import core_version
from tidegate_kernel.money import use_money_context
from tidegate_lab.simulate.database import Connections
from tidegate_lab.simulate.loop import Incarnation
from tidegate_lab.simulate.network import Client

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body, Machine
    from tidegate_lab.simulate.database import Database
    from tidegate_lab.simulate.world import World


class SimulatedBus(Bus):
    """The host's bus on a simulated connection."""

    def __init__(self, client: Client) -> None:
        """Speak through a client."""
        self.client = client  # type: ignore[assignment] # stands where nats-py's client does
        self._name = client.incarnation.name if client.incarnation else "world"
        self._changing = asyncio.Lock()
        self._listening = {}


class SimulatedContext(HostContext):
    """The host's context without telemetry; signatures are hashes of a secret of the world."""

    def sign(self, envelope: str, payload: bytes) -> str:
        """Sign as risk would."""
        return _signature(envelope, payload)

    def verify(self, envelope: str, payload: bytes, signature: str) -> bool:
        """Check what risk has signed."""
        return signature == _signature(envelope, payload)

    def observe(
        self, shard: Shard, takens: list[Taken], started_ns: int, committed_ns: int
    ) -> None:
        """Say nothing: the journal is what is looked at."""


def _signature(envelope: str, payload: bytes) -> str:
    return blake2b(envelope.encode() + payload, key=b"risk", digest_size=16).hexdigest()


_VERSIONS: dict[tuple[type[Machine], bytes], str] = {}


def version_once(machine: type[Machine], parameters: msgspec.Struct) -> str:
    """Return a core's version; its files are read once in a run."""
    key = (machine, msgspec.json.encode(parameters, order="deterministic"))
    if key not in _VERSIONS:
        _VERSIONS[key] = core_version(machine, parameters)
    return _VERSIONS[key]


class Process:
    """A service's process and the lives that it has had."""

    def __init__(
        self, world: World, name: str, service: str, definitions: tuple[ShardDefinition, ...]
    ) -> None:
        """Not started yet."""
        self.world = world
        self.name = name
        self.service = service
        self.definitions = definitions
        self.incarnation = Incarnation(name, 0)
        self.incarnation.alive = False
        self.context: SimulatedContext | None = None

    @property
    def alive(self) -> bool:
        """Tell whether it lives."""
        return self.incarnation.alive

    @property
    def holder(self) -> str:
        """How this life is named in leases."""
        return f"{self.name}:{self.incarnation.number}"

    @property
    def database(self) -> Database:
        """The database of its service."""
        return self.world.databases[self.service]

    def shard(self, name: str) -> Shard | None:
        """Return a shard that runs here."""
        if not self.alive or self.context is None:
            return None
        shard = self.context.local.get(name)
        return shard if shard is not None and shard.running else None

    def start(self) -> None:
        """Begin a new life."""
        if self.alive:
            return
        number = self.incarnation.number + 1
        skew = self.incarnation.clock_offset_ns
        self.incarnation = Incarnation(self.name, number)
        self.incarnation.clock_offset_ns = skew
        self.world.loop.spawn(self.incarnation, self._main())

    async def _main(self) -> None:
        use_money_context()
        bus = SimulatedBus(Client(self.world.server, self.name))
        pool = Connections(self.database, self.incarnation)
        context = SimulatedContext(self.service, self.holder, pool, bus, LocalShards())  # type: ignore[arg-type]
        context.replicas = self.world.replicas_of(self.service)
        context.tracer = Tracer(self.service, None)
        self.context = context
        for index, definition in enumerate(self._definitions()):
            context.local.add(make_shard(definition, context, index))
        await Chores(context, None).start()
        await self._beside()
        for shard in context.local.all():
            asyncio.get_running_loop().create_task(shard.run())

    def _definitions(self) -> tuple[ShardDefinition, ...]:
        return self.definitions

    async def _beside(self) -> None:
        """Start what the service runs beside its shards."""

    def kill(self) -> None:
        """End this life at once, as SIGKILL does."""
        self.incarnation.alive = False
        self.incarnation.held.clear()
        self.context = None
        self.world.server.disconnect(self.incarnation)


async def command(shard: Shard, call_id: str, body: Body) -> Body:
    """Have a shard's machine answer a command, as the service's HTTP would."""
    answer, _ = await shard.call(call_id, body, None)
    return answer
