"""`make bench-memory`: a sparse strategy over 100 million bars streamed from Parquet.

The file (20 symbols, about 1.1 GB) is written to a temporary folder first and deleted at the end;
``BENCH_BARS`` sets another number of bars. Four million are played before, from a file of their
own: more bars may only cost what the machines say about them. Exit code 1 when they cost more, or
when the peak is above 1 GiB.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.backtest.children import SPARSE, Child, run_child
from tests.benchmarks.backtest.data import write_many
from tests.benchmarks.peers.played import Played

from tidegate_lab.backtest import ENGINES

BARS_BEFORE = 4_000_000
BYTES_A_BAR = 15
PEAK_MAX_MIB = 1024
# A bar in memory takes 52 bytes. What the machines say is kept but for signals and verdicts: some
# 5 KB for each order with its events and entries, of which there is one in about 2,300 bars.
GROWTH_BYTES_A_BAR_MAX = 5
MIB = 2**20


def main() -> int:
    """Measure a tenth of the bars, then all of them."""
    bars = int(os.environ.get("BENCH_BARS", "100000000"))
    engine = "frames" if "frames" in ENGINES else "events"
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        free = shutil.disk_usage(folder).free
        if free < 2 * bars * BYTES_A_BAR:
            print(f"expected {2 * bars * BYTES_A_BAR} bytes free, found {free}", file=sys.stderr)
            return 2
        played = [_played(Path(folder), count, engine) for count in (BARS_BEFORE, bars)]
    less, more = played
    if less is None or more is None:
        return 2
    growth = MIB * (more.peak_mib - less.peak_mib) / max(more.bars - less.bars, 1)
    small = growth <= GROWTH_BYTES_A_BAR_MAX and more.peak_mib <= PEAK_MAX_MIB
    document = {
        "engine": more.engine,
        "bars": [less.bars, more.bars],
        "peak_mib": [round(less.peak_mib), round(more.peak_mib)],
        "read_s": round(more.start_s, 1),
        "bars_per_s": round(more.bars / more.first_s),
        "fills": more.fills,
        "growth_bytes_a_bar": round(growth, 2),
        "small": small,
    }
    print(json.dumps(document))
    return 0 if small else 1


def _played(folder: Path, count: int, engine: str) -> Played | None:
    path = folder / "many.parquet"
    write_many(path, count)
    size_mb = path.stat().st_size / 1e6
    played = run_child(Child("tests.benchmarks.backtest.streaming", "", 0, (engine,)), path, SPARSE)
    path.unlink()
    if played is not None:
        print(
            f"  {played.engine}: {played.bars:,} bars, {size_mb:,.0f} MB of Parquet: "
            f"peak {played.peak_mib:,.0f} MiB, checked in {played.start_s:,.0f} s, "
            f"played in {played.first_s:,.0f} s, {played.fills:,} fills",
            flush=True,
        )
    return played


if __name__ == "__main__":
    sys.exit(main())
