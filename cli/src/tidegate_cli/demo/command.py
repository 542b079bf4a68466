"""`tidegate demo`: an instance of its own from its first file to its last."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec

from tidegate_chassis.configuration import Configuration, Layout, dump
from tidegate_cli import launching
from tidegate_cli.client import Services
from tidegate_cli.configured import bad_data
from tidegate_cli.demo.progress import Observer, Progress
from tidegate_cli.demo.results import gather
from tidegate_cli.demo.view import View
from tidegate_cli.demo.wanted import LOCKSTEP, SESSION, Wanted, configuration_of
from tidegate_cli.errors import Failed, Misused
from tidegate_cli.instances import InstanceRecord, home, record_path, running
from tidegate_cli.output import Output
from tidegate_cli.summary import say_outcome
from tidegate_cli.supervisor.plan import Request
from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.identifiers import checked_name
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import replay_settings
from tidegate_market_data.errors import DataError

_POLL_S = 0.5
_PREFIX = "tidegate-demo-"
_ROOT_FOLDER_MODE = 0o711
_EQUITY_POINTS = 500
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(output: Output, wanted: Wanted) -> None:
    """Run a demo from its start to its end; nothing of it remains unless it is to be kept."""
    configuration = configuration_of(wanted)
    bars_total = _read(output, configuration)
    request = _request(wanted, configuration)
    if wanted.keep:
        output.progress(f"kept in {request.folder}")
    with _terminable():
        process: subprocess.Popen[bytes] | None = None
        try:
            process = launching.start(request)
            record = launching.wait_until_ready(request, process, output)
            output.progress(f"instance {record.instance}")
            _watch(output, wanted, record, process, bars_total)
        finally:
            _end(request, process)


def _watch(
    output: Output,
    wanted: Wanted,
    record: InstanceRecord,
    process: subprocess.Popen[bytes],
    bars_total: int,
) -> None:
    with Services(record) as services:
        observer = Observer(services, lockstep=wanted.speed == LOCKSTEP)
        progress = _follow(observer, process, bars_total)
        outcome = gather(services, progress)
        curve = services.get("portfolio", "/v1/equity", session=SESSION, points=_EQUITY_POINTS)
    say_outcome(output, outcome, [float(point["equity"]) for point in curve["points"]])
    output.result(msgspec.to_builtins(outcome))


def _follow(observer: Observer, process: subprocess.Popen[bytes], bars_total: int) -> Progress:
    with View(bars_total) as view:
        while True:
            progress = observer.look()
            view.show(progress)
            if progress.finished:
                return progress
            if process.poll() is not None:
                message = f"the supervisor ended with code {process.returncode}"
                raise Failed("SUPERVISOR_DIED", message, hint="run it again with --keep")
            time.sleep(_POLL_S)


def _read(output: Output, configuration: Configuration) -> int:
    """Read the data, so that a bad file ends the demo before anything starts; count the bars."""
    try:
        dataset = read_replay(replay_settings(configuration.sessions[0]))
    except DataError as error:
        raise bad_data(error) from None
    for warning in dataset.warnings:
        output.progress(f"Warning: {warning}")
    return dataset.bar_count


def _request(wanted: Wanted, configuration: Configuration) -> Request:
    home_folder = home()
    instance = _instance(wanted, home_folder)
    Layout(home_folder).make()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    if os.geteuid() == 0:
        folder.chmod(_ROOT_FOLDER_MODE)  # PostgreSQL runs as another user and must pass through
    path = folder / "tidegate.yaml"
    path.write_text(dump(configuration), encoding="utf-8")
    return Request(
        instance=instance,
        home=home_folder,
        folder=folder,
        configuration_path=path,
        ephemeral=True,
        keep=wanted.keep,
    )


def _instance(wanted: Wanted, home_folder: Path) -> str:
    if wanted.instance is None:
        return f"demo-{secrets.token_hex(3)}"
    if any(record.instance == wanted.instance for record in running(home_folder)):
        hint = "choose another name, or none"
        raise Misused("INSTANCE_RUNS", f"instance {wanted.instance} runs already", hint=hint)
    try:
        return checked_name(wanted.instance, "an instance")
    except IdentifierError as error:
        raise Misused("INSTANCE", str(error), found=wanted.instance) from None


def _end(request: Request, process: subprocess.Popen[bytes] | None) -> None:
    """End everything; nobody interrupts that."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    if process is not None:
        launching.end(process)
    if not request.keep:
        shutil.rmtree(request.folder, ignore_errors=True)
    record_path(request.home, request.instance).unlink(missing_ok=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C: the demo is ended, not abandoned.

    SIGINT too is set: a shell that starts a command in the background has it ignored.
    """
    before = {number: signal.getsignal(number) for number in _ENDING}
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
