"""`tidegate up`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration import ConfigurationError, Layout, dump
from tidegate_cli import launching
from tidegate_cli.configured import Misconfigured, load_judged, read_data
from tidegate_cli.errors import Failed
from tidegate_cli.instances import MAIN, InstanceRecord, home, record_path
from tidegate_cli.output import Output
from tidegate_cli.supervisor.plan import Request
from tidegate_cli.supervisor.tracing import tracing_environment
from tidegate_cli.venues import require_venues


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    file: Path | None
    overrides: tuple[str, ...]
    foreground: bool
    tracing: bool


def run(output: Output, wanted: Wanted) -> None:
    """Start the main instance; stay with it in the foreground."""
    loaded = load_judged(wanted.file, wanted.overrides)
    if wanted.tracing:
        tracing_environment()
    home_folder = home(loaded.environment.merged())
    _require_stopped(home_folder)
    require_venues(loaded)
    read_data(loaded.configuration)
    request = _request(home_folder, dump(loaded.configuration), wanted)
    process = launching.start(request, loaded.environment.merged())
    try:
        record = launching.wait_until_ready(request, process, output)
    except BaseException:
        launching.end(process)
        raise
    _say(output, record)
    if wanted.foreground:
        _stay(output, process)


def _request(home_folder: Path, configuration: str, wanted: Wanted) -> Request:
    layout = Layout(home_folder)
    try:
        layout.make()
    except ConfigurationError as error:
        raise Misconfigured(error.problems) from None
    path = layout.run / f"{MAIN}.yaml"
    path.write_text(configuration, encoding="utf-8")
    return Request(
        instance=MAIN,
        home=home_folder,
        folder=home_folder,
        configuration_path=path,
        ephemeral=wanted.foreground,
        keep=True,
        tracing=wanted.tracing,
    )


def _require_stopped(home_folder: Path) -> None:
    record = InstanceRecord.read(record_path(home_folder, MAIN))
    if record is None or not record.alive():
        return
    raise Failed(
        "ALREADY_RUNNING",
        f"instance {MAIN} runs already (process {record.supervisor_pid})",
        expected=f"no running instance in {home_folder}",
        found=f"one that is {record.state} since {record.started_at}",
        hint="see `tidegate status`; end it with `tidegate down`",
    )


def _say(output: Output, record: InstanceRecord) -> None:
    rows = [(name, record.processes[name].pid, url) for name, url in sorted(record.http.items())]
    output.table(("service", "process", "address"), rows)
    if record.tracing_url:
        output.text(f"\nTraces: {record.tracing_url} (it takes half a minute to start)")
    if record.stage != "running":
        output.text(f"\nLook at this: {record.stage.removeprefix('running; ')}")
    output.text(
        f"\nTokens are in {record.secrets}: operator.token and approver.token. "
        "End it with `tidegate down`."
    )
    output.result(
        {
            "instance": record.instance,
            "state": record.state,
            "stage": record.stage,
            "folder": str(record.folder),
            "nats_url": record.nats_url,
            "tracing_url": record.tracing_url or None,
            "http": dict(record.http),
        }
    )


def _stay(output: Output, process: subprocess.Popen[bytes]) -> None:
    output.progress("Ctrl-C ends it.")
    try:
        process.wait()
    except KeyboardInterrupt:
        output.progress("services drain ...")
        launching.end(process)
