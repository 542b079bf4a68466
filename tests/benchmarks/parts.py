"""What each part of a hop costs: codec, envelope, hash, signature, commit, bus."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.benchmarks.measure import Figure, figure, timed, timed_async

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.embedded import NatsServer, Place, PostgresServer
from tidegate_chassis.host.bus import Bus
from tidegate_chassis.host.envelope import NO_HASH, Envelope, chain_hash, unpack
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import Journal, OutboxRow
from tidegate_chassis.security.signing import Signer
from tidegate_contracts import codec
from tidegate_contracts.market import Bar

MINUTE_NS = 60_000_000_000
BAR = Bar(
    feed="replay-bench",
    venue="paper",
    symbol="BTC/USDT",
    timeframe_ns=MINUTE_NS,
    start_ns=1_700_000_000_000_000_000,
    end_ns=1_700_000_060_000_000_000,
    open=4_300_012,
    high=4_300_512,
    low=4_299_012,
    close=4_300_300,
    volume=123_456,
)
SCHEMA = codec.schema_of(BAR)
PAYLOAD = codec.encode(BAR)
ENVELOPE = Envelope(
    "market-data/replay-bench:1:12345.0",
    "market-data/replay-bench",
    12345,
    NO_HASH,
    SCHEMA,
    BAR.end_ns,
    "",
    "market-data/replay-bench:1:12345.0",
    "market-data/replay-bench=12345,signals/bench/0=17",
)


def pure_parts() -> list[Figure]:
    """Measure what happens inside one process."""
    packed = ENVELOPE.pack()
    signer = Signer(Ed25519PrivateKey.generate())
    verifier = signer.verifier()
    context = packed.encode()
    signature = signer.sign(PAYLOAD, context)
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(Bar)

    def many(call: Callable[[], object]) -> list[float]:
        return timed(call, times=200, inner=200)

    return [
        figure(
            "codec: encode + decode of a Bar",
            many(lambda: codec.decode(SCHEMA, codec.encode(BAR))),
            "msgspec msgpack",
            many(lambda: decoder.decode(encoder.encode(BAR))),
        ),
        figure("envelope: pack + unpack", many(lambda: unpack(ENVELOPE.pack()))),
        figure(
            "chain hash",
            many(lambda: chain_hash(NO_HASH, SCHEMA, PAYLOAD)),
            "bare SHA-256",
            many(lambda: sha256(PAYLOAD).digest()),
        ),
        figure("signature: sign", timed(lambda: signer.sign(PAYLOAD, context), times=200, inner=5)),
        figure(
            "signature: verify",
            timed(lambda: verifier.verify(PAYLOAD, context, signature), times=200, inner=5),
        ),
    ]


def _row(n: int) -> JournalRow:
    return JournalRow(n, 0, 1, "", "c", n, NO_HASH, f"m:1:{n}.0", SCHEMA, PAYLOAD, 0, 0, b"")


async def journal_parts(server: PostgresServer) -> list[Figure]:
    """Measure the journal's transaction beside a bare insert with the same durability."""
    pool = await open_pool(server.url, size_max=2)
    await pool.execute("create database bench")
    await pool.close()
    url = server.database_url("bench")
    await migrate(url)
    pool = await open_pool(url, size_max=2)
    journal = Journal(pool, "bench/0", "core")
    await journal.acquire("bench")
    await pool.execute("create table bare (n bigint primary key, payload bytea)")
    counter = iter(range(1, 10_000_000))

    async def commit(rows: int, messages: int) -> None:
        numbers = [next(counter) for _ in range(rows)]
        outbox = [
            OutboxRow("bench/0", n, "bars.x", ENVELOPE.pack(), PAYLOAD, n, 0)
            for n in numbers[:messages]
        ]
        await journal.commit([_row(n) for n in numbers], outbox, Facts())

    async def bare() -> None:
        await pool.execute("insert into bare values ($1, $2)", next(counter), PAYLOAD)

    bare_samples = await timed_async(bare, times=1_000)
    figures = []
    for name, rows, messages in (
        ("journal commit: 1 input", 1, 0),
        ("journal commit: 1 input, 1 message", 1, 1),
        ("journal commit: 64 inputs, 64 messages", 64, 64),
    ):
        samples = await timed_async(partial(commit, rows, messages), times=1_000)
        figures.append(figure(name, samples, "bare insert, asyncpg", bare_samples))
    await pool.close()
    return figures


async def bus_parts(server: NatsServer) -> list[Figure]:
    """Measure one hop: publish with our headers until another connection's handler runs."""
    sender, receiver = (Bus(name, on_violation=print) for name in ("sender", "receiver"))
    await sender.connect(server.url, "", "")
    await receiver.connect(server.url, "", "")
    arrived = asyncio.Event()

    await receiver.listen("bench.hop", lambda _: arrived.set())
    await receiver.client.flush()
    headers = {"Tg": ENVELOPE.pack()}

    async def hop() -> None:
        arrived.clear()
        sender.publish("bench.hop", PAYLOAD, headers)
        await arrived.wait()

    samples = await timed_async(hop, times=3_000)
    await sender.close()
    await receiver.close()
    return [figure("bus: one hop over nats-server", samples, "raw TCP, one way", _raw_tcp())]


def _raw_tcp() -> list[float]:
    left, right = socket.create_server(("127.0.0.1", 0)), None

    def echo() -> None:
        connection, _ = left.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := connection.recv(4096):
            connection.sendall(data)

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    right = socket.create_connection(left.getsockname())
    right.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def round_trip() -> None:
        right.sendall(PAYLOAD)
        right.recv(4096)

    samples = timed(round_trip, times=3_000, inner=1)
    right.close()
    left.close()
    return [sample / 2 for sample in samples]


async def all_parts(folder: Path) -> list[Figure]:
    """Measure everything on servers of its own."""
    figures = pure_parts()
    postgres = PostgresServer(
        Place(folder / "postgres", dies_with_launcher=True), password_file=folder / "password"
    )
    with postgres:
        figures += await journal_parts(postgres)
    with NatsServer(Place(folder / "nats", dies_with_launcher=True)) as nats:
        figures += await bus_parts(nats)
    return figures
