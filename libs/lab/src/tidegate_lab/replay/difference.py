"""One input that came to something else than when it was recorded, both versions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_chassis.host.inputs import InputKind, unpack_event
from tidegate_contracts import codec
from tidegate_kernel.machine import Answer, CancelTimer, Publish, Replied, Request, SetTimer
from tidegate_lab.replay.causes import Cause
from tidegate_lab.replay.readable import Document, document_of, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.inputs import JournalRow
    from tidegate_chassis.recorded.recording import Message, Recording
    from tidegate_kernel.machine import Effect, Event

OUTCOMES = frozenset({InputKind.REPLIED, InputKind.INTERRUPTED, InputKind.WITHHELD})


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One effect: ``kind`` is publish, request, answer, timer or cancel."""

    kind: str
    name: str
    fields: Document


class FieldDifference(msgspec.Struct, frozen=True):
    """A field that differs; a version without it has None."""

    path: str
    recorded: Any
    replayed: Any


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What an input came to then and now. ``recorded`` and ``replayed`` are the first that differ.

    ``kind``: EFFECTS (something else was decided), RAISED (this code cannot handle the input),
    STATE (equal effects, but another state at a snapshot), RECORD (the hash of the effects fits,
    the kept message does not: the record was changed).
    """

    kind: str
    shard: str
    n: int
    core_recorded: str
    recorded_hash: str
    replayed_hash: str
    recorded: Said | None = None
    replayed: Said | None = None
    fields: tuple[FieldDifference, ...] = ()
    note: str = ""
    causes: tuple[Cause, ...] = ()


def said_now(effects: Sequence[Effect]) -> list[Said]:
    """Return a machine's effects as documents."""
    return [_said(effect) for effect in effects]


def _said(effect: Effect) -> Said:
    if isinstance(effect, Publish):
        return _body("publish", effect.body)
    if isinstance(effect, Request):
        return _body("request", effect.body)
    if isinstance(effect, Answer):
        return _body("answer", effect.body)
    if isinstance(effect, SetTimer):
        return Said(kind="timer", name=effect.name, fields=document_of(effect))
    assert isinstance(effect, CancelTimer)
    return Said(kind="cancel", name=effect.name, fields={})


def said_then(
    recording: Recording, shard: str, row: JournalRow, messages: Sequence[Message]
) -> list[Said]:
    """Return what is known of an input's recorded effects: messages, requests, and an answer."""
    published = [_body("publish", message.body) for message in messages]
    return [
        *published,
        *_requested(recording, shard, row.n),
        *_answered(recording, shard, row),
    ]


def first_difference(
    recorded: list[Said], replayed: list[Said]
) -> tuple[Said | None, Said | None, tuple[FieldDifference, ...]]:
    """Return the first effects that differ, kind by kind, and their fields that do.

    Messages are compared in their order, then requests, then answers. Timers are recorded in the
    hash alone, so none of them is ever named as the recorded one.
    """
    for kind in ("publish", "request", "answer"):
        then = [each for each in recorded if each.kind == kind]
        now = [each for each in replayed if each.kind == kind]
        for index in range(max(len(then), len(now))):
            left = then[index] if index < len(then) else None
            right = now[index] if index < len(now) else None
            if left != right:
                return left, right, field_differences(left, right)
    return None, None, ()


def field_differences(left: Said | None, right: Said | None) -> tuple[FieldDifference, ...]:
    """Return the fields in which two effects differ."""
    if left is None or right is None or left.name != right.name:
        return ()
    return tuple(_walk("", left.fields, right.fields))


def _walk(path: str, left: object, right: object) -> list[FieldDifference]:
    if left == right:
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        names = [*left, *(name for name in right if name not in left)]
        return [
            each
            for name in names
            for each in _walk(f"{path}.{name}".lstrip("."), left.get(name), right.get(name))
        ]
    if isinstance(left, list) and isinstance(right, list):
        return [
            each
            for place in range(max(len(left), len(right)))
            for each in _walk_item(path, place, _item(left, place), _item(right, place))
        ]
    return [FieldDifference(path, left, right)]


def _walk_item(path: str, place: int, left: object, right: object) -> list[FieldDifference]:
    """Compare two items of a list; what has a name is known by it and not by its place."""
    names = [each.get("name") for each in (left, right) if isinstance(each, dict)]
    known = len(names) == 2 and names[0] and names[0] == names[1]  # noqa: PLR2004 - both
    return _walk(f"{path}[{names[0] if known else place}]", left, right)


def _item(values: list[object], place: int) -> object:
    return values[place] if place < len(values) else None


def _body(kind: str, body: msgspec.Struct) -> Said:
    return Said(kind=kind, name=short(codec.schema_of(body)), fields=document_of(body))


def _requested(recording: Recording, shard: str, n: int) -> list[Said]:
    """Return the requests that an input made, as their outcomes quote them."""
    found: dict[int, Said] = {}
    prefix = f"{shard}:{n}."
    for tail in recording.rows(shard, n):
        if tail.row.kind in OUTCOMES and tail.row.name.startswith(prefix):
            event: Event = unpack_event(tail.row)
            index = int(tail.row.name.removeprefix(prefix))
            found[index] = _body("request", event.request)  # type: ignore[union-attr]
    return [found[index] for index in sorted(found)]


def _answered(recording: Recording, shard: str, row: JournalRow) -> list[Said]:
    """Return the answer to a call of another shard, as the asker's journal holds it."""
    if row.kind != InputKind.CALLED:
        return []
    asker, _, place = row.name.rpartition(":")
    if not place.replace(".", "").isdigit() or asker == shard or "/" not in asker:
        return []
    for tail in recording.rows(asker, int(place.partition(".")[0])):
        if tail.row.kind == InputKind.REPLIED and tail.row.name == row.name:
            event = unpack_event(tail.row)
            assert isinstance(event, Replied)
            return [_body("answer", event.answer)]
    return []
