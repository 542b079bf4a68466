"""The rounds: a kill behind 20,000 messages, and a bus that is gone."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.envelope import SIGNATURE_HEADER
from tidegate_chassis.security.principals import ensure_token
from tidegate_chassis.security.signing import Signer, ensure_key_pair
from tidegate_contracts import codec
from tidegate_contracts.host import KillNotice
from tidegate_contracts.risk import GateLevel, Heartbeat
from tidegate_contracts.subjects import subject_of
from tidegate_execution.testing import SESSION

from .market import BEGIN, END, Market
from .processes import Event, Processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegate_chassis.embedded import NatsServer

NS_PER_MS = 1_000_000
BEAT_S = 0.5
AGAIN_S = 0.5


class Measured(msgspec.Struct, frozen=True):
    """Every process of every round, in milliseconds; and what still waited in front of it."""

    blocked_ms: list[float]
    waiting: list[int]
    slowest_ms: list[float]
    silent_ms: list[float]


class Benchmark:
    """Publishes the feed, the heartbeats and the kills."""

    def __init__(self, server: NatsServer, secrets: Path, bars: int) -> None:
        """``secrets`` becomes the folder of the token and of risk's keys."""
        self._server = server
        self._secrets = secrets
        self._token = ensure_token(secrets, "operator").reveal()
        self._signer = Signer.load(ensure_key_pair(secrets, "risk")[0])
        self._burst = Market().round_of(bars)

    async def run(self, kills: int, deaths: int, say: Callable[[str], None]) -> Measured:
        """Kill so often behind a burst, and take the bus away so often."""
        blocked: list[float] = []
        waiting: list[int] = []
        slowest: list[float] = []
        silent: list[float] = []
        with Processes(self._server.url, self._secrets) as processes:
            self._bus = Bus("bench", on_violation=print)
            await self._bus.connect(self._server.url, "", "")
            beating = asyncio.create_task(self._beat())
            await asyncio.to_thread(processes.all, "guard", code="")
            for number in range(1, kills + 1):
                await self._say(BEGIN, number, processes.all, "begun")
                given_ns, events = await self._kill(processes)
                times_ms = [(event["at_ns"] - given_ns) / NS_PER_MS for event in events]
                blocked += times_ms
                slowest.append(max(times_ms))
                waiting += [len(self._burst) - event["handled"] for event in events]
                say(f"kill {number}: {max(times_ms):.1f} ms, {min(waiting[-6:])} waited at least")
                await self._say(END, number, processes.all, "ended")
            for number in range(1, deaths + 1):
                silent += await self._lose_the_bus(processes)
                say(f"bus gone {number}: {max(silent[-6:]):.0f} ms")
            beating.cancel()
            await self._bus.close()
        return Measured(blocked, waiting, slowest, silent)

    async def _kill(self, processes: Processes) -> tuple[int, list[Event]]:
        """Publish a burst, then a kill on the same connection; return when it was given."""
        notice = KillNotice(scope="all", level=int(GateLevel.HALTED), token=self._token)
        for at in range(0, len(self._burst), 1_000):
            self._bus.publish_all(self._burst[at : at + 1_000])
        await self._bus.client.flush(timeout=30)
        given_ns = time.monotonic_ns()
        self._bus.publish(subject_of(notice), codec.encode(notice))
        return given_ns, await asyncio.to_thread(processes.all, "blocked", code="KILLED")

    async def _lose_the_bus(self, processes: Processes) -> list[float]:
        """Freeze the server until every guard has shut by itself."""
        pid = self._server.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        gone_ns = time.monotonic_ns()
        try:
            shut = await asyncio.to_thread(processes.all, "guard", code="HEARTBEAT_SILENT")
        finally:
            os.kill(pid, signal.SIGCONT)
        await asyncio.to_thread(processes.all, "guard", code="")
        return [(event["at_ns"] - gone_ns) / NS_PER_MS for event in shut]

    async def _say(
        self, subject: str, number: int, wait: Callable[..., list[Event]], answer: str
    ) -> None:
        """Say something about a round until every process has answered."""
        answered = asyncio.create_task(asyncio.to_thread(wait, answer, round=number))
        while not answered.done():
            self._bus.publish(subject, str(number).encode())
            await asyncio.wait([answered], timeout=AGAIN_S)
        await answered

    async def _beat(self) -> None:
        """Say what risk says twice a second."""
        while True:
            beat = Heartbeat(session=SESSION, term=1, sent_at_ns=time.time_ns())
            subject, payload = subject_of(beat), codec.encode(beat)
            signature = self._signer.sign(payload, subject.encode()).hex()
            self._bus.publish(subject, payload, {SIGNATURE_HEADER: signature})
            await asyncio.sleep(BEAT_S)
