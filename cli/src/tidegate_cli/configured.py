"""Loads and judges the configuration for a command, the services' own checks included."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import (
    SERVICE_NAMES,
    Configuration,
    ConfigurationError,
    ConfigurationMissingError,
    Loaded,
    Problem,
    load,
)
from tidegate_cli.errors import BadData, Misused
from tidegate_lab.judgement import judge

if TYPE_CHECKING:
    from tidegate_market_data.errors import DataError


class Misconfigured(Misused):
    """The configuration has problems, all of them listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        count = len(problems)
        said = "\n  ".join(problem.sentence() for problem in problems)
        super().__init__(
            "CONFIGURATION",
            f"{count} problem{'s' if count > 1 else ''} in the configuration:\n  {said}",
            expected=first.expected if count == 1 else "",
            found=first.found if count == 1 else "",
            hint=first.hint if count == 1 else "mend them and say `tidegate config check`",
        )
        self.problems = tuple(problems)


def load_judged(
    file: Path | None, overrides: Sequence[str] = (), services: Sequence[str] = SERVICE_NAMES
) -> Loaded:
    """Load the configuration and have these services judge their parts."""
    try:
        loaded = load(file, overrides)
    except ConfigurationMissingError as error:
        raise Misused(
            "NO_CONFIGURATION",
            "there is no configuration yet",
            expected="a tidegate.yaml",
            found="none in " + ", ".join(str(path) for path in error.searched),
            hint="write one with `tidegate init`, or see everything run with `tidegate demo`",
        ) from None
    except ConfigurationError as error:
        raise Misconfigured(error.problems) from None
    problems = [loaded.locate(problem) for problem in judge(loaded.configuration, services)]
    if problems:
        raise Misconfigured(problems)
    return loaded


def read_data(configuration: Configuration) -> None:
    """Read what sessions replay, so that a bad file ends a command before anything starts."""
    from tidegate_lab.replayed import replay_of
    from tidegate_market_data.errors import DataError

    for session in configuration.sessions:
        if session.feed.is_live:
            continue
        try:
            replay_of(session)
        except DataError as error:
            raise bad_data(error) from None
        except ConfigurationError as error:
            raise Misconfigured(error.problems) from None


def bad_data(error: DataError) -> BadData:
    """Return the command's error for bad data: it names file, row and column."""
    return BadData(
        "BAD_DATA",
        str(error),
        expected=error.expected,
        found=error.found,
        hint=error.hint or "mend the file; nothing was started",
    )
