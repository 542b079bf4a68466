"""Workers of a sweep: processes of this machine, and of any other that reaches its nats-server.

The sweep answers; workers ask. `Supply` and the register are the authority: a trial that was given
to a worker that died is given to another, and a result counts when the register has it. NATS only
carries, so nothing of it has to last.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec
import nats

from tidegate_chassis.embedded import NatsServer, Place
from tidegate_lab.sweep.errors import SweepError
from tidegate_lab.sweep.meeting import require_server
from tidegate_lab.sweep.messages import (
    ALIVE,
    DONE,
    ENDED,
    JOB,
    NEXT,
    Given,
    Job,
    Noted,
    Tested,
    Worker,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from tidegate_lab.statistics.plateau import Point
    from tidegate_lab.sweep.supply import Supply
    from tidegate_lab.sweep.trial import TrialResult

_LOOK_EVERY_S = 0.1
_END_PATIENCE_S = 5.0
_MAX_PAYLOAD_BYTES = 16 * 1024 * 1024


class Workers:
    """A workforce over NATS, for as long as it is entered.

    With ``url`` it uses that server, and workers of other machines find it there; without, it
    starts one of its own on loopback. ``count`` processes are started here.
    """

    def __init__(self, job: Job, count: int, url: str | None = None) -> None:
        """Describe the workforce; nothing is started yet."""
        self._job = job
        self._count = count
        self._url = url
        self._stack = ExitStack()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Start the server, unless one is given, and this machine's workers.

        `ServerError` where the one that is given does not answer.
        """
        with ExitStack() as stack:
            if self._url is None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidegate-")))
                place = Place(folder / "nats", dies_with_launcher=True)
                server = NatsServer(place, max_payload_bytes=_MAX_PAYLOAD_BYTES)
                self._url = stack.enter_context(server).url
            else:
                asyncio.run(require_server(self._url))
            stack.callback(self._end)
            for number in range(self._count):
                self._start(f"local-{number + 1}")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Send the workers home and end the server."""
        self._stack.close()

    def work(self, supply: Supply, take: Callable[[Point, TrialResult], None]) -> None:
        """Have everything in ``supply`` tried."""
        asyncio.run(self._work(supply, take))

    async def _work(self, supply: Supply, take: Callable[[Point, TrialResult], None]) -> None:
        assert self._url is not None, "the workforce is entered before it works"
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        client = await nats.connect(self._url)
        try:
            desk = _Desk(self._job, supply, take)
            for subject, answer in desk.answers.items():
                await client.subscribe(subject, cb=_guarded(answer, failed))
            while not supply.is_done and not failed.done():
                await asyncio.wait([failed], timeout=_LOOK_EVERY_S)
                self._bury(supply)
        finally:
            # Workers that ask in this moment are answered before the connection closes.
            await client.drain()
        if failed.done():
            failed.result()

    def _start(self, name: str) -> None:
        assert self._url is not None, "a worker needs a server"
        command = [sys.executable, "-m", "tidegate_lab.sweep.worker", self._url, name]
        self.processes[name] = subprocess.Popen(command)

    def _bury(self, supply: Supply) -> None:
        """Take back the trials of processes that have ended; without any left, give up."""
        dead = {n: p.returncode for n, p in self.processes.items() if p.poll() is not None}
        for name in dead:
            del self.processes[name]
            supply.lose(name)
        if dead and not self.processes:
            codes = ", ".join(f"{name} with {code}" for name, code in dead.items())
            raise SweepError(
                f"expected a worker on this machine, found that all have ended: {codes}. The "
                " finished trials are kept: what stands above says why; then run it again"
            )

    def _end(self) -> None:
        asyncio.run(self._send_home())
        for process in self.processes.values():
            try:
                process.wait(_END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def _send_home(self) -> None:
        assert self._url is not None, "the server is there"
        client: Client = await nats.connect(self._url)
        await client.publish(ENDED, b"")
        await client.flush()
        await client.close()


class _Desk:
    """Answers the workers from the supply."""

    def __init__(
        self, job: Job, supply: Supply, take: Callable[[Point, TrialResult], None]
    ) -> None:
        self._job = msgspec.msgpack.encode(job)
        self._supply = supply
        self._take = take
        self.answers: dict[str, Callable[[Msg], Awaitable[None]]] = {
            JOB: self._tell,
            NEXT: self._give,
            DONE: self._note,
            ALIVE: self._hear,
        }

    async def _tell(self, message: Msg) -> None:
        await message.respond(self._job)

    async def _give(self, message: Msg) -> None:
        worker = msgspec.msgpack.decode(message.data, type=Worker)
        point = self._supply.give(worker.name, time.monotonic_ns())
        await message.respond(msgspec.msgpack.encode(Given(point=point)))

    async def _note(self, message: Msg) -> None:
        tested = msgspec.msgpack.decode(message.data, type=Tested)
        if tested.result is None:
            raise SweepError(f"{tested.name} could not run a trial: {tested.failure}")
        self._take(tested.point, tested.result)
        await message.respond(msgspec.msgpack.encode(Noted()))

    async def _hear(self, message: Msg) -> None:
        worker = msgspec.msgpack.decode(message.data, type=Worker)
        self._supply.hear(worker.name, time.monotonic_ns())


def _guarded(
    answer: Callable[[Msg], Awaitable[None]], failed: asyncio.Future[None]
) -> Callable[[Msg], Awaitable[None]]:
    """Hand what goes wrong in an answer to whoever waits: the client would only log it."""

    async def guarded(message: Msg) -> None:
        try:
            await answer(message)
        except Exception as error:  # noqa: BLE001 - passed on whole
            if not failed.done():
                failed.set_exception(error)

    return guarded
