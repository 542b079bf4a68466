"""Reads YAML and remembers the line of every value.

Only what YAML 1.2 calls core is recognised: `true` and `false` are the only truth values (the
symbols ON and NO stay text), and dates stay text. A key given twice is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from tidegate_chassis.configuration.problem import ConfigurationError, Problem

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a tree: keys of mappings and indexes of lists."""

_CORE = {
    "tag:yaml.org,2002:bool": (re.compile(r"^(?:true|false)$"), "tf"),
    "tag:yaml.org,2002:int": (re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    "tag:yaml.org,2002:float": (
        re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
        "-+.0123456789",
    ),
    "tag:yaml.org,2002:null": (re.compile(r"^(?:~|null|)$"), ["~", "n", ""]),
}

_TAGS = {*_CORE, *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))}


class _CoreLoader(yaml.SafeLoader):
    """A loader with the core schema's resolvers and no others."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, (_pattern, _first) in _CORE.items():
    _CoreLoader.add_implicit_resolver(_tag, _pattern, list(_first))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain values, with the line of each (1 is the first)."""

    path: Path
    tree: dict[str, object]
    lines: Mapping[Place, int]

    def line_of(self, place: Place) -> int:
        """Return the line of a value, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: ``flag``, ``environment``, ``dotenv``, ``file`` or ``default``."""

    kind: str
    source: str = ""
    line: int = 0


def sessions_of(tree: Mapping[str, object]) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield what may be a session, with its place in the list; the rest is judged elsewhere."""
    sessions = tree.get("sessions")
    for index, session in enumerate(sessions if isinstance(sessions, list) else []):
        if isinstance(session, dict):
            yield index, session


def read_document(path: Path) -> Document:
    """Read a file; anything that is not one mapping is a `ConfigurationError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([_unreadable(path, error)]) from error
    return parse_document(text, path)


def parse_document(text: str, path: Path) -> Document:
    """Read the text of a file."""
    try:
        root = yaml.compose(text, Loader=_CoreLoader)
    except yaml.YAMLError as error:
        raise ConfigurationError([_not_yaml(path, error)]) from error
    if not isinstance(root, yaml.MappingNode):
        found = "nothing" if root is None else "a list or a single value"
        problem = Problem("tidegate.yaml", "a mapping with `sessions:`", found)
        raise ConfigurationError([problem.at(str(path), 1)])
    reader = _Reader(path)
    tree = reader.mapping(root, ())
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return Document(path, tree, reader.lines)


def parse_scalar(text: str) -> object:
    """Read one value as it would be read in the file: ``10``, ``true``, ``[AAPL, IBM]``."""
    try:
        node = yaml.compose(text, Loader=_CoreLoader)
    except yaml.YAMLError:
        return text
    if node is None:
        return text
    return _Reader(Path()).value(node, ())


@dataclass(slots=True)
class _Reader:
    """Turns nodes into values, collecting lines and problems."""

    path: Path
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    constructor: _CoreLoader = field(default_factory=lambda: _CoreLoader(""))

    def value(self, node: yaml.Node, place: Place) -> object:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if node.tag not in _TAGS:
            problem = Problem(
                place_text(place), "a plain value", f"the tag {node.tag}", "remove it"
            )
            self.problems.append(problem.at(str(self.path), node.start_mark.line + 1))
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, i)) for i, item in enumerate(node.value)]
        return self.constructor.construct_object(node)

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                twice = Problem(place_text((*place, key)), "the key once", "it twice", "remove one")
                self.problems.append(twice.at(str(self.path), line))
            self.lines[(*place, key)] = line
            result[key] = self.value(value_node, (*place, key))
        return result


def place_text(place: Place, tree: object = None) -> str:
    """Write a place as ``sessions.demo.feed.paths[0]``: items that have a name by their name."""
    text = ""
    for step in place:
        tree = _child(tree, step)
        if isinstance(step, str):
            text += f".{step}" if text else step
        elif isinstance(tree, dict) and isinstance(tree.get("name"), str):
            text += f".{tree['name']}"
        else:
            text += f"[{step}]"
    return text


def find_place(text: str, tree: object) -> Place | None:
    """Read what `place_text` wrote; None when a list has no such item.

    Keys may be written in upper case and with ``_`` for ``-``, as environment variables do.
    """
    steps: list[str | int] = []
    for token in re.findall(r"[^.\[\]]+", text):
        step = _step(token, tree)
        if step is None:
            return None
        steps.append(step)
        tree = _child(tree, step)
    return tuple(steps)


def _step(token: str, tree: object) -> str | int | None:
    if not isinstance(tree, list):
        keys = tree if isinstance(tree, dict) else {}
        return next((key for key in keys if _same(key, token)), token)
    for index, item in enumerate(tree):
        if isinstance(item, dict) and _same(str(item.get("name", "")), token):
            return index
    return int(token) if token.isdigit() and int(token) < len(tree) else None


def _same(name: str, token: str) -> bool:
    return name == token or name.lower().replace("-", "_") == token.lower().replace("-", "_")


def _child(tree: object, step: str | int) -> object:
    if isinstance(tree, dict):
        return tree.get(step)
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    return None


def _unreadable(path: Path, error: Exception) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
    missing = isinstance(error, FileNotFoundError)
    hint = "`tidegate init` writes one; --config names another" if missing else ""
    return Problem("tidegate.yaml", "a readable file", str(reason), hint).at(str(path))


def _not_yaml(path: Path, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    found = str(getattr(error, "problem", None) or error).splitlines()[0]
    hint = "look at the indentation and the quotes on this line"
    problem = Problem("tidegate.yaml", "YAML", found, hint)
    return problem.at(str(path), mark.line + 1 if mark else 0)
