"""What is wrong with a configuration, said so that a person can mend it.

::

    ConfigurationError    one error that holds every problem found
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation: where, what was expected, what came, what to do.

    ``path`` names the field, for example ``sessions.demo.limits.max_open_positions``. ``source``
    and ``line`` are filled in by the loader: the file or variable that the value came from.
    """

    path: str
    expected: str
    found: str
    hint: str = ""
    source: str = ""
    line: int = 0

    def at(self, source: str, line: int = 0) -> Problem:
        """Return the same problem, located."""
        return replace(self, source=source, line=line)

    def where(self) -> str:
        """Return ``file:line``, or the variable or flag, or nothing when it is not known."""
        return f"{self.source}:{self.line}" if self.line else self.source

    def sentence(self) -> str:
        """Write the problem as one line."""
        place = f"{self.where()}: " if self.where() else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.path}: expected {self.expected}, found {self.found}{hint}"


class ConfigurationError(Exception):
    """The configuration has problems; all of them are here."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.sentence() for problem in self.problems))


class ConfigurationMissingError(Exception):
    """No configuration file was found; ``searched`` names the places."""

    def __init__(self, searched: Sequence[Path]) -> None:
        self.searched = tuple(searched)
        places = ", ".join(str(path) for path in self.searched)
        super().__init__(f"expected a tidegate.yaml in one of: {places}")
