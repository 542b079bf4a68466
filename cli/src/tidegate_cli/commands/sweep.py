"""`tidegate sweep`: many trials through the machines, and what the best is worth."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tidegate_chassis.configuration import Layout
from tidegate_cli.asked import readable
from tidegate_cli.instances import home
from tidegate_cli.output import Output
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.replayed import replay_of
from tidegate_lab.sweep.grid import parse_grid
from tidegate_lab.sweep.identity import code_version, data_of, in_memory, trial_key
from tidegate_lab.sweep.meeting import require_server
from tidegate_lab.sweep.messages import Job
from tidegate_lab.sweep.ranking import Ranked
from tidegate_lab.sweep.register import REGISTER_FOLDER, Register
from tidegate_lab.sweep.results import Results
from tidegate_lab.sweep.running import Here, Search, Sweep, SweepResult, Task, Workforce
from tidegate_lab.sweep.workers import Workers

_SAY_EVERY_S = 2.0
_RESULT_NAME = "sweep.json"
_MAP_NAME, _MAP_DATA_NAME = "map.html", "map.json"
_NAME_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command's options."""

    options: Options
    grid: tuple[str, ...]
    search: Search
    workers: int | None
    nats: str | None
    out: Path | None
    engine: str


def run(output: Output, asked: Asked) -> None:
    """Sweep, write the result into the run folder and say it."""
    with readable():
        task = task_of(output, asked.options, asked.grid, asked.engine)
        version = code_version(task.session, task.dataset)
        folder = asked.out or folder_of("sweep", task)
        results = Results(folder, version)
        sweep = Sweep(task, Register(home() / REGISTER_FOLDER), results)
        output.progress(f"{len(sweep.valid):,} points; results in {folder}")
        with workforce_of(task, asked.workers, asked.nats) as workforce:
            found = sweep.run(asked.search, workforce, said_now_and_then(output))
    (folder / _RESULT_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    plateau_map = sweep.plateau_map()
    (folder / _MAP_NAME).write_text(plateau_map.page(found.strategy), "utf-8")
    trials = msgspec.json.encode(list(plateau_map.trials.values()))
    (folder / _MAP_DATA_NAME).write_bytes(msgspec.json.format(trials))
    _say(output, found)
    output.text(f"\nplateau map: {folder / _MAP_NAME}")
    document = {**msgspec.to_builtins(found), "screen_s": sweep.screen_s, "out": str(folder)}
    output.result(document)


def help_sweep(output: Output, url: str, data: tuple[str, ...], workers: int | None) -> None:
    """Run workers here for a sweep elsewhere, until it ends."""
    from tidegate_lab.sweep.worker import run_worker

    with readable():
        asyncio.run(require_server(url))
    name = f"{socket.gethostname()}-{os.getpid()}"
    others = [
        subprocess.Popen(
            [sys.executable, "-m", "tidegate_lab.sweep.worker", url, f"{name}-{number}", *data]
        )
        for number in range(2, (workers or _processors()) + 1)
    ]
    try:
        with readable():
            count = asyncio.run(run_worker(url, f"{name}-1", data))
    finally:
        for process in others:
            process.wait()
    output.text(f"{count:,} trials by this process; the sweep has ended")
    output.result({"trials": count})


def task_of(output: Output, options: Options, grid: tuple[str, ...], engine: str) -> Task:
    """Read options and data."""
    parsed = parse_grid(grid)
    session = session_of(options)
    dataset = in_memory(replay_of(session))
    for warning in dataset.warnings:
        output.progress(f"Warning: {warning}")
    return Task(session=session, dataset=dataset, grid=parsed, engine=engine)


@contextmanager
def workforce_of(task: Task, workers: int | None, nats: str | None) -> Iterator[Workforce]:
    """Give this process alone, or workers."""
    count = workers or _processors()
    if count == 1 and nats is None:
        yield Here(task)
        return
    job = Job(
        session=task.session.model_dump_json(),
        grid=task.grid,
        engine=task.engine,
        data=data_of(task.dataset),
        version=code_version(task.session, task.dataset),
    )
    with Workers(job, count, nats) as workforce:
        yield workforce


def said_now_and_then(output: Output) -> Callable[[int], None]:
    """Return who says how many trials are done, at most every two seconds."""
    last_s = time.monotonic()

    def say(count: int) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if now_s - last_s >= _SAY_EVERY_S:
            last_s = now_s
            output.progress(f"{count:,} trials done")

    return say


def _processors() -> int:
    return len(os.sched_getaffinity(0))


def folder_of(kind: str, task: Task) -> Path:
    """Return the same folder for the same task, so that it goes on."""
    name = trial_key(task.session, data_of(task.dataset))[:_NAME_LENGTH]
    return Layout(home()).runs / f"{kind}-{task.session.strategies[0].strategy}-{name}"


def _say(output: Output, found: SweepResult) -> None:
    output.text("")
    output.table(
        (
            "",
            "parameters",
            "Sharpe",
            "95 %",
            "deflated",
            "neighbours",
            "drawdown",
            "trades",
            "equity",
        ),
        [_row(each) for each in found.best],
    )
    output.text("")
    output.table(("", ""), _lines(found))


def _row(each: Ranked) -> tuple[object, ...]:
    judged = each.honest
    parameters = ", ".join(f"{name} {value}" for name, value in each.parameters.items())
    return (
        each.rank,
        parameters,
        "-" if judged.sharpe is None else f"{judged.sharpe:.2f} ± {judged.standard_error:.2f}",
        "-" if judged.low is None else f"{judged.low:.2f} to {judged.high:.2f}",
        percent(judged.deflated_sharpe),
        percent(each.plateau.mean_kept if each.plateau else None),
        percent(float(each.max_drawdown)),
        f"{each.trades:,}",
        f"{float(each.final_equity):,.2f}",
    )


def _lines(found: SweepResult) -> list[tuple[str, object]]:
    choice, costs, order = found.choice, found.costs, found.trade_order
    lines: list[tuple[str, object]] = [
        ("trials of this sweep", f"{found.tried:,} ({found.resumed:,} from the folder)"),
        *([("screened (estimates, not ranked)", f"{found.screened:,}")] if found.screened else []),
        ("trials ever on these data", f"{found.trials:,}"),
        (
            f"probability of overfitting{', screened' if choice.screened else ''}",
            percent(choice.overfitting),
        ),
        ("the chosen loses afterwards", percent(choice.loss_probability)),
        ("cross-validated Sharpe", number(choice.cross_validated_sharpe)),
    ]
    if costs is not None:
        lines.append(
            ("Sharpe at doubled costs", f"{number(costs.sharpe_doubled)} ({number(costs.sharpe)})")
        )
    if order is not None:
        lines.append(
            (
                "drawdown, trades shuffled",
                f"{percent(order.median)}, 5 %: {percent(order.worst_of_20)}",
            )
        )
    return [*lines, *(("missing", text) for text in choice.missing)]


def percent(value: float | None) -> str:
    """Write a share for a person."""
    return "-" if value is None else f"{value:.1%}"


def number(value: float | None) -> str:
    """Write a ratio for a person."""
    return "-" if value is None else f"{value:.2f}"
