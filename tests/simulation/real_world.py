"""What the faults of a simulated plan act on when servers and processes are real.

`tidegate_lab.simulate.faults` disturbs a world: its loop, its server's wire, its processes. Here
the loop is the wall's clock, the server is nats-server behind a proxy, and processes die of
SIGKILL. The acts themselves are the simulator's own, and so is the plan.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from tests.simulation.proxy import Proxy

from tidegate_lab.simulate import faults
from tidegate_lab.simulate.venue import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.instances import Instance

    from tidegate_lab.simulate.plan import Fault
    from tidegate_lab.simulate.world import World

KINDS = ("lost", "duplicated", "reordered", "lost_acks", "cut_off", "nats_outage", "kill")
"""The kinds of faults that can be acted out here."""
NAMES = {"risk-a": "risk", "risk-b": "risk-2"}
"""What the simulator's processes are called in an instance, where that differs."""


class WallLoop:
    """The simulated loop's face on a running one: seconds count from its beginning."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin at 0."""
        self.loop = loop
        self._began_s = loop.time()

    @property
    def now_s(self) -> float:
        """Seconds since the plan began."""
        return self.loop.time() - self._began_s

    def begin(self) -> None:
        """Count from now on."""
        self._began_s = self.loop.time()

    def at(self, at_s: float, _life: object, call: Callable[[], None]) -> None:
        """Call something at its time."""
        self.loop.call_later(max(0.0, at_s - self.now_s), call)


class RealWorld:
    """The parts of a world that the acts of `KINDS` touch."""

    def __init__(self, seed: int, nats_port: int) -> None:
        """Run the proxy in a thread of its own until `close`."""
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.crashes = 0
        self.armed: dict[str, dict[str, int]] = {}
        self.databases: dict[str, object] = {}
        self.processes: dict[str, object] = {}
        self.way = Way()
        self.instance: Instance | None = None
        running = asyncio.new_event_loop()
        self.loop = WallLoop(running)
        self.server = Proxy(nats_port, lambda: self.loop.now_s)
        self._dying: list[asyncio.Future[None]] = []
        self._thread = threading.Thread(target=running.run_forever, name="proxy")
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), running).result()

    def crash(self, name: str) -> None:
        """Kill a process; its supervisor starts it again."""
        assert self.instance is not None
        self.crashes += 1
        kill = self.instance.kill
        self._dying.append(self.loop.loop.run_in_executor(None, kill, NAMES.get(name, name)))

    def play(self, instance: Instance, plan: tuple[Fault, ...], ends_s: float) -> None:
        """Have every fault of a plan happen; return when it is calm again."""
        assert all(fault.kind in KINDS for fault in plan), f"only {', '.join(KINDS)} can be played"
        self.instance = instance
        asyncio.run_coroutine_threadsafe(self._play(plan, ends_s), self.loop.loop).result()

    async def _play(self, plan: tuple[Fault, ...], ends_s: float) -> None:
        self.loop.begin()
        faults.schedule(cast("World", self), plan, ends_s)
        await asyncio.sleep(ends_s + 0.1)
        await asyncio.gather(*self._dying)

    def close(self) -> None:
        """End the proxy."""
        running = self.loop.loop
        running.call_soon_threadsafe(self.server.stop)
        running.call_soon_threadsafe(running.stop)
        self._thread.join()
        running.close()


@contextmanager
def real_world(seed: int, nats_port: int) -> Iterator[RealWorld]:
    """Give a world whose proxy stands before a server, and end it."""
    world = RealWorld(seed, nats_port)
    try:
        yield world
    finally:
        world.close()
