"""Finds `tidegate.yaml`, lays the environment and flags over it, and judges the result.

Order of the search: ``--config``, ``$TIDEGATE_CONFIG``, ``./tidegate.yaml``,
``$TIDEGATE_HOME/tidegate.yaml``. Precedence of a value: flag, environment, `.env` beside the file,
file, default. Every problem is reported, not only the first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from tidegate_chassis.configuration.document import (
    Document,
    Origin,
    Place,
    find_place,
    parse_scalar,
    place_text,
    read_document,
    sessions_of,
)
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.explain import explain
from tidegate_chassis.configuration.home import tidegate_home
from tidegate_chassis.configuration.known_names import apply_known_names
from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.configuration.problem import (
    ConfigurationError,
    ConfigurationMissingError,
    Problem,
)
from tidegate_chassis.configuration.secrets import secrets_in
from tidegate_chassis.configuration.trading_mode import check_trading_mode

FILE_NAME = "tidegate.yaml"
PACKAGED = "packaged:"
"""Begins the name of data that come with an installed package: no path of the file system."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with the origin of every value."""

    configuration: Configuration
    path: Path
    environment: Environment
    tree: Mapping[str, object]
    origins: Mapping[Place, Origin]

    def origin_of(self, place: Place) -> Origin:
        """Return where a value came from; what nobody set is a default."""
        if place in self.origins:
            return self.origins[place]
        return Origin("default")

    def locate(self, problem: Problem) -> Problem:
        """Return a service's problem with the file and line that it is about."""
        place = find_place(problem.path, self.tree)
        while place and place not in self.origins:
            place = place[:-1]
        origin = self.origins.get(place, Origin("file")) if place else Origin("file")
        return problem.at(origin.source or str(self.path), origin.line)


def find_configuration(named: Path | None, process: Mapping[str, str]) -> Path:
    """Return the configuration file to use; none is a `ConfigurationMissingError`."""
    if named is not None:
        return named
    if variable := process.get("TIDEGATE_CONFIG"):
        return Path(variable)
    searched = (Path.cwd() / FILE_NAME, tidegate_home(Environment(process, {})) / FILE_NAME)
    for path in searched:
        if path.is_file():
            return path
    raise ConfigurationMissingError(searched)


def load(
    named: Path | None = None,
    flags: Sequence[str] = (),
    process: Mapping[str, str] | None = None,
) -> Loaded:
    """Load the configuration; ``flags`` are ``path=value`` texts that win over everything."""
    variables = os.environ if process is None else process
    path = find_configuration(named, variables).absolute()
    environment = Environment.beside(path, variables)
    draft = _Draft(read_document(path))
    draft.override(environment, flags)
    return draft.judge(environment)


def load_configuration(path: Path) -> Configuration:
    """Load one file, as a service does."""
    return load(path).configuration


def dump(configuration: Configuration) -> str:
    """Write a configuration as YAML that `load` reads back to an equal one."""
    tree = configuration.model_dump(mode="json", by_alias=True)
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


@dataclass(slots=True)
class _Draft:
    """A tree on its way to a configuration."""

    document: Document
    origins: dict[Place, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        source = str(self.document.path)
        for place, line in self.document.lines.items():
            self.origins[place] = Origin("file", source, line)
        self._read_limits()

    def override(self, environment: Environment, flags: Sequence[str]) -> None:
        for path, found in environment.overrides():
            self._set(path, found.value, Origin(found.kind, found.source, found.line))
        for flag in flags:
            path, separator, value = flag.partition("=")
            if not separator:
                problem = Problem("--set", "path=value", repr(flag), "sessions.demo.speed=60")
                self.problems.append(problem.at("--set"))
                continue
            self._set(path, value, Origin("flag", f"--set {path}"))

    def judge(self, environment: Environment) -> Loaded:
        tree = self.document.tree
        self._read_limits()
        self._absolute_paths()
        known = apply_known_names(tree, environment)
        self.origins.update(known.origins)
        self.problems += known.problems
        self.problems += [self._located(place, found) for place, found in secrets_in(tree)]
        modes = check_trading_mode(tree, environment)
        self.problems += [self._located(place, found) for place, found in modes]
        configuration = self._validated()
        if self.problems or configuration is None:
            raise ConfigurationError(self.problems)
        return Loaded(configuration, self.document.path, environment, tree, self.origins)

    def _validated(self) -> Configuration | None:
        tree = self.document.tree
        try:
            return Configuration.model_validate(tree)
        except ValidationError as error:
            for place, problem in explain(error, tree, Configuration.model_json_schema()):
                located = self._located(place, problem)
                if located not in self.problems:
                    self.problems.append(located)
            return None

    def _set(self, path: str, text: str, origin: Origin) -> None:
        place = find_place(path, self.document.tree)
        if place is None or not _put(self.document.tree, place, parse_scalar(text)):
            hint = "the items of a list are named by their `name` or their number"
            problem = Problem(path, "the path of a value in the configuration", path, hint)
            self.problems.append(problem.at(origin.source, origin.line))
            return
        self.origins[place] = origin

    def _located(self, place: Place, problem: Problem) -> Problem:
        while place and place not in self.origins:
            place = place[:-1]
        origin = self.origins.get(place, Origin("file", str(self.document.path), 1))
        return problem.at(origin.source, origin.line)

    def _read_limits(self) -> None:
        """Put what a limits file holds where a session names the file."""
        for index, session in sessions_of(self.document.tree):
            named = session.get("limits")
            if not isinstance(named, str) or not named:
                continue
            try:
                held = read_document(Path(str(self._absolute(named))))
            except ConfigurationError as error:
                path = place_text(("sessions", index, "limits"), self.document.tree)
                self.problems += [replace(each, path=path) for each in error.problems]
                session["limits"] = {}
                continue
            session["limits"] = held.tree
            for place, line in held.lines.items():
                whole = ("sessions", index, "limits", *place)
                self.origins[whole] = Origin("file", str(held.path), line)

    def _absolute_paths(self) -> None:
        for _, session in sessions_of(self.document.tree):
            feed = session.get("feed")
            if isinstance(feed, dict) and isinstance(feed.get("paths"), list):
                feed["paths"] = [self._absolute(path) for path in feed["paths"]]

    def _absolute(self, path: object) -> object:
        if not isinstance(path, str) or path.startswith(PACKAGED):
            return path
        return str((self.document.path.parent / Path(path).expanduser()).resolve())


def _put(tree: object, place: Place, value: object) -> bool:
    """Set a value in a tree of plain values; missing mappings on the way are made."""
    for step in place[:-1]:
        if isinstance(tree, dict):
            tree = tree.setdefault(step, {})
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step]
        else:
            return False
    if isinstance(tree, list) and place and isinstance(place[-1], int):
        tree[place[-1]] = value
        return True
    if isinstance(tree, dict) and place:
        tree[place[-1]] = value
        return True
    return False


def show(loaded: Loaded) -> list[tuple[str, object, Origin]]:
    """Return every value of a configuration: its path, the value and its origin."""
    tree = loaded.configuration.model_dump(mode="json", by_alias=True)
    return [(place_text(p, tree), value, loaded.origin_of(p)) for p, value in _leaves(tree, ())]


def _leaves(tree: object, place: Place) -> list[tuple[Place, object]]:
    if isinstance(tree, dict) and tree:
        return [leaf for key, value in tree.items() for leaf in _leaves(value, (*place, key))]
    if isinstance(tree, list) and tree:
        return [leaf for i, value in enumerate(tree) for leaf in _leaves(value, (*place, i))]
    return [(place, tree)]
