"""From a notice to a stop, a file, a latch, and back to open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError

from tidegate_contracts import codec
from tidegate_contracts.execution import OrderState
from tidegate_contracts.host import KillNotice
from tidegate_contracts.risk import GateLevel, Heartbeat
from tidegate_execution.adapters.handover import Handover
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
from tidegate_execution.adapters.kill_switch import Authority, KillSwitch, NoticeRefused
from tidegate_execution.adapters.kill_thread import KillThread, Server
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import DAY_0_NS, SessionRig, bar, instrument, lowered, verdict
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Body, Called
from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from tidegate_chassis.embedded import NatsServer

NOW_NS = DAY_0_NS + NS_PER_DAY
TOKEN = "t" * 40
NOTICE = KillNotice(scope="all", level=int(GateLevel.HALTED), reason="test", token=TOKEN)


@dataclass
class ShardInMemory:
    """A shard whose journal is this process's memory."""

    rig: SessionRig
    running: bool = True
    name: str = "execution/demo"
    session: str = "demo"
    account: str = "demo"
    calls: list[Body] = field(default_factory=list)

    @property
    def machine(self) -> ExecutionMachine | None:
        """The machine while the shard runs."""
        return self.rig.execution if self.running else None

    async def call(self, call_id: str, body: Body) -> Body:
        """Handle a command at once."""
        self.calls.append(body)
        self.rig.instant(NOW_NS, [Called(call_id, body)])
        return self.rig.answers[call_id]


class Scene:
    """A session with a resting order, and the kill switch over it."""

    def __init__(self, path: Path) -> None:
        self.rig = SessionRig()
        resting = verdict(NOW_NS, limit_price=Decimal(90))
        self.rig.instant(NOW_NS, [instrument(), bar(0, (100, 101, 99, 100)), resting])
        self.shard = ShardInMemory(self.rig)
        self.flags = KillFlags()
        self.flags.load(path)
        self.heartbeats = Heartbeats()
        self.handover = Handover(self.flags, [self.shard])
        authority = Authority(
            lambda token: "operator" if token == TOKEN else None,
            lambda subject, payload, signature: signature == "good",
        )
        self.switch = KillSwitch(self.flags, self.heartbeats, authority, self.handover.hand_over)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A scene whose switch knows the running loop; its file threads are waited for."""
    made = Scene(tmp_path / "kill.json")
    made.switch.attach(asyncio.get_running_loop())
    yield made
    for thread in threading.enumerate():
        if thread.name == "kill-file":
            await asyncio.to_thread(thread.join)


async def test_throw_stops_latches_and_confirms(scene: Scene) -> None:
    """One call: the flag is set at once, the shard latches, cancels and confirms."""
    told = scene.switch.throw(NOTICE, "operator", "http")
    assert len(scene.flags.all) == 1, "before anything else has run"
    (confirmed,) = await asyncio.wrap_future(told)
    assert confirmed["level"] == "HALTED"
    assert (confirmed["stored"], confirmed["open_orders"], confirmed["confirmed"]) == (
        True,
        0,
        True,
    )
    assert scene.rig.order_events[-1].state == OrderState.CANCELLED


async def test_file_survives_a_restart_and_is_latched_again(scene: Scene, tmp_path: Path) -> None:
    """I07: a new process reads the flag and hands it to a shard that never heard of it."""
    scene.shard.running = False
    await asyncio.wrap_future(scene.switch.throw(NOTICE, "operator", "http"))
    await asyncio.to_thread(scene.flags.store)
    again = Scene(tmp_path / "kill.json")
    assert [flag.scope for flag in again.flags.all] == ["all"]
    await again.handover.look_once()
    assert again.rig.execution.confirmation().level == Level.HALTED


async def test_only_a_lowering_that_ends_the_latch_takes_the_flag_down(
    scene: Scene, tmp_path: Path
) -> None:
    """I07: the file goes when the machine's latch has gone, not before."""
    await asyncio.wrap_future(scene.switch.throw(NOTICE, "operator", "http"))
    await scene.handover.look_once()
    scene.rig.instant(NOW_NS, [lowered(GateLevel.OPEN)])
    await scene.handover.look_once()
    assert [flag.scope for flag in scene.flags.all] == ["all"]
    latches = scene.rig.execution.confirmation().latches
    scene.rig.instant(NOW_NS, [lowered(GateLevel.OPEN, latches=latches)])
    await scene.handover.look_once()
    assert not scene.flags.all
    assert not (tmp_path / "kill.json").exists()


async def test_notice_that_makes_no_sense_is_refused(scene: Scene) -> None:
    """A scope or level that is none changes nothing."""
    for notice in (
        KillNotice(scope="everything", level=3),
        KillNotice(scope="all", level=1),
        KillNotice(scope="all", level=77),
    ):
        with pytest.raises(NoticeRefused):
            scene.switch.throw(notice, "operator", "http")
    assert scene.flags.all == ()


async def test_shard_that_does_not_run_is_not_confirmed(scene: Scene) -> None:
    """A shard without a leader here says that nothing is stored."""
    scene.shard.running = False
    (status,) = await scene.handover.statuses()
    assert (status["running"], status["stored"]) == (False, False)


def test_flags_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """The file that is read back is the one that was stored."""
    path = tmp_path / "deep" / "kill.json"
    flags = KillFlags()
    flags.load(path)
    flags.store()
    flag = KillFlag("k", "all", GateLevel.HALTED, "operator", "why")
    flags.raise_flag(flag)
    flags.store()
    again = KillFlags()
    again.load(path)
    assert again.all == (flag,)


@pytest.mark.real
async def test_notice_over_nats_stops_and_answers(scene: Scene, nats_server: NatsServer) -> None:
    """The kill's own thread takes notices and heartbeats from a real server."""
    thread = KillThread(scene.switch, Server(nats_server.url, "", ""))
    thread.start()
    client = Client()
    await client.connect(nats_server.url)
    try:
        refused = await _ask(client, msgspec.structs.replace(NOTICE, token="wrong"))
        assert refused["error"]["code"] == "NO_PRINCIPAL"
        assert scene.flags.all == ()
        for signature in ("bad", "good"):
            beat = Heartbeat(session="demo", term=1, sent_at_ns=5)
            headers = {"Tg-Signature": signature}
            await client.publish("heartbeats.demo", codec.encode(beat), headers=headers)
        answer = await _ask(client, NOTICE)
        assert [shard["confirmed"] for shard in answer["shards"]] == [True]
        pulse = scene.heartbeats.of("demo")
        assert pulse is not None
        assert pulse.sent_at_ns == 5
    finally:
        await client.close()
        await asyncio.to_thread(thread.stop)


async def _ask(client: Client, notice: KillNotice) -> dict[str, Any]:
    """Send a notice until somebody listens; return the answer."""
    for _ in range(50):
        with suppress(NoRespondersError):
            reply = await client.request("kill.notice", codec.encode(notice), timeout=20)
            found: dict[str, Any] = msgspec.json.decode(reply.data)
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the kill thread never listened")
