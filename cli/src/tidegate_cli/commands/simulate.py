"""`tidegate simulate`: hours of trading under faults, and what must hold in them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tidegate_cli.errors import Misused
from tidegate_cli.output import Output, json_line
from tidegate_lab.simulate.campaign import (
    AnotherCampaign,
    Folder,
    Played,
    Totals,
    Wanted,
    play_all,
    totals_of,
)
from tidegate_lab.simulate.mutants import MUTANTS
from tidegate_lab.simulate.plan import KINDS, plan_of
from tidegate_lab.simulate.shrinking import shrink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VIOLATED, GOALS_MISSING = 1, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options."""

    hours: int
    hour: int | None
    seed: int
    faults: str
    jobs: int
    resume: Path | None
    require_goals: bool
    mutant: str


def run(output: Output, asked: Asked) -> None:
    """Play, add up, explain the first violation, and end with the totals."""
    wanted = _wanted(asked)
    try:
        folder = Folder(asked.resume, wanted) if asked.resume is not None else None
    except AnotherCampaign as error:
        hint = "name another folder, or its own seed and faults"
        raise Misused("ANOTHER_CAMPAIGN", str(error), hint=hint) from error
    except OSError as error:
        raise Misused(
            "OPTION",
            f"--resume: {asked.resume} cannot be used",
            expected="a folder that is there or can be made, and that you may write",
            found=error.strerror or str(error),
        ) from None
    with _progress(len(wanted.hours)) as progress:
        results = play_all(wanted, asked.jobs, folder, progress)
    totals = totals_of(wanted, results)
    _say(output, totals)
    broken = [hour for hour in sorted(results) if results[hour].violations]
    if broken:
        _explain(output, wanted, broken[0])
    print(json_line(msgspec.to_builtins(totals)), flush=True)
    if broken:
        raise typer.Exit(VIOLATED)
    if asked.require_goals and totals.missing_goals:
        raise typer.Exit(GOALS_MISSING)


def _wanted(asked: Asked) -> Wanted:
    kinds = tuple(kind for kind in asked.faults.split(",") if kind)
    mutants = (asked.mutant,) if asked.mutant else ()
    for what, given, known in (
        ("faults", kinds, (*KINDS, "none")),
        ("mutant", mutants, tuple(MUTANTS)),
    ):
        if unknown := [each for each in given if each not in known]:
            expected, found = f"one of {', '.join(known)}", ", ".join(unknown)
            message = f"--{what}: expected {expected}, found {found}"
            raise Misused("OPTION", message, expected=expected, found=found)
    hours = tuple(range(asked.hours)) if asked.hour is None else (asked.hour,)
    return Wanted(asked.seed, hours, kinds, asked.mutant)


@contextmanager
def _progress(hours: int) -> Iterator[Callable[[Played], None]]:
    """Show how far it is, on stderr."""
    columns = (
        TextColumn("simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("hours, {task.fields[violations]} violations"),
        TimeRemainingColumn(),
    )
    violations = 0
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("", total=hours, violations=0)

        def advance(played: Played) -> None:
            nonlocal violations
            violations += len(played.result.violations)
            progress.update(task, advance=1, violations=violations)

        yield advance


def _say(output: Output, totals: Totals) -> None:
    output.text(
        f"{totals.hours} hours, {totals.events} events, {totals.orders} orders, "
        f"{totals.fills} fills, {totals.crashes} crashes, {totals.kills} uses of the kill switch"
    )
    for title, counts in (("fault", totals.faults), ("goal", totals.goals)):
        output.table((title, "times"), sorted(counts.items()))
        output.text("")
    if totals.missing_goals:
        output.text(f"Goals not reached: {', '.join(totals.missing_goals)}")


def _explain(output: Output, wanted: Wanted, hour: int) -> None:
    """Print the shortest story of a violation, and how to see it again."""
    plan = plan_of(wanted.seed, hour, wanted.kinds)
    output.progress(f"Hour {hour} of seed {wanted.seed} breaks an invariant; leaving out faults …")
    shrunk = shrink(plan, wanted.mutant)
    if shrunk is None:
        output.text(f"Hour {hour} does not break anything when it is played again.")
        return
    violation = shrunk.violation
    output.text(f"{violation.invariant}: {violation.message}")
    venue = "another process's" if plan.venue.remote else "execution's own"
    ids = "for ever" if plan.venue.ids_unique_for_ever else "while their order is open"
    output.text(f"at {venue} venue, ids unique {ids}, after {shrunk.plays} plays, with only")
    for fault in shrunk.plan.faults:
        fields = msgspec.to_builtins(fault)
        output.text("  " + ", ".join(f"{name} {value}" for name, value in fields.items()))
    output.text(f"See it again: {_again(wanted, hour)}")


def _again(wanted: Wanted, hour: int) -> str:
    words = ["tidegate simulate", f"--hour {hour}", f"--seed {wanted.seed}"]
    if wanted.kinds:
        words.append(f"--faults {','.join(wanted.kinds)}")
    if wanted.mutant:
        words.append(f"--mutant {wanted.mutant}")
    return " ".join(words)
