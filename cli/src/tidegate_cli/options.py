"""Options that several groups of commands take, and how an example is shown below a help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The tidegate.yaml to use.", show_default=False)
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a field: sessions.demo.speed=60.", show_default=False),
]
InstanceOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        help="Which running instance, by name. Default: the main or the only one.",
        show_default=False,
    ),
]
RecordedOption = Annotated[
    str | None,
    typer.Option(
        "--instance",
        help="The instance that recorded it, by name or folder; it may run or be down.",
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
    typer.Option("--as", help="The principal who asks: operator, approver...", show_default=False),
]
ReasonOption = Annotated[str, typer.Option(help="Why; it is kept for good.")]
SeenOption = Annotated[
    int | None,
    typer.Option(
        "--seen",
        min=1,
        max=2**63 - 1,
        help="The scope's epoch as `gate show` has shown it: what was raised after it stays. "
        "Default: as this command finds and shows it.",
        show_default=False,
    ),
]


def optional(help_text: str, *flags: str) -> Any:  # noqa: ANN401 - typer's own
    """Return an option that may be left out, and whose help shows no default."""
    return typer.Option(*flags, help=help_text, show_default=False)


def examples(*lines: str) -> str:
    """Return the end of a help page: examples, one a line."""
    # A line of its own with \b keeps the lines below it as they are.
    return "\b\nExamples:\n  " + "\n  ".join(lines)
