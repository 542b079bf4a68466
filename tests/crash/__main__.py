"""`make test-crash`: one undisturbed session, and the same session while everything is killed.

1. The reference. 2. Every service and server killed at a random moment, twice over. 3. Every
named crash point of the host, in several services at once. Each session must end with the
reference's hashes, and nothing in its journals, outboxes and streams may be lost or there twice.
Progress goes to stderr; the last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog
from tests.instances import Instance, running

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.host.crash import POINTS
from tidegate_chassis.testing.folder import server_folder
from tidegate_lab.outcome import Outcome as Results

from .audit import audit
from .books import read_books
from .findings import Finding, Kind, count
from .playing import Play, blows, total
from .workload import Span, configuration, write_bars

INSTANTS = 200
KILL_RUNS = 2
SIGKILLED = -9
_NOTHING_SHOWN: Mapping[str, object] = {
    "kills": {},
    "points": {},
    "same_hashes": False,
    "lost": None,
    "duplicates": None,
}
SERVERS = ("nats-server", "postgres", "valkey")
VICTIMS = (*SERVICE_NAMES, *SERVERS)

# Which point ends which service's first start, and at which visit. Requests leave execution only;
# market-data reads no stream, so it acknowledges nothing. Hundreds of messages may share one
# acknowledgement, and many rounds of idle prices one commit, so those counts are small.
POINT_RUNS: tuple[Mapping[str, str], ...] = (
    {
        "market-data": "after_commit:3",
        "signals": "before_publish:20",
        "risk": "after_commit:40",
        "execution": "before_request:4",
        "portfolio": "before_acknowledge:1",
        "alerts": "after_publish:30",
    },
    {
        "market-data": "before_publish:2",
        "signals": "after_acknowledge:1",
        "risk": "before_commit:50",
        "execution": "after_request:9",
        "portfolio": "after_commit:50",
        "alerts": "before_acknowledge:2",
    },
    {
        "market-data": "after_publish:2",
        "signals": "before_commit:30",
        "risk": "after_publish:25",
        "execution": "after_commit:60",
        "portfolio": "after_acknowledge:1",
        "alerts": "before_commit:70",
    },
    {
        "market-data": "before_commit:2",
        "signals": "after_publish:35",
        "risk": "before_acknowledge:2",
        "execution": "before_publish:60",
        "portfolio": "before_publish:55",
        "alerts": "after_acknowledge:1",
    },
)


class Outcome(msgspec.Struct, frozen=True):
    """How one run ended."""

    results: Results
    findings: list[Finding]
    kills: Mapping[str, int] = {}
    points: Mapping[str, int] = {}


def main(arguments: list[str]) -> int:
    """Run everything; return 0 only if all of it holds."""
    parser = argparse.ArgumentParser(prog="make test-crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instants", type=int, default=INSTANTS)
    given = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    started_s = time.monotonic()
    try:
        with server_folder() as folder:
            span = write_bars(folder / "bars.csv", given.instants)
            reference, *others = _runs(folder, span, given.seed)
    except Exception as error:  # noqa: BLE001 - a run that does not end has shown nothing
        traceback.print_exc()
        _print({**_NOTHING_SHOWN, "error": repr(error)}, started_s)
        return 1
    summary = _summary(reference, others)
    _print(summary, started_s)
    return 0 if _holds(reference, others, summary) else 1


def _print(summary: Mapping[str, object], started_s: float) -> None:
    document = {**summary, "duration_s": round(time.monotonic() - started_s, 3)}
    print(json.dumps(document), flush=True)  # noqa: T201 - the result


def _runs(folder: Path, span: Span, seed: int) -> list[Outcome]:
    return [
        _run(folder / "reference", span),
        *(_run(folder / f"kills-{n}", span, seed=seed + n) for n in range(KILL_RUNS)),
        *(_run(folder / f"points-{n}", span, points=each) for n, each in enumerate(POINT_RUNS)),
    ]


def _run(
    folder: Path, span: Span, *, seed: int | None = None, points: Mapping[str, str] | None = None
) -> Outcome:
    started_s = time.monotonic()
    crashes = {f"TIDEGATE_{_upper(name)}_CRASH_AT": point for name, point in (points or {}).items()}
    with running(folder, configuration(folder.parent / "bars.csv"), crashes) as instance:
        ready_s = time.monotonic() - started_s
        play = Play(instance, span)
        if seed is not None:
            play.strike(blows(seed, VICTIMS))
        results = play.finish()
        findings = audit(asyncio.run(read_books(instance)))
        deaths = _deaths(instance)
    hit, missed = _points(points or {}, deaths)
    findings += missed
    _say(
        f"{folder.name}: ready after {ready_s:.1f} s, played in {results.duration_s:.1f} s, "
        f"deaths {deaths}, orders {results.orders}, fills {results.fills}, "
        f"findings {len(findings)}"
    )
    for finding in findings[:20]:
        _say(f"  {finding.kind}: {finding.what}")
    return Outcome(results, findings, play.kills, hit)


def _upper(service: str) -> str:
    return service.upper().replace("-", "_")


def _deaths(instance: Instance) -> dict[str, int]:
    """Return how often the supervisor has seen each process end by SIGKILL.

    The exit codes of servers are not written down, only that they died.
    """
    return {
        name: sum(code in {SIGKILLED, None} for code in codes)
        for name, codes in instance.deaths().items()
    }


def _points(
    points: Mapping[str, str], deaths: Mapping[str, int]
) -> tuple[dict[str, int], list[Finding]]:
    """Count the points whose service has died of them; a point that was not hit proves nothing."""
    hit: dict[str, int] = {}
    missed: list[Finding] = []
    for service, setting in points.items():
        point = setting.partition(":")[0]
        if deaths.get(service, 0) == 1:
            hit[point] = hit.get(point, 0) + 1
        else:
            what = f"{setting} in {service} was hit {deaths.get(service, 0)} times, expected 1"
            missed.append(Finding(Kind.WRONG, what))
    return hit, missed


def _summary(reference: Outcome, others: list[Outcome]) -> dict[str, object]:
    everything = [reference, *others]
    return {
        "kills": total([each.kills for each in others]),
        "points": total([each.points for each in others]),
        "same_hashes": all(_hashes(each) == _hashes(reference) for each in others),
        "lost": sum(count(each.findings, Kind.LOST) for each in everything),
        "duplicates": sum(count(each.findings, Kind.DUPLICATE) for each in everything),
    }


def _hashes(outcome: Outcome) -> tuple[str, str]:
    return outcome.results.orders_hash, outcome.results.ledger_hash


def _holds(reference: Outcome, others: list[Outcome], summary: Mapping[str, object]) -> bool:
    """Tell whether everything was hit, nothing is wrong, and the session traded at all."""
    kills, points = summary["kills"], summary["points"]
    assert isinstance(kills, dict)
    assert isinstance(points, dict)
    everything = [reference, *others]
    checks = {
        "the session traded": reference.results.fills > 0 and reference.results.orders > 0,
        "everybody was killed": set(VICTIMS) <= set(kills),
        "every crash point was hit": set(POINTS) <= set(points),
        "the hashes are the same": summary["same_hashes"] is True,
        "nothing is lost, twice or wrong": not any(each.findings for each in everything),
        "the ledger balances": all(each.results.ledger_balanced for each in everything),
    }
    for what, holds in checks.items():
        if not holds:
            _say(f"does not hold: {what}")
    return all(checks.values())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
