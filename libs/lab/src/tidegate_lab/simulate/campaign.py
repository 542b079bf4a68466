"""Many hours: each is played by itself, so that jobs, interruptions and order change no total."""

from __future__ import annotations

import subprocess
from collections import Counter
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tidegate_lab.simulate.goals import GOALS
from tidegate_lab.simulate.hour import HourResult, play
from tidegate_lab.simulate.mutants import applied
from tidegate_lab.simulate.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

VIOLATIONS_SHOWN = 20


class Wanted(msgspec.Struct, frozen=True):
    """What is to be played."""

    seed: int
    hours: tuple[int, ...]
    kinds: tuple[str, ...] = ()
    mutant: str = ""


class Header(msgspec.Struct, frozen=True):
    """What the hours in a folder belong to."""

    seed: int
    kinds: tuple[str, ...]
    mutant: str


class Played(msgspec.Struct, frozen=True):
    """One hour and what it came to."""

    hour: int
    result: HourResult


class Totals(msgspec.Struct, frozen=True):
    """The last line."""

    seed: int
    commit: str
    hours: int
    events: int
    orders: int
    fills: int
    kills: int
    crashes: int
    faults: dict[str, int]
    goals: dict[str, int]
    violations: list[dict[str, str | int]]

    @property
    def missing_goals(self) -> tuple[str, ...]:
        """Goals that no hour has reached."""
        return tuple(name for name in GOALS if not self.goals.get(name))


class AnotherCampaign(Exception):
    """A folder holds hours of another campaign."""


class Folder:
    """Where the hours of a campaign are kept, one line each, so that it can go on later."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        """Begin a folder, or go on with one of the same campaign."""
        self._file = path / "hours.jsonl"
        header = Header(wanted.seed, wanted.kinds, wanted.mutant)
        path.mkdir(parents=True, exist_ok=True)
        kept = path / "campaign.json"
        if not kept.exists():
            kept.write_bytes(msgspec.json.encode(header))
        elif msgspec.json.decode(kept.read_bytes(), type=Header) != header:
            message = f"expected {path} to hold a campaign of {header}, found {kept.read_text()}"
            raise AnotherCampaign(message)

    def read(self) -> dict[int, HourResult]:
        """Return the hours that are there; a last line that was cut off counts as not played."""
        found: dict[int, HourResult] = {}
        if not self._file.exists():
            return found
        lines = self._file.read_bytes().split(b"\n")
        for line in lines[:-1]:
            played = msgspec.json.decode(line, type=Played)
            found[played.hour] = played.result
        if lines[-1]:
            self._file.write_bytes(b"".join(line + b"\n" for line in lines[:-1]))
        return found

    def add(self, played: Played) -> None:
        """Keep an hour."""
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(played) + b"\n")


def play_all(
    wanted: Wanted, jobs: int, folder: Folder | None, progress: Callable[[Played], None]
) -> dict[int, HourResult]:
    """Play what is wanted and not in the folder yet; return every hour's result."""
    done = folder.read() if folder is not None else {}
    found = {hour: done[hour] for hour in wanted.hours if hour in done}
    missing = [hour for hour in wanted.hours if hour not in found]
    for played in _played(wanted, missing, jobs):
        found[played.hour] = played.result
        if folder is not None:
            folder.add(played)
        progress(played)
    return found


def _played(wanted: Wanted, hours: Sequence[int], jobs: int) -> Iterator[Played]:
    tasks = [msgspec.structs.replace(wanted, hours=(hour,)) for hour in hours]
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(play_one, tasks)
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(play_one, tasks, chunksize=1)


def play_one(wanted: Wanted) -> Played:
    """Play one hour."""
    (hour,) = wanted.hours
    with applied(wanted.mutant) if wanted.mutant else nullcontext():
        return Played(hour, play(plan_of(wanted.seed, hour, wanted.kinds)))


def totals_of(wanted: Wanted, results: dict[int, HourResult]) -> Totals:
    """Add up; the order in which hours were played does not matter."""
    faults: Counter[str] = Counter()
    goals: Counter[str] = Counter(dict.fromkeys(GOALS, 0))
    sums: Counter[str] = Counter()
    violations: list[dict[str, str | int]] = []
    for hour in sorted(results):
        result = results[hour]
        faults.update(result.faults)
        goals.update(result.goals)
        for name in ("events", "orders", "fills", "kills", "crashes"):
            sums[name] += getattr(result, name)
        violations += [
            {"hour": hour, "invariant": each.invariant, "message": each.message}
            for each in result.violations
        ]
    return Totals(
        seed=wanted.seed,
        commit=commit(),
        hours=len(results),
        events=sums["events"],
        orders=sums["orders"],
        fills=sums["fills"],
        kills=sums["kills"],
        crashes=sums["crashes"],
        faults=dict(sorted(faults.items())),
        goals=dict(goals),
        violations=violations[:VIOLATIONS_SHOWN],
    )


def commit() -> str:
    """Return the commit of the code that ran, with + when files differ from it."""
    here = Path(__file__).parent
    found = _git(here, "rev-parse", "--short=12", "HEAD")
    if not found:
        return "unknown"
    return found + ("+" if _git(here, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607 - found on the path, as everywhere
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
