"""Permissions: exactly what proto/subjects gives a user, on paper and in a real nats-server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import nats
import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.api import ConsumerConfig, StreamConfig

from tidegate_chassis.embedded import NatsServer, Place
from tidegate_chassis.testing import server_folder
from tidegate_contracts.deploy import nats_config
from tidegate_contracts.errors import DeploymentError
from tidegate_contracts.permissions import USERS, inbox_prefix, permissions
from tidegate_contracts.subjects import SERVICES, STREAMS, SUBJECTS, durable_name, matches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tidegate_contracts.definitions import SubjectDefinition

SHARDS = {
    "market-data": ["market-data/replay-demo"],
    "signals": ["signals/demo/0"],
    "risk": ["risk/gate", "risk/demo"],
    "execution": ["execution/demo", "venue/demo"],
    "portfolio": ["portfolio/demo"],
    "alerts": ["alerts/demo"],
}
PASSWORDS = {user: f'secret "{user}" $1\\' for user in USERS}


def example_of(definition: SubjectDefinition, service: str) -> str:
    """Return one subject of a family, of a service where the family is by service."""
    named = definition.pattern.replace("<service>", service)
    return re.sub(r"<\w+>", "x", named)


def readers_of_channel(definition: SubjectDefinition) -> set[str]:
    """Return who reads anything of the channel that a kept family belongs to."""
    channel = [d for d in SUBJECTS.values() if d.producer and d.producer == definition.producer]
    return {reader for d in channel for reader in d.readers}


def producers_read_by(service: str) -> set[str]:
    """Return the services that have a stream's family with this reader."""
    kept = [d for d in SUBJECTS.values() if d.stream and service in d.readers]
    return {writer for d in kept for writer in d.writers}


def expected_pairs(user: str) -> tuple[set[str], set[str]]:
    """Return the subjects that a user may publish and read, straight from the definitions."""
    publish, read = set(), set()
    for definition in SUBJECTS.values():
        for service in SERVICES:
            subject = example_of(definition, service)
            related = service in producers_read_by(user)
            own = service == user
            written = {"written": own, "read": related}.get(definition.owned)
            consumed = {"written": related, "read": own}.get(definition.owned)
            if user in definition.writers if written is None else written:
                publish.add(subject)
            heard = user in definition.readers or user in readers_of_channel(definition)
            if user == "operator" or (heard if consumed is None else consumed):
                read.add(subject)
    return publish, read


def all_subjects() -> set[str]:
    """Return one subject of every family, and of every service where it is by service."""
    return {example_of(d, service) for d in SUBJECTS.values() for service in SERVICES}


@pytest.mark.parametrize("user", USERS)
def test_users_get_what_the_subjects_say(user: str) -> None:
    """Every (user × subject) pair, both ways."""
    granted = permissions(user, SHARDS.get(user, ()))
    expected = expected_pairs(user)
    for kind, wanted in zip(("publish", "subscribe"), expected, strict=True):
        found = {s for s in all_subjects() if any(matches(p, s) for p in granted[kind])}
        assert found == wanted, kind


@pytest.mark.parametrize("user", [user for user in USERS if user != "deploy"])
def test_only_the_deploy_user_administers(user: str) -> None:
    """Nobody else creates, changes, deletes or purges, nor fetches for another's durable."""
    granted = permissions(user, SHARDS.get(user, ()))["publish"]
    for verb in (
        "STREAM.CREATE",
        "STREAM.UPDATE",
        "STREAM.DELETE",
        "STREAM.PURGE",
        "STREAM.MSG.DELETE",
    ):
        assert not any(matches(p, f"$JS.API.{verb}.{s}") for p in granted for s in STREAMS)
    for verb in ("CREATE", "DURABLE.CREATE", "DELETE", "PAUSE"):
        assert not any(
            matches(p, f"$JS.API.CONSUMER.{verb}.{s}.x") for p in granted for s in STREAMS
        )
    for other in set(USERS) - {user}:
        for subject in permissions(other, SHARDS.get(other, ()))["publish"]:
            if ".CONSUMER." in subject or "$JS.ACK." in subject:
                assert not any(matches(p, subject.replace(">", "1.1")) for p in granted)


@pytest.mark.parametrize("user", USERS)
def test_inboxes_are_private(user: str) -> None:
    """A user reads its own inbox only; execution may answer the operator's kill."""
    granted = permissions(user)
    for other in set(USERS) - {user}:
        inbox = f"{inbox_prefix(other)}.x"
        assert not any(matches(p, inbox) for p in granted["subscribe"])
        answers = (user, other) == ("execution", "operator")
        assert any(matches(p, inbox) for p in granted["publish"]) is answers


@pytest.mark.parametrize("service", SERVICES)
def test_looking_up_messages_reads_nothing_else(service: str) -> None:
    """Lookup by sequence needs a stream in which every subject is the service's business."""
    granted = permissions(service, SHARDS[service])["publish"]
    for stream in STREAMS.values():
        families = [d for d in SUBJECTS.values() if d.stream == stream.name]
        own_names = {
            d.name for d in families if service in d.writers or service in readers_of_channel(d)
        }
        whole = len(own_names) == len(families)
        assert (f"$JS.API.STREAM.MSG.GET.{stream.name}" in granted) is whole
        assert (f"$JS.API.DIRECT.GET.{stream.name}" in granted) is whole
        for definition in families:
            lookup = f"$JS.API.DIRECT.GET.{stream.name}.{example_of(definition, service)}"
            own = definition.name in own_names
            assert any(matches(p, lookup) for p in granted) is own


