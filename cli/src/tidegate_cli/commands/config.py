"""`tidegate config check|show|path`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import typer

from tidegate_chassis.configuration import (
    ConfigurationMissingError,
    Loaded,
    Origin,
    Problem,
    find_configuration,
    masked,
    show as shown,
)
from tidegate_cli.configured import Misconfigured, load_judged
from tidegate_cli.errors import Misused
from tidegate_cli.output import Output

SHOWN_VARIABLES = (
    "TRADING_MODE",
    "TIDEGATE_HOME",
    "TIDEGATE_TOKEN",
    "NATS_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)


def check(output: Output, file: Path | None, overrides: Sequence[str]) -> None:
    """Judge the configuration."""
    try:
        loaded = load_judged(file, overrides)
    except Misconfigured as error:
        if not output.json:
            raise
        document = {**error.document(), "problems": [_document(each) for each in error.problems]}
        output.result(document)
        raise typer.Exit(error.exit_code) from None
    output.text(f"{loaded.path}: no problem")
    output.result({"ok": True, "path": str(loaded.path), "problems": []})


def show(output: Output, file: Path | None, overrides: Sequence[str]) -> None:
    """Show every value with its origin."""
    loaded = load_judged(file, overrides)
    rows = [(path, _masked(path, value), _origin(origin)) for path, value, origin in shown(loaded)]
    variables = _variables(loaded)
    output.table(("field", "value", "from"), [*rows, *variables])
    output.result(
        {
            "path": str(loaded.path),
            "values": [{"path": p, "value": v, "from": o} for p, v, o in rows],
            "variables": [{"name": n, "value": v, "from": o} for n, v, o in variables],
        }
    )


def path(output: Output, file: Path | None) -> None:
    """Show which file is used."""
    try:
        found = find_configuration(file, os.environ).absolute()
    except ConfigurationMissingError as error:
        raise Misused(
            "NO_CONFIGURATION",
            str(error),
            expected="a tidegate.yaml",
            found="none",
            hint="write one with `tidegate init`",
        ) from None
    output.text(str(found))
    output.result({"path": str(found), "exists": found.is_file()})


def _variables(loaded: Loaded) -> list[tuple[str, str, str]]:
    found = [(name, loaded.environment.find(name)) for name in SHOWN_VARIABLES]
    return [
        (name, masked(name, value.value), _origin(Origin(value.kind, value.source, value.line)))
        for name, value in found
        if value is not None
    ]


def _masked(path: str, value: object) -> object:
    return masked(path.rsplit(".", 1)[-1], value) if isinstance(value, str) else value


def _origin(origin: Origin) -> str:
    place = f"{origin.source}:{origin.line}" if origin.line else origin.source
    return f"{origin.kind} {place}".strip() if place != origin.kind else origin.kind


def _document(problem: Problem) -> dict[str, object]:
    return {
        "path": problem.path,
        "expected": problem.expected,
        "found": problem.found,
        "hint": problem.hint,
        "source": problem.source,
        "line": problem.line,
    }
