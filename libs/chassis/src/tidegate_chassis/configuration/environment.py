"""The environment and the `.env` file beside the configuration, as one place to look.

A variable of the process wins over `.env`. Fields of `tidegate.yaml` are overridden by
``TIDEGATE__<PATH>``, with ``__`` between the steps: ``TIDEGATE__SESSIONS__DEMO__SPEED=60``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration.problem import ConfigurationError, Problem

FIELD_PREFIX = "TIDEGATE__"
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it came from: kind ``environment`` or ``dotenv``."""

    value: str
    kind: str
    source: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables of the process, then those of `.env`."""

    process: Mapping[str, str]
    dotenv: Mapping[str, Found]

    @classmethod
    def beside(cls, configuration: Path | None, process: Mapping[str, str]) -> Environment:
        """Return the process's variables and those of the `.env` beside a configuration."""
        dotenv = {} if configuration is None else read_dotenv(configuration.parent / ".env")
        return cls(process, dotenv)

    def find(self, name: str) -> Found | None:
        """Return a variable; an empty one counts as not set."""
        if value := self.process.get(name):
            return Found(value, "environment", name)
        return self.dotenv.get(name)

    def get(self, name: str) -> str | None:
        """Return a variable's value; an empty one counts as not set."""
        found = self.find(name)
        return found.value if found else None

    def names(self) -> list[str]:
        """Return the names of all variables, sorted."""
        return sorted({*self.process, *self.dotenv})

    def overrides(self) -> Iterator[tuple[str, Found]]:
        """Yield (path, value) of the variables that override fields, sorted by name."""
        for name in self.names():
            found = self.find(name)
            if found is not None and name.startswith(FIELD_PREFIX):
                yield name[len(FIELD_PREFIX) :].lower().replace("__", "."), found

    def merged(self) -> dict[str, str]:
        """Return everything as one mapping, as a child process gets it."""
        return {**{name: found.value for name, found in self.dotenv.items()}, **self.process}


def read_dotenv(path: Path) -> dict[str, Found]:
    """Read a `.env` file; a missing one is empty, a line that is not NAME=value is an error."""
    if not path.is_file():
        return {}
    values: dict[str, Found] = {}
    problems: list[Problem] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            problems.append(Problem(".env", "NAME=value", repr(text)).at(str(path), number))
            continue
        values[match[1]] = Found(_unquoted(match[2]), "dotenv", str(path), number)
    if problems:
        raise ConfigurationError(problems)
    return {name: found for name, found in values.items() if found.value}


def _unquoted(text: str) -> str:
    if text[:1] in {"'", '"'} and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    return re.sub(r"\s+#.*$", "", text).strip()
