"""Plays data live, replayed and backtested, under several PYTHONHASHSEEDs, and compares.

Run ``make test-parity``. The large file takes a quarter of an hour and more for each live run, so
that the seeds are played beside each other; ``ARGS="--beside 1"`` plays one after the other.
``ARGS="--only packaged"`` plays the packaged data alone, ``ARGS="--seeds 1"`` under one seed.
The last line is one JSON object; the exit code is 1 if anything differs. Data that are not there
are skipped and named.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from tidegate_chassis.testing import server_folder

from .commands import Commands
from .ways import Played, play_all

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA: dict[str, Path | None] = {
    "packaged": None,
    "crypto": SHARED / "crypto" / "binance_spot_5m_20240101_20240907.parquet",
}
SEEDS = 3
TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str]) -> int:
    """Play everything and compare."""
    parser = argparse.ArgumentParser(prog="tests.parity", description=__doc__)
    parser.add_argument("--only", choices=DATA, help="these data alone")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many PYTHONHASHSEEDs")
    parser.add_argument("--beside", type=int, default=SEEDS, help="how many seeds at a time")
    asked = parser.parse_args(arguments)
    # Whoever ends this ends the demos too, whose servers are their own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    results: dict[str, object] = {}
    same = True
    for name, path in DATA.items():
        if asked.only not in {None, name}:
            continue
        if path is not None and not path.is_file():
            print(f"{name}: skipped, there is no {path}")
            results[name] = "skipped"
            continue
        played = _played(name, path, asked)
        equal = all(each.essence == played[0].essence for each in played)
        same = same and equal
        results[name] = {
            "equal": equal,
            "runs": len(played),
            "ledger_hash": played[0].outcome["ledger_hash"],
            "orders_hash": played[0].outcome["orders_hash"],
        }
    print(json.dumps({"same": same, "seeds": asked.seeds, **results}))
    return 0 if same else 1


def _played(name: str, path: Path | None, asked: argparse.Namespace) -> list[Played]:
    """Play some data under every seed; end everything that runs when one fails, or when told to."""
    commands = Commands()
    with ThreadPoolExecutor(asked.beside) as threads:
        try:
            under = partial(_play, commands, name, path)
            seeds = [threads.submit(under, seed) for seed in range(1, asked.seeds + 1)]
            for each in as_completed(seeds):
                each.result()
        except BaseException:
            commands.end()
            raise
    return [played for each in seeds for played in each.result()]


def _play(commands: Commands, name: str, path: Path | None, seed: int) -> list[Played]:
    with server_folder() as folder:
        played = play_all(commands, [] if path is None else [str(path)], seed, folder)
    for each in played:
        found = each.outcome
        print(
            f"{name}, seed {seed}, {each.way:15} ledger {found['ledger_hash'][:16]} "
            f"orders {found['orders_hash'][:16]} {found['bars']:,} bars "
            f"{found['orders']:,} orders {each.wall_s:,} s",
            flush=True,
        )
    return played


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
