"""`tidegate up --tracing`: rotel collects the spans, Phoenix shows them.

Both are in an environment of their own, ``.venv-tracing`` beside the one that runs this: 160
packages that are none of the platform's business. `make setup-tracing` makes it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tidegate_chassis.embedded.ports import LOOPBACK, free_port
from tidegate_cli.errors import Failed
from tidegate_cli.supervisor.child import ChildPlan
from tidegate_cli.supervisor.plan import Plan

COLLECTOR = "rotel"
VIEWER = "phoenix"
_ENVIRONMENT = ".venv-tracing"


def tracing_environment() -> Path:
    """Return the environment's folder; an absent one is an error that says how to make it."""
    folder = Path(sys.prefix).with_name(_ENVIRONMENT)
    if not (folder / ".packages").exists():
        raise Failed(
            "NO_TRACING",
            "the tracing tools are not installed",
            expected=f"the environment {folder}",
            found="none, or one that is not complete",
            hint="run `make setup-tracing` (650 MB), or set OTEL_EXPORTER_OTLP_ENDPOINT to a "
            "collector of yours",
        )
    return folder


def child_plans(plan: Plan) -> list[ChildPlan]:
    """Return what to start: Phoenix first, then rotel, which sends to it."""
    folder = tracing_environment()
    viewer_port, collector_port = free_port(), free_port()
    data = plan.layout.data / VIEWER
    data.mkdir(parents=True, exist_ok=True)
    viewer = {
        "PHOENIX_HOST": LOOPBACK,
        "PHOENIX_PORT": str(viewer_port),
        "PHOENIX_GRPC_PORT": str(free_port()),
        "PHOENIX_WORKING_DIR": str(data),
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "HOME": str(data),
    }
    agent = next((folder / "lib").glob("python*/site-packages/rotel/rotel-agent"))
    collector = (
        str(agent),
        "start",
        f"--otlp-http-endpoint={LOOPBACK}:{collector_port}",
        f"--otlp-grpc-endpoint={LOOPBACK}:{free_port()}",
        "--exporter=otlp",
        f"--otlp-exporter-endpoint=http://{LOOPBACK}:{viewer_port}",
        "--otlp-exporter-protocol=http",
    )
    return [
        _child(plan, VIEWER, (str(folder / "bin" / "phoenix"), "serve"), viewer_port, viewer),
        _child(plan, COLLECTOR, collector, collector_port, {}),
    ]


def _child(
    plan: Plan, name: str, command: tuple[str, ...], port: int, variables: dict[str, str]
) -> ChildPlan:
    return ChildPlan(
        service=name,
        command=command,
        folder=plan.folder,
        console=plan.layout.logs / f"{name}.console.log",
        variables={"PATH": os.environ.get("PATH", ""), **variables},
        first_variables={},
        http_host=LOOPBACK,
        http_port=port,
    )
