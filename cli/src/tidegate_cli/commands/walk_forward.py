"""`tidegate walk-forward`: parameters chosen in a window and judged right after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tidegate_cli.asked import readable
from tidegate_cli.chart import chart
from tidegate_cli.commands.sweep import (
    folder_of,
    number,
    percent,
    task_of,
    workforce_of,
)
from tidegate_cli.errors import Misused
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_lab.backtest.options import Options
from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.sweep.identity import code_version
from tidegate_lab.sweep.register import REGISTER_FOLDER, Register
from tidegate_lab.sweep.results import Results
from tidegate_lab.sweep.running import Task, Workforce
from tidegate_lab.sweep.walk_forward import Plan, WalkForward, walk_forward

_RESULT_NAME = "walk-forward.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command's options."""

    options: Options
    grid: tuple[str, ...]
    plan: Plan
    workers: int | None
    out: Path | None
    engine: str


def run(output: Output, asked: Asked) -> None:
    """Walk, write the result into the run folder and say it."""
    with readable():
        task = task_of(output, asked.options, asked.grid, asked.engine)
        folder = asked.out or folder_of("walk-forward", task)
        version = code_version(task.session, task.dataset)
        books = Register(home() / REGISTER_FOLDER), Results(folder, version)
        output.progress(f"results in {folder}")

        @contextmanager
        def recruit(window: Task) -> Iterator[Workforce]:
            output.progress(
                f"choosing in {window.session.feed.since} to {window.session.feed.until}"
            )
            with workforce_of(window, asked.workers, None) as workforce:
                yield workforce

        try:
            found = walk_forward(task, asked.plan, books, recruit)
        except StatisticsError as error:
            hint = "fewer days to --train or --test, or more data"
            raise Misused("WINDOWS", str(error), hint=hint) from None
    (folder / _RESULT_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    _say(output, found)
    output.result({**msgspec.to_builtins(found), "out": str(folder)})


def _say(output: Output, found: WalkForward) -> None:
    output.text("")
    output.table(
        ("chosen from", "judged from", "to", "parameters", "Sharpe", "afterwards", "return"),
        [
            (
                each.sample_from,
                each.judged_from,
                each.judged_to,
                ", ".join(f"{name} {value}" for name, value in each.parameters.items()),
                number(each.sample_sharpe),
                number(each.judged_sharpe),
                percent(each.judged_return),
            )
            for each in found.windows
        ],
    )
    judged = found.honest
    output.text("")
    output.table(
        ("", ""),
        [
            ("Sharpe in the samples, mean", number(found.sample_sharpe)),
            ("Sharpe afterwards, stitched", number(judged.sharpe)),
            ("95 %", f"{number(judged.low)} to {number(judged.high)}"),
            ("kept", percent(found.degradation)),
            ("deflated", f"{percent(judged.deflated_sharpe)} of {judged.trials:,} trials"),
        ],
    )
    output.text("\nequity afterwards, stitched")
    for line in chart(list(found.equity)):
        output.text(line)
