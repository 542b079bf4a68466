"""What each service's own credentials may say and hear, at the server of a real instance.

That the table is what proto/subjects says is shown in tests/contracts. Here: that the supervisor
has given exactly that to the server, and that the services live with it.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import pytest

from tidegate_contracts.permissions import permissions
from tidegate_contracts.subjects import SERVICES, STREAMS, SUBJECTS, durable_name, matches

if TYPE_CHECKING:
    from tests.instances import Instance

    from .conftest import Watched

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("traced"),
]

SHARDS = {
    "market-data": ["market-data/replay-demo"],
    "signals": ["signals/demo/0"],
    "risk": ["risk/gate", "risk/demo"],
    "execution": ["execution/demo", "venue/demo"],
    "portfolio": ["portfolio/demo"],
    "alerts": ["alerts/demo"],
}
REFUSED = re.compile(r"'Permissions Violation for (Publish|Subscription) (?:to|using) \"([^\"]+)\"")


def _families() -> list[str]:
    """Return one subject of every family, of a session that nobody runs."""
    named = [d.pattern.replace("<service>", s) for d in SUBJECTS.values() for s in SERVICES]
    return sorted({re.sub(r"<\w+>", "nobody", subject) for subject in named})


def _administration() -> list[str]:
    """Return what concerns streams and durables: of one's own, of others, and changes."""
    durables = [durable_name(shard) for shards in SHARDS.values() for shard in shards]
    return [f"$JS.API.STREAM.{verb}.{s}" for verb in ("UPDATE", "DELETE") for s in STREAMS] + [
        f"$JS.API.CONSUMER.INFO.{stream}.{durable}" for stream in STREAMS for durable in durables
    ]


async def _refused(instance: Instance, user: str, lines: list[str]) -> set[tuple[str, str]]:
    """Say lines of the NATS protocol with a service's credentials, over one connection."""
    name, password = instance.credentials(user)
    assert name == user
    host, port = instance.record.nats_url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    hello = {"user": name, "pass": password, "verbose": False, "pedantic": False}
    text = "".join(f"{line}\r\n" for line in [f"CONNECT {json.dumps(hello)}", *lines, "PING"])
    writer.write(text.encode())
    found = set()
    while (line := (await reader.readline()).decode().strip()) != "PONG":
        assert line, "expected the server to go on, found the connection closed"
        if line.startswith("-ERR"):
            refused = REFUSED.search(line)
            assert refused is not None, line
            found.add((refused[1], refused[2]))
    writer.close()
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_may_do_what_the_contract_says_and_nothing_else(
    traced: Watched, service: str
) -> None:
    """Every (service × subject family), publish and subscribe, with its real credentials."""
    granted = permissions(service, SHARDS[service])
    published = [*_families(), *_administration()]
    lines = [line for subject in published for line in (f"PUB {subject} 0", "")]
    lines += [f"SUB {subject} {place}" for place, subject in enumerate(_families(), 1)]
    expected = {
        ("Publish", subject)
        for subject in published
        if not any(matches(pattern, subject) for pattern in granted["publish"])
    } | {
        ("Subscription", subject)
        for subject in _families()
        if not any(matches(pattern, subject) for pattern in granted["subscribe"])
    }
    assert await _refused(traced.instance, service, lines) == expected
    assert 0 < len(expected) < len(published) + len(_families())


async def test_a_wrong_password_is_nobody(traced: Watched) -> None:
    """The server knows its users: nothing is left open for whoever comes by."""
    host, port = traced.instance.record.nats_url.removeprefix("nats://").split(":")
    for hello in ({}, {"user": "risk", "pass": "guessed"}):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"CONNECT {json.dumps(hello)}\r\nPING\r\n".encode())
        said = await reader.read(65_536)
        while b"-ERR" not in said:
            more = await reader.read(65_536)
            assert more, said
            said += more
        assert b"Authorization Violation" in said
        writer.close()


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_needed_nothing_that_they_have_not(traced: Watched, service: str) -> None:
    """In a whole session no service was refused anything by the server."""
    lines = traced.instance.log_lines(service)
    assert any("shard opened" in line for line in lines)
    assert [line for line in lines if "violation" in line.lower()] == []
