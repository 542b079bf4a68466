"""Runs one instance: ``python -m tidegate_cli.supervisor``. Started by `up` and `demo`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import structlog

from tidegate_cli.supervisor.plan import Plan, Request, make_plan
from tidegate_cli.supervisor.supervisor import Supervisor


def main(arguments: list[str]) -> int:
    """Run the instance that the arguments describe; return the exit code."""
    parser = argparse.ArgumentParser(prog="tidegate supervisor", description=__doc__)
    parser.add_argument("--instance", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--ephemeral", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--tracing", action="store_true")
    given = parser.parse_args(arguments)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    request = Request(
        instance=given.instance,
        home=given.home,
        folder=given.folder,
        configuration_path=given.config,
        ephemeral=given.ephemeral,
        keep=given.keep,
        tracing=given.tracing,
    )
    plan = make_plan(request)
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> int:
    return await Supervisor(plan).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
