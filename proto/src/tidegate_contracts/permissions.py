"""What each NATS user may publish and subscribe to: exactly what proto/subjects gives it.

A service publishes the subjects that it writes and subscribes to the channels that it reads
(a channel is read whole: `tidegate_contracts.subjects.heard_by`). Its pull
consumers are made by the deploy user; it may fetch from and acknowledge its own durables, and
look up single messages: in a whole stream when every subject of it is its business, else by the
last message of a subject that is. Nobody but the deploy user administers streams and durables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.errors import DeploymentError
from tidegate_contracts.subjects import (
    SERVICES,
    STREAMS,
    SUBJECTS,
    durable_name,
    heard_by,
    service_of,
    wildcard_of,
    written_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_contracts.definitions import StreamDefinition, SubjectDefinition

DEPLOY = "deploy"
"""Administers streams and durables, backs them up and restores them; publishes no messages."""
OPERATOR = "operator"
"""The command line: `tidegate tap` and the kill on core NATS."""
USERS = (*SERVICES, DEPLOY, OPERATOR)
"""Every NATS user of an installation."""


def inbox_prefix(user: str) -> str:
    """Return the prefix of a user's own inboxes, as NATS clients take it."""
    return f"_INBOX_{user}"


def permissions(user: str, shards: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return ``{"publish": [...], "subscribe": [...]}`` for a user, sorted.

    ``shards`` are the shards that the service hosts: NATS cannot match a part of a durable's
    name, so each durable is named.
    """
    if user not in USERS:
        raise DeploymentError("permissions", f"one of {', '.join(USERS)}", user)
    strange = [shard for shard in shards if service_of(shard) != user]
    if strange:
        raise DeploymentError("permissions", f"shards of {user}", ", ".join(strange))
    inbox = f"{inbox_prefix(user)}.>"
    if user == DEPLOY:
        return {"publish": ["$JS.API.>", "$JS.SNAPSHOT.>"], "subscribe": [inbox]}
    publish = {*_published(user), *_consumed(user, shards), *_looked_up(user)}
    return {"publish": sorted(publish), "subscribe": sorted({*_subscribed(user), inbox})}


def _published(user: str) -> Iterable[str]:
    for definition in SUBJECTS.values():
        if definition.owned:
            if definition.owned == "written":
                yield from _owned_by(definition, [user] if user in SERVICES else [])
            else:
                yield from _owned_by(definition, _producers_for(user))
        elif user in definition.writers:
            yield definition.wildcard
        if definition.replies and user in definition.readers:
            yield from (f"{inbox_prefix(writer)}.>" for writer in definition.writers)


def _subscribed(user: str) -> Iterable[str]:
    if user == OPERATOR:
        yield from _widest(SUBJECTS.values())
        return
    yield from _widest(d for d in heard_by(user) if not d.owned)
    for definition in SUBJECTS.values():
        if definition.owned == "written":
            yield from _owned_by(definition, _producers_for(user))
        elif definition.owned == "read":
            yield from _owned_by(definition, [user])


def _producers_for(user: str) -> list[str]:
    """Return the services whose channels a service reads."""
    return [
        service
        for service in SERVICES
        if any(user in d.readers for d in written_by(service) if d.stream is not None)
    ]


def _owned_by(definition: SubjectDefinition, services: Iterable[str]) -> list[str]:
    return [definition.pattern.replace("<service>", service) for service in services]


def _widest(definitions: Iterable[SubjectDefinition]) -> set[str]:
    """Return filters for families; one for a whole root where all of its families are there."""
    given = list(definitions)
    filters = set()
    for definition in given:
        family = [d for d in SUBJECTS.values() if d.root == definition.root]
        whole = len(family) > 1 and all(d in given for d in family)
        filters.add(f"{definition.root}.>" if whole else wildcard_of(definition))
    return filters


def streams_read_by(service: str) -> list[StreamDefinition]:
    """Return the streams of which at least one family reaches a service."""
    names = {definition.stream for definition in heard_by(service)}
    return [stream for stream in STREAMS.values() if stream.name in names]


def _consumed(user: str, shards: Sequence[str]) -> Iterable[str]:
    for stream in streams_read_by(user):
        for shard in shards:
            durable = durable_name(shard)
            yield f"$JS.ACK.{stream.name}.{durable}.>"
            yield f"$JS.API.CONSUMER.MSG.NEXT.{stream.name}.{durable}"
            yield f"$JS.API.CONSUMER.INFO.{stream.name}.{durable}"


def _looked_up(user: str) -> Iterable[str]:
    """Single messages: by sequence only in streams that hold nothing but the user's business."""
    business = {d.name for d in (*heard_by(user), *written_by(user))}
    for stream in STREAMS.values():
        families = [d for d in SUBJECTS.values() if d.stream == stream.name]
        own = [d for d in families if d.name in business]
        if own:
            yield f"$JS.API.STREAM.INFO.{stream.name}"
        if own == families:
            yield f"$JS.API.STREAM.MSG.GET.{stream.name}"
            yield f"$JS.API.DIRECT.GET.{stream.name}"
        for definition in own:
            yield f"$JS.API.DIRECT.GET.{stream.name}.{wildcard_of(definition)}"
