"""Reads a document of limits for a command: a profile's name, or a file, judged with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import ConfigurationError, Problem
from tidegate_chassis.configuration.document import find_place, read_document
from tidegate_cli.errors import Misused

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_cli.client import Document


class BadLimits(Misused):
    """A document cannot be the limits of a session; every problem with its line."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        first, count = problems[0], len(problems)
        said = "\n  ".join(problem.sentence() for problem in problems)
        super().__init__(
            "INVALID_LIMITS",
            f"{count} problem{'s' if count > 1 else ''} in {name}; nothing was changed:\n  {said}",
            expected=f"{first.path}: {first.expected}" if count == 1 else "none",
            found=first.found if count == 1 else str(count),
            hint=first.hint,
        )


def read_limits(name: str, session: Session) -> Document:
    """Return the document that a profile's name or a file means in a session."""
    from tidegate_risk.config import PROFILES, problems_of

    path = Path(name)
    if name in PROFILES and not path.exists():
        return {"profile": name}
    if not path.is_file():
        raise Misused(
            "NO_DOCUMENT",
            f"there are no limits in {name!r}",
            expected=f"{', '.join(PROFILES)}, or a YAML or JSON file of limits",
            found=f"{name}, which is neither",
        )
    try:
        document = read_document(path)
    except ConfigurationError as error:
        raise BadLimits(name, [replace(each, path="limits") for each in error.problems]) from None
    problems = problems_of(session, document.tree)
    if problems:
        prefix = f"sessions.{session.name}.limits"
        located = []
        for problem in problems:
            within = problem.path.removeprefix(prefix).removeprefix(".")
            place = find_place(within, document.tree) or ()
            shown = replace(problem, path=within or "limits")
            located.append(shown.at(name, document.line_of(place)))
        raise BadLimits(name, sorted(located, key=lambda each: each.line))
    return document.tree
