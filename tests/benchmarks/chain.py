"""The partner of the live latency: the same chain with nothing but its two prices, disk and bus.

Four processes in a row. Each takes a message, inserts it into a table of its own (fsync on, one
bare asyncpg statement) and sends it on; every subject is stored in a JetStream stream with
``sync_interval: always``. No codec, header, hash, signature, lease, machine, order or outbox.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import nats
import uvloop
from nats.js.api import StreamConfig
from tests.benchmarks.measure import NS_PER_US

from tidegate_chassis.database import connect
from tidegate_chassis.embedded import NatsServer, Place, PostgresServer

if TYPE_CHECKING:
    from nats.aio.msg import Msg

STAGES = 4
PAYLOAD = bytes(200)
_READY = b"ready\n"


async def measure_chain(folder: Path, times: int, pause_s: float) -> list[float]:
    """Return the microseconds from the first publication to the arrival behind the last stage."""
    servers = folder / "chain"
    servers.mkdir(mode=0o711)
    postgres = PostgresServer(
        Place(servers / "postgres", dies_with_launcher=True), password_file=servers / "password"
    )
    with ExitStack() as stack:
        stack.enter_context(postgres)
        server = stack.enter_context(NatsServer(Place(servers / "nats", dies_with_launcher=True)))
        client = await nats.connect(server.url)
        await client.jetstream().add_stream(StreamConfig(name="CHAIN", subjects=["chain.*"]))
        stages = [_start(stack, postgres.url, server.url, stage) for stage in range(STAGES)]
        for stage in stages:
            assert stage.stdout is not None
            assert await asyncio.to_thread(stage.stdout.readline) == _READY, "a stage must start"
        arrived = await client.subscribe(f"chain.{STAGES}")
        samples = []
        for _ in range(times + 20):
            started_ns = time.perf_counter_ns()
            await client.publish("chain.0", PAYLOAD)
            await arrived.next_msg(timeout=30)
            samples.append((time.perf_counter_ns() - started_ns) / NS_PER_US)
            await asyncio.sleep(pause_s)
        await client.close()
        for stage in stages:
            stage.terminate()
            await asyncio.to_thread(stage.wait)
    return samples[20:]


def _start(stack: ExitStack, database: str, bus: str, stage: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.chain", database, bus, str(stage)],
        stdout=subprocess.PIPE,
    )
    stack.callback(process.kill)
    return process


async def run_stage(database: str, bus: str, stage: int) -> None:
    """Be one of the processes."""
    connection: asyncpg.Connection = await connect(database)
    await connection.execute(f"create table stage_{stage} (n bigserial primary key, payload bytea)")
    client = await nats.connect(bus)
    statement = f"insert into stage_{stage} (payload) values ($1)"  # noqa: S608 - a number

    async def on_message(message: Msg) -> None:
        await connection.execute(statement, message.data)
        await client.publish(f"chain.{stage + 1}", message.data)

    await client.subscribe(f"chain.{stage}", cb=on_message)
    await client.flush()
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_stage(sys.argv[1], sys.argv[2], int(sys.argv[3])))