def test_strange_users_and_shards_are_refused() -> None:
    """The message says which exist."""
    with pytest.raises(DeploymentError, match=r"one of market-data.*found mallory"):
        permissions("mallory")
    with pytest.raises(DeploymentError, match="shards of risk, found execution/demo"):
        permissions("risk", ["execution/demo"])


@pytest.mark.parametrize(
    ("passwords", "shards", "words"),
    [
        ({}, {}, "found none for alerts, deploy"),
        ({**PASSWORDS, "mallory": "x"}, {}, "found mallory"),
        ({**PASSWORDS, "risk": ""}, {}, "a password for risk"),
        (PASSWORDS, {"mallory": []}, "found mallory"),
    ],
)
def test_a_configuration_needs_every_password(
    passwords: dict[str, str], shards: dict[str, list[str]], words: str
) -> None:
    """No user without a password, no user that the contract does not know."""
    with pytest.raises(DeploymentError, match=words):
        nats_config(passwords, shards)


@pytest.fixture(scope="module")
def server() -> Iterator[NatsServer]:
    """A real nats-server with the generated accounts."""
    with server_folder() as folder:
        place = Place(folder / "nats", dies_with_launcher=True)
        with NatsServer(place, accounts=nats_config(PASSWORDS, SHARDS)) as running:
            yield running


@pytest.mark.real
def test_nats_server_accepts_the_accounts(tools: Path, tmp_path: Path) -> None:
    """The server's own check, with passwords full of special characters."""
    accounts = tmp_path / "accounts.conf"
    accounts.write_text(nats_config(PASSWORDS, SHARDS))
    command = [str(tools / "nats-server"), "-t", "-c", str(accounts)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def _address(server: NatsServer) -> tuple[str, int]:
    host, port = server.url.removeprefix("nats://").split(":")
    return host, int(port)


async def refusals(server: NatsServer, user: str, lines: list[str]) -> list[str]:
    """Say lines of the NATS protocol as a user; return the server's errors."""
    reader, writer = await asyncio.open_connection(*_address(server))
    await reader.readline()
    hello = {"user": user, "pass": PASSWORDS[user], "verbose": False, "pedantic": False}
    text = "".join(f"{line}\r\n" for line in [f"CONNECT {json.dumps(hello)}", *lines, "PING"])
    writer.write(text.encode())
    errors: list[str] = []
    while (line := (await reader.readline()).decode().strip()) != "PONG":
        assert line, errors
        if line.startswith("-ERR"):
            errors.append(line)
    writer.close()
    return errors


@pytest.mark.real
@pytest.mark.parametrize("user", USERS)
async def test_the_server_enforces_every_pair(server: NatsServer, user: str) -> None:
    """Publishing and subscribing, every user × every subject, at a real server."""
    publish, read = expected_pairs(user)
    for verb, allowed in (("PUB", publish), ("SUB", read)):
        for subject in sorted(all_subjects()):
            lines = [f"PUB {subject} 0", ""] if verb == "PUB" else [f"SUB {subject} 1"]
            errors = await refusals(server, user, lines)
            assert (errors == []) is (subject in allowed), (verb, subject, errors)
            assert all("Permissions Violation" in error for error in errors)


@contextlib.asynccontextmanager
async def connected(server: NatsServer, user: str) -> AsyncIterator[tuple[Any, list[str]]]:
    """Connect a client as a user; its errors are collected."""
    errors: list[str] = []

    async def remember(error: Exception) -> None:
        errors.append(str(error))

    client = await nats.connect(
        server.url,
        user=user,
        password=PASSWORDS[user],
        inbox_prefix=inbox_prefix(user).encode(),
        error_cb=remember,
    )
    try:
        yield client, errors
    finally:
        await client.close()


async def deploy_orders(server: NatsServer) -> None:
    """Create the ORDERS stream and the durable of risk's decision shard, as the deploy user."""
    definition = STREAMS["ORDERS"]
    async with connected(server, "deploy") as (client, errors):
        stream = client.jetstream()
        await stream.add_stream(
            StreamConfig(
                definition.name,
                subjects=list(definition.subjects),
                allow_direct=definition.allow_direct,
            )
        )
        await stream.add_consumer(
            "ORDERS",
            ConsumerConfig(
                durable_name=durable_name("risk/demo"), filter_subjects=["fills.demo.>"]
            ),
        )
        assert errors == []


@pytest.mark.real
async def test_a_service_works_with_what_it_has(server: NatsServer) -> None:
    """Publish, fetch, acknowledge and look up, with a usual client and no violation."""
    await deploy_orders(server)
    async with connected(server, "execution") as (client, errors):
        await client.jetstream().publish("fills.demo.ema.AAPL", b"a fill")
        await client.jetstream().publish("venue.demo.AAPL", b"a report")
        assert (await client.jetstream().get_msg("ORDERS", 2)).data == b"a report"
        assert errors == []
    async with connected(server, "risk") as (client, errors):
        stream = client.jetstream()
        reader = await stream.pull_subscribe_bind("risk-risk_demo", "ORDERS")
        (message,) = await reader.fetch(1, timeout=30)
        await message.ack_sync()
        assert (await reader.consumer_info()).num_ack_pending == 0
        found = await stream.get_msg(
            "ORDERS", subject="fills.demo.ema.AAPL", direct=True, next=False
        )
        assert (message.data, found.data, errors) == (b"a fill", b"a fill", [])
    async with connected(server, "portfolio") as (client, errors):
        reader = await client.jetstream().pull_subscribe_bind("risk-risk_demo", "ORDERS")
        with pytest.raises(NatsTimeoutError):
            await reader.fetch(1, timeout=0.2)
        assert any("permissions violation" in error.lower() for error in errors)
