"""Options that several groups of commands take, and how an example is shown below a help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

InstanceOption = Annotated[
    str | None,
    typer.Option("--instance", help="The running instance meant.", show_default=False),
]
RecordedOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        help="The instance that recorded it, running or not, or its folder.",
        show_default=False,
    ),
]
JournalsOption = Annotated[
    Path | None,
    typer.Option(help="Read an exported archive instead.", show_default=False),
]
SessionOption = Annotated[
    str | None, typer.Option("--session", help="Only this session.", show_default=False)
]
OneSessionOption = Annotated[
    str | None,
    typer.Option("--session", help="May be left out when there is only one.", show_default=False),
]
AsOption = Annotated[
    str | None,
    typer.Option("--as", help="Who asks: operator, approver...", show_default=False),
]
ReasonOption = Annotated[str, typer.Option(help="Why; it is kept for good.")]


def examples(*lines: str) -> str:
    """Return the end of a help page: examples, one a line."""
    # A line of its own with \b keeps the lines below it as they are.
    return "\b\nExamples:\n  " + "\n  ".join(lines)
