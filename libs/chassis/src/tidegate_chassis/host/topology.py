"""Which shard speaks in which channel, on which subjects, and who hears it.

A channel is named after the shard that writes it. So everything here follows from a shard's
name and from the table of subjects.
"""

from __future__ import annotations

from functools import cache

from tidegate_chassis.host.errors import UndeclaredSubject
from tidegate_contracts import subjects
from tidegate_contracts.tokens import token

SIGNED_SCHEMAS = frozenset(d.schema for d in subjects.SUBJECTS.values() if d.signed)
SOURCE = "source"
"""Stands for a channel in the journal of a feed: how far its source was read; not on the bus."""

_OWN_ROOTS = {"venue": {"venue"}, "gate": {"gate"}}


def channel_of(body: object, shard: str) -> str:  # noqa: ARG001 - one channel a shard, so far
    """Return the channel in which a shard says something."""
    return shard


def is_own_channel(shard: str, channel: str) -> bool:
    """Tell whether a shard writes a channel."""
    return channel == shard


def service_of_channel(channel: str) -> str:
    """Return the service that hosts a channel's writer."""
    return subjects.service_of(channel)


@cache
def own_subjects(shard: str) -> tuple[tuple[str, str], ...]:
    """Return (subject filter, stream) of everything that a shard says."""
    kind, _, rest = shard.partition("/")
    special = "gate" if shard == "risk/gate" else kind
    name = rest.partition("/")[0]
    scope = name if name == "*" else token(name)
    found = []
    for family in subjects.written_by(service_of_channel(shard)):
        mine = _OWN_ROOTS.get(special)
        others = {root for roots in _OWN_ROOTS.values() for root in roots}
        if family.stream is None or (family.root not in mine if mine else family.root in others):
            continue
        filled = family.pattern.replace("<session>", scope).replace("<feed>", scope)
        tokens = ["*" if part.startswith("<") else part for part in filled.split(".")]
        found.append((".".join(tokens), family.stream))
    return tuple(dict.fromkeys(found))


@cache
def reads_channel(reads: tuple[str, ...], channel: str) -> bool:
    """Tell whether a shard with these subject filters reads a channel."""
    return any(_may_match(read, own) for own, _ in own_subjects(channel) for read in reads)


@cache
def first_tokens(channel: str) -> frozenset[str]:
    """Return the first tokens of the subjects that a channel's messages are said on."""
    return frozenset(own.partition(".")[0] for own, _ in own_subjects(channel))


_KINDS = {"gate": "risk/gate", "venue": "venue"}


@cache
def whole_channels(reads: tuple[str, ...]) -> tuple[str, ...]:
    """Return the filters that take in the whole channels that these filters touch.

    A channel is the unit of reading: a reader takes all of it and drops what is not its own.
    """
    found = [own for shard in producers_of(reads) for own, _ in own_subjects(shard)]
    return tuple(dict.fromkeys(found))


@cache
def producers_of(reads: tuple[str, ...]) -> tuple[str, ...]:
    """Return the shards whose channels these filters touch; ``kind/*`` for every session."""
    shards: list[str] = []
    for read in reads:
        root, _, rest = read.partition(".")
        name = rest.partition(".")[0].replace(">", "*")
        kind = _KINDS.get(root) or _writer_of_root(root)
        shards.append(kind if "/" in kind else f"{kind}/{name}")
    return tuple(dict.fromkeys(shards))


@cache
def schemas_read(reads: tuple[str, ...]) -> frozenset[str]:
    """Return the schemas that these filters ask for."""
    return frozenset(
        family.schema
        for family in subjects.SUBJECTS.values()
        for read in reads
        if _may_match(read, family.wildcard)
    )


def _may_match(left: str, right: str) -> bool:
    """Tell whether two filters have a subject in common."""
    wanted, found = left.split("."), right.split(".")
    for a, b in zip(wanted, found, strict=False):
        if ">" in (a, b):
            return True
        if a != b and "*" not in (a, b):
            return False
    return len(wanted) == len(found)


def _writer_of_root(root: str) -> str:
    families = [family for family in subjects.SUBJECTS.values() if family.root == root]
    if not families:
        message = f"expected a subject that proto/subjects declares, found {root!r}"
        raise UndeclaredSubject(message)
    return families[0].writers[0]
