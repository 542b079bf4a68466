"""Streams and durables come back as they were, with no more than the deploy user's permissions."""

import asyncio
import random
from pathlib import Path

import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from tidegate_chassis.embedded import NatsServer, Place
from tidegate_chassis.keeping import streams
from tidegate_chassis.keeping.container import FORMAT, Manifest, opened, write_backup
from tidegate_chassis.keeping.errors import NotTaken, TargetNotEmpty
from tidegate_contracts.deploy import nats_config
from tidegate_contracts.permissions import DEPLOY, USERS
from tidegate_contracts.subjects import durable_name

from .test_container import ORIGIN

pytestmark = pytest.mark.real
MESSAGES = 40
# Beyond what the server sends without an answer.
MESSAGE_BYTES = 300_000
DEPLOYER = (DEPLOY, "pw")
DURABLE = durable_name("risk/a")


def test_a_stream_comes_back_with_its_durables(
    tidegate_server_folder: Path, tmp_path: Path
) -> None:
    """Sequences, contents and how far a durable was; then it is in the way of another restore."""
    accounts = nats_config(dict.fromkeys(USERS, "pw"), {"risk": ["risk/a"]})
    place = Place(tidegate_server_folder / "kept-nats", dies_with_launcher=True)
    with NatsServer(place, accounts=accounts) as server:
        asyncio.run(_keep_and_load(server.url, tmp_path))


async def _keep_and_load(url: str, folder: Path) -> None:
    names = ("ORDERS", "ALERTS")
    async with streams.administrator(url, DEPLOYER) as client:
        context = client.jetstream()
        await context.add_stream(name="ORDERS", subjects=["orders.>"])
        durable = ConsumerConfig(durable_name=DURABLE, ack_policy=AckPolicy.ALL)
        await context.add_consumer("ORDERS", durable)
        await _say(url)
        await _acknowledge_ten(url)
        before = await context.stream_info("ORDERS")
        files = await streams.keep_streams(client, names, folder)
        assert [each.name for each in files] == ["streams/ORDERS", "streams/ORDERS.json"]
        assert files[0].rows == MESSAGES
        with pytest.raises(TargetNotEmpty, match="no stream ORDERS"):
            await streams.require_absent(client, names)
        await context.delete_stream("ORDERS")
        await streams.require_absent(client, names)
        manifest = Manifest(
            format=FORMAT,
            taken_at="",
            origin=ORIGIN,
            instance="main",
            sessions=(),
            gate={},
            shards=(),
            files=tuple(files),
        )
        write_backup(folder / "one.backup", manifest, folder)
        with opened(folder / "one.backup") as backup:
            assert await streams.load_streams(client, backup) == {"ORDERS": MESSAGES}
        after = await context.stream_info("ORDERS")
        assert after.state.last_seq == before.state.last_seq
        assert after.config == before.config
        consumer = await context.consumer_info("ORDERS", DURABLE)
        assert consumer.num_pending == MESSAGES - 10


async def _say(url: str) -> None:
    chance = random.Random(7)
    async with streams.administrator(url, ("execution", "pw")) as client:
        for _ in range(MESSAGES):
            payload = chance.randbytes(MESSAGE_BYTES)
            await client.request("orders.a.b.c", payload, timeout=30)


async def _acknowledge_ten(url: str) -> None:
    async with streams.administrator(url, ("risk", "pw")) as client:
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox)
        wanted = b'{"batch": 10}'
        await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.ORDERS.{DURABLE}", wanted, reply=inbox)
        messages = [await subscription.next_msg(timeout=30) for _ in range(10)]
        await messages[-1].ack_sync()


def test_no_server_is_an_error_with_its_address() -> None:
    """The command says which server it was."""

    async def connect() -> None:
        async with streams.administrator("nats://127.0.0.1:1", DEPLOYER):
            pass

    with pytest.raises(NotTaken, match=r"a NATS server at nats://127\.0\.0\.1:1"):
        asyncio.run(connect())
