"""Writes docs/reference/conformance.md: which case of this suite is played at which kind of venue.

It asks pytest which tests there are, and prints the page.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
from pathlib import Path

import pytest

from tidegate_execution.core.capabilities import VenueKind

FOLDER = Path(__file__).parent
_HEAD = """# The conformance suite

Generated from the tests in `services/execution/tests/adapters/conformance` by
`python services/execution/tests/adapters/conformance/page.py`; do not edit.

One suite for every kind of venue, real ones through their own clients. What a kind lacks in a row
it cannot do by itself, or is said elsewhere: [order types](order-types.md).
"""

Cases = dict[tuple[str, str], tuple[str, set[str]]]
"""By file and test: the first sentence of what it says, and the kinds of venues it is played at."""


class Collector:
    """Notes what pytest would run."""

    def __init__(self) -> None:
        self.cases: Cases = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Sort the tests by what they are cases of."""
        for item in session.items:
            assert isinstance(item, pytest.Function)
            told = inspect.getdoc(item.function) or ""
            key = (item.path.stem, item.originalname)
            _, kinds = self.cases.setdefault(key, (" ".join(told.split()), set()))
            kinds.add(item.callspec.params["place"].kind.value)  # type: ignore[attr-defined]


def collected() -> Cases:
    """Return every case of the suite."""
    collector = Collector()
    options = ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", ""]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        ended = pytest.main([*options, str(FOLDER)], plugins=[collector])
    if ended != pytest.ExitCode.OK:
        raise SystemExit(said.getvalue())
    return collector.cases


def page(cases: Cases) -> str:
    """Return the page."""
    parts = [_HEAD]
    for file in sorted({file for file, _ in cases}):
        parts.append(f"## {_words(file)}\n")
        parts.append("| case | " + " | ".join(each.value for each in VenueKind) + " |")
        parts.append("|" + "---|" * (len(VenueKind) + 1))
        for (within, name), (told, kinds) in cases.items():
            if within == file:
                cells = ["yes" if each.value in kinds else "" for each in VenueKind]
                parts.append(f"| **{_words(name)}**: {told} | " + " | ".join(cells) + " |")
        parts.append("")
    return "\n".join(parts)


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ").capitalize()


if __name__ == "__main__":
    sys.stdout.write(page(collected()))
