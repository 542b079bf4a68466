"""`make test-crash-execution`: execution killed and frozen again and again, at venues outside.

ARGS="--kills 10 --freezes 2" runs fewer; `--resume FOLDER` leaves out what was run already. Every
part is an instance of its own. Progress goes to stderr; the last line of stdout is one JSON object.
The exit code is 1 when anything does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
import traceback
from collections import Counter
from functools import partial
from pathlib import Path

import msgspec
import structlog
from tests.crash.audit import channels, decisions, ledger, reading
from tests.crash.books import read_books
from tests.crash.findings import Finding, Kind, count

from tidegate_chassis.testing.folder import server_folder

from .coverage import covered, goals_missing
from .freezing import Freezing
from .killing import Killing
from .places import PLACES
from .reckoning import listen, tally
from .resting import come_to_rest
from .stage import Stage, stage

KILLS, FREEZES = 1_000, 100
KILLS_A_PART = 100
LONG_KILLS = 200
"""So many must have died over every kind of order."""
TERMINATED = 128 + signal.SIGTERM


class Part(msgspec.Struct, frozen=True):
    """What one instance has been through, and what was found to be wrong."""

    number: int
    seed: int
    counts: dict[str, int]
    findings: list[Finding]
    duration_s: float


def main(arguments: list[str]) -> int:
    """Run every part that is missing; return 0 only if all of it holds."""
    parser = argparse.ArgumentParser(prog="make test-crash-execution", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--freezes", type=int, default=FREEZES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="folder that holds a file for each part")
    given = parser.parse_args(arguments)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # Whoever ends this ends the instance too, whose supervisor sleeps.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    started_s = time.monotonic()
    if given.resume is not None:
        given.resume.mkdir(parents=True, exist_ok=True)
    parts = max(1, -(-given.kills // KILLS_A_PART))
    done: list[Part] = []
    try:
        for number in range(1, parts + 1):
            wanted = (_share(given.kills, number, parts), _share(given.freezes, number, parts))
            done.append(_part(number, given.seed * 1_000 + number, wanted, given.resume))
    except Exception as error:  # noqa: BLE001 - a part that does not end has shown nothing
        traceback.print_exc()
        _print({**_summary(done), "error": repr(error)}, started_s)
        return 1
    summary = _summary(done)
    _print(summary, started_s)
    return 0 if summary["holds"] else 1


def _share(whole: int, number: int, parts: int) -> int:
    return whole * number // parts - whole * (number - 1) // parts


def _part(number: int, seed: int, wanted: tuple[int, int], folder: Path | None) -> Part:
    """Run a part, or read what it came to when it was run before."""
    file = None if folder is None else folder / f"part-{seed}-{wanted[0]}-{wanted[1]}.json"
    if file is not None and file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Part)
    say = partial(_say, f"part {number}: ")
    started_s = time.monotonic()
    with server_folder() as scratch, stage(scratch / "instance") as set_up:
        say(f"ready after {time.monotonic() - started_s:.0f} s")
        killing, freezing = Killing(set_up, seed, say), Freezing(set_up, seed, say)
        found = killing.run(wanted[0]) + freezing.run(wanted[1])
        counts = killing.counts + freezing.counts
        found += _reckon(set_up, counts, killing.moments + freezing.moments, say)
    part = Part(number, seed, dict(sorted(counts.items())), found, time.monotonic() - started_s)
    say(f"{part.duration_s:.0f} s, {len(found)} findings")
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(part)))
    return part


def _reckon(
    set_up: Stage, counts: Counter[str], moments: list[int], say: partial[None]
) -> list[Finding]:
    """At the end, read every journal, outbox and stream too."""
    leader = set_up.start()
    found = come_to_rest(set_up, leader, say)
    for place in PLACES:
        for name, number in tally(listen(set_up, leader, place)).items():
            counts[f"{place.name}: {name}"] += number
    books = asyncio.run(read_books(set_up.instance))
    counts += covered(books, moments)
    for check in (channels, reading, decisions, ledger):
        found += check(books)
    leader.kill()
    for each in found:
        say(f"  {each.kind}: {each.what}")
    return found


def _summary(parts: list[Part]) -> dict[str, object]:
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    found = [each for part in parts for each in part.findings]
    missing = goals_missing(counts) if counts["kills"] >= LONG_KILLS else []
    traded = all(counts[f"{place.name}: orders_at_venue"] for place in PLACES)
    return {
        "holds": bool(parts) and traded and not found and not missing,
        "goals_missing": missing,
        "lost": count(found, Kind.LOST),
        "duplicates": count(found, Kind.DUPLICATE),
        "wrong": count(found, Kind.WRONG),
        "parts": len(parts),
        **dict(sorted(counts.items())),
        "seconds_of_parts": round(sum(part.duration_s for part in parts), 1),
    }


def _print(summary: dict[str, object], started_s: float) -> None:
    document = {**summary, "duration_s": round(time.monotonic() - started_s, 1)}
    print(json.dumps(document), flush=True)  # noqa: T201 - the result


def _say(prefix: str, text: str) -> None:
    print(prefix + text, file=sys.stderr, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
