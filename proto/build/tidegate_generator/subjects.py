"""Reads proto/subjects: every family of subjects and every stream, checked against each other."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tidegate_generator.errors import GeneratorError

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_generator.model import Contract, Message

SERVICES = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
OPERATOR = "operator"
CORE = "core"
EVERY, OWNER, READERS_OF_OWNER = "every-service", "owner", "readers-of-owner"
HOSTED = {"venue": "execution"}
"""Shards that another service hosts."""
_CHANNELS = ("feed", "shard", "counter", "none")
_KEYS = {
    *("subject", "message", "writer", "readers", "stream", "channel", "retention", "signed"),
    *("rank", "order", "description"),
}
_OPTIONAL_KEYS = {"tokens", "replies", "producer"}
_SECONDS = {"h": 3600, "d": 86_400}
_BYTES = {"MiB": 2**20, "GiB": 2**30}


@dataclass(frozen=True)
class Subject:
    """One YAML file: a family of subjects that carries one message."""

    name: str
    pattern: str
    schema: str
    writers: tuple[str, ...]
    producer: str
    readers: tuple[str, ...]
    stream: str | None
    channel: str
    retention_s: int
    signed: bool
    rank: int | None
    order: tuple[str, ...]
    tokens: tuple[tuple[str, str], ...]
    replies: bool
    owned: str
    description: str

    @property
    def root(self) -> str:
        """The first token, which belongs to one stream."""
        return self.pattern.split(".", 1)[0]


@dataclass(frozen=True)
class Stream:
    """One stream, with the subjects that name it."""

    name: str
    subjects: tuple[str, ...]
    writer: str
    retention_s: int
    bytes_max: int
    description: str


def load_subjects(folder: Path, contract: Contract) -> tuple[list[Subject], list[Stream]]:
    """Return all subjects, those with a rank first and in its order, and all streams."""
    subjects = [
        _subject(path, contract)
        for path in sorted(folder.glob("*.yaml"))
        if path.name != "streams.yaml"
    ]
    subjects.sort(key=lambda s: (s.stream is None, s.rank is None, s.rank, s.name))
    _check_unique(subjects)
    settings = yaml.safe_load((folder / "streams.yaml").read_text())
    return subjects, [_stream(name, setting, subjects) for name, setting in settings.items()]


def _subject(path: Path, contract: Contract) -> Subject:
    document = yaml.safe_load(path.read_text())
    found = set(document)
    if not _KEYS <= found <= _KEYS | _OPTIONAL_KEYS:
        wrong = sorted(_KEYS - found) + sorted(found - _KEYS - _OPTIONAL_KEYS)
        raise GeneratorError(path.name, f"the keys {sorted(_KEYS)}", f"missing or unknown: {wrong}")
    if document["channel"] not in _CHANNELS:
        raise GeneratorError(path.name, f"channel to be one of {_CHANNELS}", document["channel"])
    message = contract.message(document["message"])
    tokens = _tokens(path.name, document)
    order = tuple(document["order"])
    _check_fields(path.name, message, contract, [*dict(tokens).values(), *order])
    core = document["stream"] == CORE
    return Subject(
        name=path.stem,
        pattern=document["subject"],
        schema=message.schema,
        writers=_services(path.name, document["writer"]),
        producer=_producer(path.name, document),
        readers=_services(path.name, document["readers"]),
        stream=None if core else document["stream"],
        channel=document["channel"],
        retention_s=0 if core else _quantity(path.name, document["retention"], _SECONDS),
        signed=document["signed"],
        rank=None if document["rank"] == "none" else document["rank"],
        order=order,
        tokens=tokens,
        replies=document.get("replies", False),
        owned={OWNER: "written", READERS_OF_OWNER: "read"}.get(str(document["writer"]), ""),
        description=document["description"].strip(),
    )


def _services(where: str, value: str | list[str]) -> tuple[str, ...]:
    if value in (EVERY, OWNER, READERS_OF_OWNER):
        return SERVICES
    names = [value] if isinstance(value, str) else value
    for name in names:
        if name not in (*SERVICES, OPERATOR):
            raise GeneratorError(where, f"one of {(*SERVICES, OPERATOR, EVERY)}", name)
    return tuple(names)


def _producer(where: str, document: dict[str, Any]) -> str:
    """Return the kind of shard that writes a kept subject; its messages are one channel."""
    producer = str(document.get("producer", ""))
    if (document["stream"] == CORE) is not (producer == ""):
        raise GeneratorError(where, "a producer exactly for subjects in streams", repr(producer))
    kind = producer.partition("/")[0]
    if producer and HOSTED.get(kind, kind) != document["writer"]:
        raise GeneratorError(where, f"a producer shard of {document['writer']}", producer)
    return producer


def _tokens(where: str, document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return each name of the pattern with the field that it is written from."""
    given = document.get("tokens", {})
    names = re.findall(r"<(\w+)>", document["subject"])
    if not set(given) <= set(names):
        raise GeneratorError(where, f"tokens for {names}", str(sorted(given)))
    usual = {"timeframe": "timeframe_ns"}
    return tuple((name, given.get(name, usual.get(name, name))) for name in names)


def _check_fields(where: str, message: Message, contract: Contract, paths: list[str]) -> None:
    """Every path must name a field, through messages."""
    for path in paths:
        at = message
        for part in path.removeprefix("-").split("."):
            field = next((f for f in at.fields if f.name == part), None)
            if field is None:
                raise GeneratorError(where, f"a field of {at.schema}", path)
            if field.kind == "message":
                at = contract.message(field.type_name)


def _check_unique(subjects: list[Subject]) -> None:
    for expected, values in (
        ("one subject for a message", [s.schema for s in subjects]),
        ("one subject for a rank", [f"rank {s.rank}" for s in subjects if s.rank is not None]),
    ):
        twice = sorted(value for value, count in Counter(values).items() if count > 1)
        if twice:
            raise GeneratorError("proto/subjects", expected, f"{twice} more than once")
    for subject in subjects:
        others = {s.stream for s in subjects if s.root == subject.root}
        if len(others) > 1:
            raise GeneratorError(subject.name, f"one stream for {subject.root}.>", f"{others}")


def _stream(name: str, setting: dict[str, str], subjects: list[Subject]) -> Stream:
    own = [s for s in subjects if s.stream == name]
    for kind, values in (
        ("subjects", {len(own) > 0}),
        ("one writer", {s.writers for s in own}),
        ("one retention", {s.retention_s for s in own}),
    ):
        if len(values) != 1 or values == {False}:
            raise GeneratorError(f"stream {name}", kind, f"{values}")
    roots = sorted({s.root for s in own})
    literal = {s.pattern for s in own if "<" not in s.pattern}
    return Stream(
        name=name,
        subjects=tuple(
            next((p for p in literal if p.startswith(f"{root}.")), f"{root}.>") for root in roots
        ),
        writer=own[0].writers[0],
        retention_s=own[0].retention_s,
        bytes_max=_quantity(name, setting["bytes_max"], _BYTES),
        description=setting["description"],
    )


def _quantity(where: str, text: str, units: dict[str, int]) -> int:
    match = re.fullmatch(r"(\d+)([A-Za-z]+)", text)
    if match is None or match[2] not in units:
        raise GeneratorError(where, f"a number with one of {sorted(units)}", text)
    return int(match[1]) * units[match[2]]
