"""The deploy job on a real server: what a newer version has added reaches what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import nats
import pytest

from tidegate_chassis.host import deploy
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_contracts.subjects import durable_name

from .toys import ToyBooks

if TYPE_CHECKING:
    from tidegate_chassis.embedded import NatsServer

pytestmark = pytest.mark.real
STREAM = "VERDICTS"


@pytest.mark.parametrize("old_filters", [["verdicts.s.*.*"], ["verdicts.s.*.*", "verdicts.t.*.*"]])
async def test_new_subjects_are_added_to_streams_and_durables(
    nats_server: NatsServer, old_filters: list[str]
) -> None:
    """A reader of whole channels gets what the channel's shard says now; nothing old is lost."""
    client = await nats.connect(nats_server.url)
    context = client.jetstream()
    await context.add_stream(name=STREAM, subjects=["verdicts.>"])
    definition = ShardDefinition(
        "execution/s", "s", ToyBooks, msgspec.defstruct("P", [])(), ("verdicts.s.>",)
    )
    name = durable_name(definition.shard)
    await context.add_consumer(STREAM, durable_name=name, filter_subjects=old_filters)
    await context.publish("verdicts.s.a.b", b"old")
    for _ in range(2):
        await deploy.ensure_streams(nats_server.url, "", "", [definition])
    await context.publish("limits.s", b"new")
    reader = await context.pull_subscribe_bind(name, STREAM)
    assert [message.data for message in await reader.fetch(2)] == [b"old", b"new"]
    await client.close()
