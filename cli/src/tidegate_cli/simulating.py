"""The options of `tidegate simulate`; what it does is in `commands.simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    hours: Annotated[int, typer.Option(min=1, help="How many hours to play.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 1,
    *,
    hour: Annotated[
        int | None, typer.Option(help="Play only this hour of the seed.", show_default=False)
    ] = None,
    faults: Annotated[
        str,
        typer.Option(
            help="Only these kinds of faults, joined by commas; `none` for no fault at all."
        ),
    ] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    resume: Annotated[
        Path | None,
        typer.Option(help="Folder for finished hours; those that it holds are not played again."),
    ] = None,
    require_goals: Annotated[
        bool, typer.Option("--require-goals", help="Exit with 3 if a goal was never reached.")
    ] = False,
    mutant: Annotated[
        str, typer.Option(help="Play with this deliberate mistake in the code.")
    ] = "",
) -> None:
    """Play hours of trading under faults; the last line is one JSON object of totals."""
    from tidegate_cli.commands import simulate as command

    command.run(
        context.obj,
        command.Asked(
            hours, hour, seed, faults, jobs, resume, require_goals=require_goals, mutant=mutant
        ),
    )
