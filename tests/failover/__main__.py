"""`make test-failover`: leaders killed and frozen, and a bus that hangs, under load.

ARGS="--kills 5 --freezes 5 --stalls 1" runs fewer; a part that is given 0 times is left out.
Progress goes to stderr; the last line of stdout is one JSON object. The exit code is 1 when
something does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from typing import TYPE_CHECKING

import structlog

from tidegate_chassis.testing.folder import server_folder

from .freezing import freeze_leaders
from .killing import kill_leaders
from .stalling import stall_nats

if TYPE_CHECKING:
    from pathlib import Path

    from .figures import Part

KILLS, FREEZES, STALLS = 100, 100, 5


def main(arguments: list[str]) -> int:
    """Run every part; return 0 only if all of it holds."""
    parser = argparse.ArgumentParser(prog="make test-failover", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--freezes", type=int, default=FREEZES)
    parser.add_argument("--stalls", type=int, default=STALLS)
    given = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    started_s = time.monotonic()
    parts: list[Part] = []
    violations: list[str] = []
    try:
        with server_folder() as folder:
            _run(folder, given, parts)
    except Exception as error:  # noqa: BLE001 - a part that does not end has shown nothing
        traceback.print_exc()
        violations.append(f"did not end: {error!r}")
    violations += [violation for part in parts for violation in part.violations()]
    document = {part.name: part.document() for part in parts} | {
        "violations": violations,
        "duration_s": round(time.monotonic() - started_s, 1),
    }
    print(json.dumps(document), flush=True)  # noqa: T201 - the result
    return 1 if violations else 0


def _run(folder: Path, given: argparse.Namespace, parts: list[Part]) -> None:
    if given.kills:
        parts.append(kill_leaders(folder / "kills", given.kills, _say))
    if given.freezes:
        parts.append(freeze_leaders(folder / "freezes", given.freezes, _say))
    if given.stalls:
        parts.append(stall_nats(folder / "stalls", given.stalls, _say))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
