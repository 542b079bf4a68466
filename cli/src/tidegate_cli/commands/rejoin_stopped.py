"""`tidegate admin rejoin` of an instance that is down: databases that are older than the streams.

Somebody has put the databases back and not the streams. No shard of such an instance opens. If all
databases are of one moment, they may go on from there: the streams are kept aside and made again
from the outboxes at the next start. What was said since that moment is no longer known to anybody
here, but may have happened at a venue; so the instance comes up HALTED like a restored one, and
trades again only after the rejoin of two principals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tidegate_chassis.configuration import Layout
from tidegate_chassis.keeping import databases, streams
from tidegate_chassis.keeping.comparing import (
    Ahead,
    forget_streams,
    readers_ahead,
    streams_ahead,
)
from tidegate_chassis.security.principals import Principals
from tidegate_cli.client import token_in
from tidegate_cli.commands.backup import failing
from tidegate_cli.commands.gate import Asking
from tidegate_cli.errors import Refused, Unreachable
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_cli.reached import Reached, reached
from tidegate_cli.restored import Restored, halt
from tidegate_contracts.subjects import STREAMS


@dataclass(frozen=True, slots=True)
class Found:
    """How databases and streams stand to each other."""

    streams: Sequence[Ahead]
    readers: Sequence[Ahead]
    # The gate's scopes that are not open, by the databases.
    gate: dict[str, str]


def rejoin_stopped(asking: Asking, reason: str | None) -> None:
    """Tell what differs; with a reason go on from the databases."""
    layout = Layout(home())
    with failing(), reached(layout.root, None) as servers:
        found = asyncio.run(_compared(servers))
        _say(asking.output, found)
        if not found.streams:
            _refuse_nothing_ahead(layout)
        _require_one_moment(found)
        principal = _principal(layout, asking.principal)
        if not reason:
            raise Refused(
                "REJOIN_NEEDED",
                f"{len(found.streams)} channels are further in their streams than in the databases",
                expected="a reason: why the databases are as old as they are",
                found="none",
                hint='tidegate admin rejoin --reason "disk lost, databases restored"',
            )
        at = datetime.now(UTC).isoformat(timespec="seconds")
        aside = layout.data / f"streams-before-{at}"
        asyncio.run(_forget(servers, aside))
        restored = Restored("a moment before the streams'", at, "", f"rejoin-{at}", found.gate)
        halt(layout, restored, principal, f"rejoin from older databases: {reason}")
    asking.output.text(
        f"the streams are kept in {aside} and will be made again. Start the instance: it comes up "
        "HALTED, and `tidegate admin rejoin` tells what differs from the venues"
    )
    document = [each.sentence() for each in found.streams]
    asking.output.result({"ahead": document, "kept": str(aside), "principal": principal})


async def _compared(servers: Reached) -> Found:
    async with (
        databases.connected(servers.databases) as connections,
        streams.administrator(servers.nats_url, servers.deployer) as client,
    ):
        shards = await databases.shards_of(connections)
        return Found(
            await streams_ahead(client, shards),
            await readers_ahead(connections, shards),
            await databases.gate_of(connections["risk"]),
        )


async def _forget(servers: Reached, aside: Path) -> None:
    async with (
        databases.connected(servers.databases) as connections,
        streams.administrator(servers.nats_url, servers.deployer) as client,
    ):
        await forget_streams(client, connections, tuple(STREAMS), aside)


def _refuse_nothing_ahead(layout: Layout) -> None:
    restored = Restored.read(layout) is not None
    raise Unreachable(
        "NOT_RUNNING",
        "the instance is down, and its databases know all that its streams hold",
        expected="a running instance to compare with its venues",
        found="a restored one that is down" if restored else "one that is down",
        hint="start it: `tidegate up`",
    )


def _require_one_moment(found: Found) -> None:
    if found.readers:
        raise Refused(
            "NOT_ONE_MOMENT",
            "the databases are not of one moment: a reader knows more than the producer",
            expected="all databases put back to one moment",
            found="; ".join(each.sentence() for each in found.readers[:3]),
            hint="put all of them back from one backup: `tidegate restore FILE`",
        )


def _principal(layout: Layout, name: str | None) -> str:
    """Return whose token is given: nobody else's word counts, though no service runs."""
    principals = Principals.load(layout.secrets)
    found = principals.name_of(token_in(layout.secrets, name))
    if found is None:
        known = ", ".join(principals.names)
        raise Refused("NO_PRINCIPAL", "nobody has this token", expected=known, found="another")
    return found


def _say(output: Output, found: Found) -> None:
    rows = [(a.channel, a.journal_k, a.other_k, a.other_k - a.journal_k) for a in found.streams]
    output.table(("channel", "database", "stream", "lost"), rows)
    output.text("")
