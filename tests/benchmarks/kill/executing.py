"""One executing process: ``python -m tests.benchmarks.kill.executing URL SECRETS``.

A session's order and venue machines handle a feed in the host's loop, many messages at a time and
without a pause, as a shard does that has fallen behind; what a commit would wait for the disk is
left out, so the loop never lets go. Kill switch, thread, flags, heartbeats and guard are those of
the service. Each event is a line of JSON with the monotonic time at which it happened.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from tidegate_chassis.configuration.runtime import RISK_VERIFY_KEY
from tidegate_chassis.host import topology
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.channels import ChannelReader
from tidegate_chassis.host.engine import Bookkeeping, Engine
from tidegate_chassis.host.envelope import HEADER
from tidegate_chassis.security.principals import Principals
from tidegate_chassis.security.signing import Verifier
from tidegate_contracts.execution import SubmitOrder
from tidegate_execution.adapters.guard import Guard
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
from tidegate_execution.adapters.kill_switch import Authority, KillSwitch
from tidegate_execution.adapters.kill_thread import KillThread, Server
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import (
    ACCOUNT,
    FEED,
    SESSION,
    execution_parameters,
    specification,
    venue_parameters,
)
from tidegate_kernel.money import use_money_context

from .market import BEGIN, END, SYMBOLS

if TYPE_CHECKING:
    from tidegate_chassis.host.inputs import Input
    from tidegate_chassis.host.lane import Heard
    from tidegate_execution.adapters.handover import Document

READS = (f"instruments.{FEED}.>", f"bars.{FEED}.>")
BATCH = 256
IDLE_S = 0.01
SHARDS = 2
# An order that time does not keep back.
FAR_NS = 1 << 62


def say(event: str, **more: object) -> None:
    """Write one line."""
    line = json.dumps({"event": event, **more})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Host:
    """The loop of two shards that read one feed, which begins anew with every round."""

    def __init__(self) -> None:
        self.handled = 0
        self._inbox: deque[tuple[Engine, Input]] = deque()
        self._readers: list[ChannelReader] = []

    def begin(self) -> None:
        """Read the feed from its first message."""
        self.handled = 0
        self._inbox.clear()
        orders = ExecutionMachine.restore(execution_parameters(lockstep=False), None)
        venue = PaperVenueMachine.restore(venue_parameters(), None)
        self._readers = [
            self._reader(Engine(f"execution/{SESSION}", orders, Bookkeeping(), frozenset())),
            self._reader(Engine(f"venue/{SESSION}", venue, Bookkeeping(), frozenset())),
        ]

    def end(self) -> None:
        """Let go of what still waits: the round has been measured."""
        self._inbox.clear()
        self._readers = []

    def _reader(self, engine: Engine) -> ChannelReader:
        def deliver(item: Input) -> None:
            self._inbox.append((engine, item))

        return ChannelReader({}, topology.schemas_read(READS), deliver)

    def on_message(self, message: Heard) -> None:
        """Put a message into its channel's order."""
        assert message.headers is not None
        header = message.headers[HEADER]
        for reader in self._readers:
            reader.offer(header, message.data, "", time.time_ns())

    async def serve(self) -> None:
        """Handle what waits, for ever."""
        while True:
            now_ns = time.time_ns()
            for _ in range(min(BATCH, len(self._inbox))):
                engine, item = self._inbox.popleft()
                engine.take(item, now_ns)
                self.handled += 1
            await asyncio.sleep(0 if self._inbox else IDLE_S)


class StampedFlags(KillFlags):
    """The flags of a process, which ask the shard's guard as soon as one was set."""

    def __init__(self, host: Host, heartbeats: Heartbeats) -> None:
        """``host`` knows how much was handled."""
        super().__init__()
        self._host = host
        self._guard = Guard(
            session=SESSION,
            account=ACCOUNT,
            lockstep=False,
            flags=self,
            heartbeats=heartbeats,
            holds_lease=_yes,
        )
        self._order = SubmitOrder(
            session=SESSION,
            specification=specification("bench", symbol=SYMBOLS[0]),
            risk_increasing=True,
            send_by_ns=FAR_NS,
        )

    def withheld(self) -> str:
        """Return why the shard's guard would keep an order back now; empty when it would not."""
        found = self._guard(self._order, time.time_ns())
        return "" if found is None else found[0]

    def raise_flag(self, flag: KillFlag) -> None:
        """Set a flag; from now on the guard keeps everything back."""
        super().raise_flag(flag)
        code = self.withheld()
        say("blocked", at_ns=time.monotonic_ns(), code=code, handled=self._host.handled // SHARDS)


class Rounds:
    """What the benchmark says: the feed begins, the feed ends."""

    def __init__(self, host: Host, flags: StampedFlags) -> None:
        self._host = host
        self._flags = flags
        self._begun = self._ended = 0

    def on_begin(self, message: Heard) -> None:
        """Begin a round, once; it is said until every process has answered."""
        number = int(message.data)
        if number != self._begun:
            self._begun = number
            self._host.begin()
            say("begun", round=number)

    def on_end(self, message: Heard) -> None:
        """End a round and take its kill back, once."""
        number = int(message.data)
        if number != self._ended:
            self._ended = number
            self._host.end()
            for flag in self._flags.all:
                self._flags.remove(flag.flag_id)
            say("ended", round=number)


async def _confirm_nothing(_: KillFlag) -> list[Document]:
    return []


async def _watch(flags: StampedFlags) -> None:
    """Tell when the guard's mind about an order changes."""
    held = "unknown"
    while True:
        await asyncio.sleep(IDLE_S / 2)
        code = flags.withheld()
        if code != held:
            held = code
            say("guard", at_ns=time.monotonic_ns(), code=code)


async def _run(url: str, secrets: Path) -> None:
    use_money_context()
    host = Host()
    heartbeats = Heartbeats()
    flags = StampedFlags(host, heartbeats)
    verifier = Verifier.load(secrets / RISK_VERIFY_KEY)

    def signed_by_risk(subject: str, payload: bytes, signature: str) -> bool:
        return verifier.verify(payload, subject.encode(), bytes.fromhex(signature))

    authority = Authority(Principals.load(secrets).name_of, signed_by_risk)
    switch = KillSwitch(flags, heartbeats, authority, _confirm_nothing)
    switch.attach(asyncio.get_running_loop())
    bus = Bus("bench", on_violation=print)
    await bus.connect(url, "", "")
    for subject in READS:
        await bus.listen(subject, host.on_message)
    rounds = Rounds(host, flags)
    await bus.listen(BEGIN, rounds.on_begin)
    await bus.listen(END, rounds.on_end)
    await bus.client.flush()
    KillThread(switch, Server(url, "", "")).start()
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    say("ready")
    await asyncio.gather(host.serve(), _watch(flags))


def _yes(_: str) -> bool:
    return True


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1], Path(sys.argv[2])))
