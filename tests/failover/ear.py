"""What risk says on the bus, heard from outside, with the time of its arrival."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Self

import msgspec
import nats
from tests.benchmarks.sessions import SESSION
from tests.instances import eventually

from tidegate_contracts import codec
from tidegate_contracts.permissions import OPERATOR, inbox_prefix
from tidegate_contracts.risk import Heartbeat, Verdict

if TYPE_CHECKING:
    from types import TracebackType

    from nats.aio.msg import Msg
    from tests.instances import Instance

POLL_S = 0.005


class Said(msgspec.Struct, frozen=True):
    """One message of risk's decision shard; the time is the machine's monotonic one."""

    at_ns: int
    term: int
    verdict: bool


class Ear:
    """Listens in a thread of its own, with a connection of its own."""

    def __init__(self, instance: Instance) -> None:
        self.heard: list[Said] = []
        self._url = instance.record.nats_url
        self._user, self._password = instance.credentials(OPERATOR)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._connect(), self._loop).result(20)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> None:
        self._client = await nats.connect(
            self._url,
            user=self._user,
            password=self._password,
            inbox_prefix=inbox_prefix(self._user).encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=_ignore,
        )
        await self._client.subscribe(f"verdicts.{SESSION}.>", cb=self._on_verdict)
        await self._client.subscribe("heartbeats.>", cb=self._on_heartbeat)

    async def _on_verdict(self, message: Msg) -> None:
        at_ns = time.monotonic_ns()
        term = codec.decode_as(Verdict, message.data).term
        self.heard.append(Said(at_ns, term, verdict=True))

    async def _on_heartbeat(self, message: Msg) -> None:
        at_ns = time.monotonic_ns()
        beat = codec.decode_as(Heartbeat, message.data)
        if beat.session == SESSION:
            self.heard.append(Said(at_ns, beat.term, verdict=False))

    def term(self) -> int:
        """Return the newest term heard."""
        return max((said.term for said in self.heard), default=0)

    def first_after(self, term: int) -> Said:
        """Return the first message of a newer leader; wait for it."""
        begin = len(self.heard)
        while begin > 0 and self.heard[begin - 1].term > term:
            begin -= 1
        return eventually(
            lambda: next((said for said in self.heard[begin:] if said.term > term), None),
            f"a leader after term {term}",
            poll_s=POLL_S,
        )

    def verdict_after(self, at_ns: int) -> Said:
        """Return the first verdict after a time; wait for it."""
        return eventually(
            lambda: next((s for s in reversed(self.heard) if s.verdict and s.at_ns > at_ns), None),
            "a verdict",
        )

    def older_than_known(self) -> int:
        """Return how many verdicts were said under an older term than one heard before."""
        newest = old = 0
        for said in self.heard:
            old += said.verdict and said.term < newest
            newest = max(newest, said.term)
        return old


async def _ignore(_: Exception) -> None:
    """The server is killed and frozen here; the client comes back by itself."""
