"""Where a message goes: subjects, streams, the order inside a round, filters.

The tables are generated from proto/subjects; `docs/reference/flow.md` shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts import subjects_functions, subjects_table
from tidegate_contracts.codec import schema_of
from tidegate_contracts.errors import SubjectError
from tidegate_contracts.tokens import service_of, token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_contracts.definitions import (
        StreamDefinition,
        SubjectDefinition,
    )
    from tidegate_kernel.machine import Body

__all__ = [
    "SERVICES",
    "STREAMS",
    "SUBJECTS",
    "content_key",
    "definition_of",
    "durable_name",
    "family_of",
    "filter_of",
    "heard_by",
    "matches",
    "read_by",
    "service_of",
    "stream_of",
    "streams_of",
    "subject_of",
    "wildcard_of",
    "written_by",
]

SERVICES = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
SUBJECTS: dict[str, SubjectDefinition] = {
    definition.schema: definition for definition in subjects_table.SUBJECTS
}
"""Every family of subjects by the schema of its message."""
STREAMS: dict[str, StreamDefinition] = {stream.name: stream for stream in subjects_table.STREAMS}
"""Every stream by its name."""
_DEFINITIONS: dict[type[Body], SubjectDefinition] = {
    entry.type: SUBJECTS[schema_of(entry.type)] for entry in subjects_functions.FUNCTIONS
}
_SUBJECTS = {entry.type: entry.subject for entry in subjects_functions.FUNCTIONS}
_KEYS = {entry.type: entry.key for entry in subjects_functions.FUNCTIONS if entry.key is not None}


def definition_of(body: Body | type[Body]) -> SubjectDefinition:
    """Return the family of subjects of a message or its type."""
    kind = body if isinstance(body, type) else type(body)
    try:
        return _DEFINITIONS[kind]
    except KeyError:
        raise _undeclared(kind) from None


def subject_of(body: Body) -> str:
    """Return the subject of a message, such as ``bars.replay-demo.1d.XNAS.AAPL``."""
    try:
        write = _SUBJECTS[type(body)]
    except KeyError:
        raise _undeclared(type(body)) from None
    return write(body)


def _undeclared(kind: type[Body]) -> SubjectError:
    return SubjectError(kind.__name__, "a message that proto/subjects declares", "no subject")


def content_key(body: Body) -> tuple[object, ...]:
    """Return the place of a message inside a round: the rank of its family, then its content.

    Sort with it stably, messages of one channel in channel order: several changes of one thing
    (the states of an order) have equal keys and keep the order in which they were published.
    """
    try:
        key = _KEYS[type(body)]
    except KeyError:
        expected = "a message that machines read from the bus"
        raise SubjectError(type(body).__name__, expected, "no rank") from None
    return key(body)


def filter_of(kind: type[Body], **names: str) -> str:
    """Return the filter for a family: ``filter_of(Fill, session="demo")`` is ``fills.demo.>``.

    Names that are not given match everything.
    """
    pattern = definition_of(kind).pattern
    tokens = pattern.split(".")
    unknown = sorted(set(names) - {t[1:-1] for t in tokens if t.startswith("<")})
    if unknown:
        raise SubjectError(kind.__name__, f"names of {pattern}", ", ".join(unknown))
    filled = [
        (token(names[t[1:-1]]) if t[1:-1] in names else "*") if t.startswith("<") else t
        for t in tokens
    ]
    return _shortened(filled)


def wildcard_of(definition: SubjectDefinition) -> str:
    """Return the filter for everything in a family: ``fills.>``."""
    return _shortened(definition.wildcard.split("."))


def _shortened(tokens: list[str]) -> str:
    """Write trailing ``*`` as one ``>``, so that every narrower filter is inside it."""
    end = len(tokens)
    while tokens[end - 1] == "*":
        end -= 1
    return ".".join([*tokens[:end], ">"] if end < len(tokens) else tokens)


def matches(pattern: str, subject: str) -> bool:
    """Tell whether a NATS filter takes a subject (or is at least as wide as another filter)."""
    wanted, found = pattern.split("."), subject.split(".")
    for at, part in enumerate(wanted):
        if part == ">":
            return len(found) > at
        if at >= len(found) or found[at] == ">" or part not in ("*", found[at]):
            return False
    return len(wanted) == len(found)


def family_of(subject: str) -> SubjectDefinition:
    """Return the family that a subject belongs to."""
    for definition in SUBJECTS.values():
        if matches(definition.wildcard, subject):
            return definition
    raise SubjectError(subject, "a subject that proto/subjects declares", "none like it")


def streams_of(filters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the streams that hold the given filters, each with its filters, both sorted."""
    found: dict[str, list[str]] = {}
    for pattern in sorted(set(filters)):
        stream = stream_of(pattern)
        if stream is not None:
            found.setdefault(stream.name, []).append(pattern)
    return {name: tuple(patterns) for name, patterns in sorted(found.items())}


def stream_of(pattern: str) -> StreamDefinition | None:
    """Return the stream that holds a subject or filter; None when it is core NATS only."""
    family = _FAMILIES.get(pattern.split(".", 1)[0])
    if family is None:
        raise SubjectError(pattern, "a subject that proto/subjects declares", "none like it")
    return None if family.stream is None else STREAMS[family.stream]


# root -> the first family that it begins
_FAMILIES = {definition.root: definition for definition in reversed(SUBJECTS.values())}


def written_by(service: str) -> tuple[SubjectDefinition, ...]:
    """Return the families that a service writes."""
    return tuple(d for d in SUBJECTS.values() if service in d.writers)


def read_by(service: str) -> tuple[SubjectDefinition, ...]:
    """Return the families that a service reads."""
    return tuple(d for d in SUBJECTS.values() if service in d.readers)


def heard_by(service: str) -> tuple[SubjectDefinition, ...]:
    """Return the families that reach a service: those it reads, and the rest of their channels.

    A channel is numbered and chained as a whole, so a reader takes all of it and drops what is
    not its own.
    """
    producers = {d.producer for d in read_by(service) if d.producer}
    return tuple(d for d in SUBJECTS.values() if service in d.readers or d.producer in producers)


def durable_name(shard: str) -> str:
    """Return the name of a shard's durable in every stream that it reads."""
    return f"{service_of(shard)}-{shard.replace('/', '_')}"
