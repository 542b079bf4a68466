"""What was recorded of the real venues, which adapter of ours reads it, and ways to damage it.

The recordings are no part of the project: without them there are no payloads, and tests skip.
Every payload has exactly one decision in `recording_decisions`: who reads it, or why nobody does.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from tests.venues.recording_decisions import DECISIONS, Reader

from tidegate_kernel.money import use_money_context

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "fixtures"
REASON = f"the recordings are not here: expected the folder ../{'/'.join(FOLDER.parts[-3:])}"
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason=REASON)
Json = Any
"""JSON of any shape."""
Field = tuple[str | int, ...]
"""Where a value is in a payload: names and indexes from the top."""
METHODS = ("get", "post", "patch", "delete", "put")


@dataclass(frozen=True)
class Payload:
    """One recorded answer or message."""

    # The file, then what it is called there.
    name: str
    body: Json

    @property
    def decision(self) -> Reader | str:
        """Who reads it, or why nobody does; `LookupError` unless exactly one decision fits."""
        fitting = [made for pattern, made in DECISIONS if pattern.fullmatch(self.name)]
        if len(fitting) != 1:
            message = (
                f"expected one decision for the recorded payload {self.name}, found "
                f"{len(fitting)}: say in tests/venues/recording_decisions.py who reads it, or why "
                "nobody does"
            )
            raise LookupError(message)
        return fitting[0]


@cache
def payloads() -> list[Payload]:
    """Return every payload of every recording; none without the recordings."""
    files = sorted(FOLDER.iterdir()) if FOLDER.is_dir() else []
    return [each for path in files for each in _payloads_of(path)]


def read_by(*readers: Reader) -> list[Any]:
    """Return the payloads of readers as parameters of a test; without recordings, one to skip."""
    found = [each for reader in readers for each in _read_by(reader)]
    return [pytest.param(each, id=each.name) for each in found] or [_absent()]


def _read_by(reader: Reader) -> list[Payload]:
    """Return what a reader reads; of payloads that are the same, the first."""
    found = [each for each in payloads() if each.decision is reader]
    first = {json.dumps(each.body, sort_keys=True): each for each in reversed(found)}
    return [each for each in found if each in first.values()]


def _absent() -> Json:
    return pytest.param(None, marks=pytest.mark.skip(REASON), id="no recordings")


def fields_of(body: object, start: Field = ()) -> Iterator[Field]:
    """Yield every named field at every level."""
    named = body.items() if isinstance(body, dict) else ()
    for name, value in named:
        yield (*start, name)
        yield from fields_of(value, (*start, name))
    if isinstance(body, list):
        for index, value in enumerate(body):
            yield from fields_of(value, (*start, index))


def pattern_of(field: Field) -> str:
    """Return a field as the tables write it: ``positions.*.qty``."""
    return ".".join("*" if isinstance(part, int) else part for part in field)


def value_at(body: Json, field: Field) -> Json:
    """Return what is at a field."""
    for part in field:
        body = body[part]
    return body


def damaged(body: Json, field: Field) -> list[Any]:
    """Return a payload without a field, and one in which the field is null."""
    without, null = copy.deepcopy(body), copy.deepcopy(body)
    del value_at(without, field[:-1])[field[-1]]
    value_at(null, field[:-1])[field[-1]] = None
    return [without, null]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
UNKNOWN = st.dictionaries(st.text(max_size=4).map("unknown_".__add__), JSON, min_size=1, max_size=3)


def with_unknown(body: Json, unknown: dict[str, Json], maps: Sequence[str] = ()) -> Json:
    """Return a payload with unknown fields in every object, but in no map from symbols."""

    def added(value: Json, field: Field) -> Json:
        if isinstance(value, list):
            return [added(each, (*field, index)) for index, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        more = {} if pattern_of(field) in maps else unknown
        return {name: added(each, (*field, name)) for name, each in value.items()} | more

    return added(body, ())


@dataclass(frozen=True)
class Reading:
    """How an adapter reads one payload, and what it says of it."""

    read: Callable[[Json], object]
    # What is raised over a field that is missing.
    error: type[Exception]
    # Patterns of fields that must be there, and of those whose absence may change what is read.
    required: Collection[str]
    optional: Collection[str] = ()
    # Patterns of maps from names that are no fields.
    maps: Sequence[str] = ()
    # Of the fields that fit a required pattern, those that are read.
    counts: Callable[[Field], bool] = lambda _: True


def check_reading(body: Json, reading: Reading, *, examples: int = 5) -> None:
    """Check a recorded payload, as every adapter's tests do.

    1. It is read.
    2. A field that must be there is named by the error when it is missing or null; so is every
       other whose absence would change what is read.
    3. Unknown fields change nothing, at every level, whatever they hold.
    """
    expected = reading.read(body)
    assert expected is not None, "a recorded payload is read"
    declared = {*reading.required, *reading.optional}
    silent = lost(body, reading.read, reading.error, declared)
    assert not silent, f"expected an error or a declaration of each field that counts: {silent}"
    for field in fields_of(body):
        if _is_required(body, field, reading):
            _check_missing(body, field, reading)

    @settings(max_examples=examples, deadline=None)
    @given(unknown=UNKNOWN)
    def check(unknown: dict[str, Json]) -> None:
        use_money_context()
        assert reading.read(with_unknown(body, unknown, reading.maps)) == expected

    check()


def _is_required(body: Json, field: Field, reading: Reading) -> bool:
    named_so = pattern_of(field) in reading.required and reading.counts(field)
    return named_so and value_at(body, field) not in (None, "")


def _check_missing(body: Json, field: Field, reading: Reading) -> None:
    for now in damaged(body, field):
        with pytest.raises(reading.error, match=named(field)):
            reading.read(now)


def lost(
    body: Json,
    read: Callable[[Json], object],
    error: type[Exception],
    declared: Collection[str],
) -> list[str]:
    """Return the fields, but the declared ones, whose absence changes what is read unnamed."""
    expected = read(body)
    found = []
    for field in fields_of(body):
        if pattern_of(field) in declared:
            continue
        try:
            same = read(damaged(body, field)[0]) == expected
        except error as told:
            same = bool(re.search(named(field), str(told)))
        if not same:
            found.append(_dotted(field))
    return found


def named(field: Field) -> str:
    """Return what an error says that names a field and what was expected."""
    return rf"expected .*\b{re.escape(str(field[-1]))}\b"


def _dotted(field: Field) -> str:
    return ".".join(map(str, field))


# --- the files ----------------------------------------------------------------------------------


def _payloads_of(path: Path) -> Iterator[Payload]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    named = (
        _lines(text) if path.name.endswith(".txt.gz") else _documents(path.name, json.loads(text))
    )
    for name, body in named:
        yield Payload(f"{path.name} {name}", body)


def _documents(file: str, document: Json) -> Iterator[tuple[str, Json]]:
    if "openapi" in file:
        yield from _examples(document)
    elif "items" in document:
        for index, item in enumerate(document["items"]):
            place = item["url"].split("?")[0]
            yield f"{index} {item['method']} {place}", item["json"]
    elif "messages" in document:
        for index, message in enumerate(document["messages"]):
            event = message["data"].get("event", "")
            yield f"{index} {message['stream']} {event}".rstrip(), message
    else:
        yield from document.items()


def _examples(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield the examples of answers with 200, and those of schemas."""
    components = document["components"]
    for path, operations in document["paths"].items():
        for method in [each for each in METHODS if each in operations]:
            answer = operations[method]["responses"].get("200", {})
            content = answer.get("content", {}).get("application/json", {})
            for name, example in content.get("examples", {}).items():
                shared = components.get("examples", {}).get(example.get("$ref", "").split("/")[-1])
                yield f"{method.upper()} {path} {name}", (shared or example)["value"]
            if "example" in content:
                yield f"{method.upper()} {path} example", content["example"]
    for schema, described in components["schemas"].items():
        for name, example in described.get("x-examples", {}).items():
            yield f"schema {schema} {name}", example


def _lines(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the first of each kind of message that a capture has heard."""
    seen: set[str] = set()
    for line in text.splitlines():
        head, _, rest = line.partition(": {")
        if not rest or " <- " in head or head == "configuration":
            continue
        body = json.loads("{" + rest)
        kind = head.split(" -> ")[0] if " -> " in head else body.get("stream") or body["type"]
        if kind not in seen:
            seen.add(kind)
            if "symbols" in body:
                # Of hundreds of markets, one shows what each must have.
                yield f"{kind} whole", body
                body = {**body, "symbols": body["symbols"][:1]}
            yield kind, body
