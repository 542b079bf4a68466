"""Where a command's words go: results to stdout, progress to stderr, errors in one form.

With ``--json`` stdout ends with exactly one JSON object on one line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tidegate_cli.errors import CommandError


@dataclass(frozen=True, slots=True)
class Output:
    """The voice of one command."""

    json: bool = False

    def progress(self, text: str) -> None:
        """Say what is going on."""
        print(text, file=sys.stderr, flush=True)

    def text(self, text: str) -> None:
        """Say a part of the result to a person; nothing with ``--json``."""
        if not self.json:
            print(text, flush=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show rows to a person; nothing with ``--json``."""
        if not self.json:
            print(table_text(headings, rows), flush=True)

    def result(self, document: Mapping[str, object]) -> None:
        """End with the result: one line of JSON, only with ``--json``."""
        if self.json:
            print(json_line(document), flush=True)

    def error(self, error: CommandError) -> None:
        """End with an error; to a person no part of it is said twice."""
        if self.json:
            print(json_line(error.document()), flush=True)
            return
        print(f"Error: {error.message}", file=sys.stderr)
        for name in ("expected", "found", "hint"):
            value = getattr(error, name)
            said = value if name == "hint" else f"{name} {value}"
            if value and said not in error.message:
                print(f"  {name + ':':<10}{value}", file=sys.stderr)


def json_line(document: Mapping[str, object]) -> str:
    """Write one object on one line; amounts become decimal strings."""
    return json.dumps(document, default=_encoded, ensure_ascii=False, separators=(", ", ": "))


def _encoded(value: object) -> object:
    if isinstance(value, Decimal):
        from tidegate_kernel.money import plain

        return plain(value)
    if isinstance(value, Path):
        return str(value)
    message = f"expected something that JSON can hold, found {type(value).__name__}"
    raise TypeError(message)


def table_text(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write rows under headings, each column as wide as it needs."""
    cells = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(headings))]
    lines = ["  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True)) for row in cells]
    return "\n".join(line.rstrip() for line in lines)
