"""Which shard speaks in which channel, on which subjects, and who hears it.

A channel is named after the shard that writes it. So everything here follows from a shard's
name and from the table of subjects.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tidegate_chassis.host.errors import UndeclaredSubject
from tidegate_contracts import subjects
from tidegate_contracts.tokens import token

if TYPE_CHECKING:
    from tidegate_contracts.definitions import SubjectDefinition

SIGNED_SCHEMAS = frozenset(d.schema for d in subjects.SUBJECTS.values() if d.signed)
SOURCE = "source"
"""Stands for a channel in the journal of a feed: how far its source was read; not on the bus."""


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
    name = rest.partition("/")[0]
    scope = name if name == "*" else token(name)
    speaker = shard if shard in _single_shards() else kind
    found = []
    for family in subjects.SUBJECTS.values():
        if family.stream is None or _speaker(family) != speaker:
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
        kind = _speaker_of_root(root)
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


def _speaker_of_root(root: str) -> str:
    streamed = (family for family in subjects.SUBJECTS.values() if family.stream is not None)
    families = [family for family in streamed if family.root == root]
    if not families:
        message = f"expected a streamed subject that proto/subjects declares, found {root!r}"
        raise UndeclaredSubject(message)
    return _speaker(families[0])


def _speaker(family: SubjectDefinition) -> str:
    """Return the kind of shard that says something, or the one shard that does."""
    kind, _, name = family.producer.partition("/")
    return kind if name.startswith("<") else family.producer


@cache
def _single_shards() -> frozenset[str]:
    """Return the shards of which there is one, whatever sessions there are: the gate's."""
    speakers = {_speaker(f) for f in subjects.SUBJECTS.values() if f.stream is not None}
    return frozenset(each for each in speakers if "/" in each)
