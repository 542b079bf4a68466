"""Plays data live, replayed and backtested, under several PYTHONHASHSEEDs, and compares.

Run ``make test-parity``. The large file takes a quarter of an hour and more for each live run.
``ARGS="--only packaged"`` plays the packaged data alone, ``ARGS="--seeds 1"`` under one seed.
The last line is one JSON object; the exit code is 1 if anything differs. Data that are not there
are skipped and named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tidegate_chassis.testing import server_folder

from .ways import Played, play_all

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA: dict[str, Path | None] = {
    "packaged": None,
    "crypto": SHARED / "crypto" / "binance_spot_5m_20240101_20240907.parquet",
}
SEEDS = 3


def main(arguments: Sequence[str]) -> int:
    """Play everything and compare."""
    parser = argparse.ArgumentParser(prog="tests.parity", description=__doc__)
    parser.add_argument("--only", choices=DATA, help="these data alone")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many PYTHONHASHSEEDs")
    asked = parser.parse_args(arguments)
    results: dict[str, object] = {}
    same = True
    for name, path in DATA.items():
        if asked.only not in {None, name}:
            continue
        if path is not None and not path.is_file():
            print(f"{name}: skipped, there is no {path}")
            results[name] = "skipped"
            continue
        played = _played(name, path, asked.seeds)
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


def _played(name: str, path: Path | None, seeds: int) -> list[Played]:
    played: list[Played] = []
    for seed in range(1, seeds + 1):
        with server_folder() as folder:
            again = play_all([] if path is None else [str(path)], seed, folder)
        played += again
        for each in again:
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
