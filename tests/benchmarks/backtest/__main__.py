"""`make bench-backtest`: bars per second, start-up and memory, beside other engines in one run.

Every engine plays the same million one-minute bars of one symbol with the same rules: long while
EMA(10) is above EMA(20) ("dense"; EMA 1000/2000 is "sparse"), a fee of 0.1 %. ``BENCH_BARS`` sets
another number of bars. The last line is one JSON object with every figure.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.backtest.children import DENSE, SPARSE, Child, run_child
from tests.benchmarks.backtest.data import write_bars
from tests.benchmarks.backtest.sweeps import measure_sweeps
from tests.benchmarks.peers.played import Played

from tidegate_lab.backtest import ENGINES

LIMIT = Child("tests.benchmarks.backtest.limit", "", 15)
PEERS = {
    "vectorbt_rust": Child("tests.benchmarks.peers.vectorbt", ".venv-peers/vectorbt", 7, ("rust",)),
    "vectorbt_numba": Child(
        "tests.benchmarks.peers.vectorbt", ".venv-peers/vectorbt", 7, ("numba",)
    ),
    "backtesting": Child("tests.benchmarks.peers.backtesting", ".venv-peers/backtesting", 2),
    "nautilus_trader": Child(
        "tests.benchmarks.peers.nautilus_trader", ".venv-peers/nautilus_trader", 1
    ),
}
OURS = ("events", "frames")
US = 1e6

Pair = dict[str, Played | None]


def main() -> int:
    """Measure everything."""
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    print(HEADING)
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
        files = write_bars(Path(folder), int(os.environ.get("BENCH_BARS", "1000000")))
        limit = _shown(LIMIT, files.array, "dense")
        ours = {name: _engine(name, files.parquet) for name in OURS}
        peers = {name: _shown(child, files.array, "dense") for name, child in PEERS.items()}
        sweep = measure_sweeps(Path(folder))
    best = ours["frames"] if ours["frames"]["dense"] else ours["events"]
    per_trade, per_bar = _costs(best)
    peaks = [each.peak_mib for pair in ours.values() for each in pair.values() if each]
    document = {
        **{name: {case: _rate(each) for case, each in pair.items()} for name, pair in ours.items()},
        "sweep_s": sweep,
        "us_per_trade": per_trade,
        "us_per_idle_bar": per_bar,
        "peers": {name: _rate(each) for name, each in peers.items()},
        "numba_limit": _rate(limit),
        "peak_mib": round(max(peaks)) if peaks else None,
    }
    print(f"load after: {os.getloadavg()[0]:.2f}")
    print(json.dumps(document))
    return 0


def _engine(name: str, data: Path) -> Pair:
    if name not in ENGINES:
        print(f"{name}: no figure, because there is no such engine yet", file=sys.stderr)
        return {"dense": None, "sparse": None}
    child = Child("tests.benchmarks.backtest.ours", "", 3, (name,))
    return {case: _shown(child, data, case) for case in ("dense", "sparse")}


def _shown(child: Child, data: Path, case: str) -> Played | None:
    played = run_child(child, data, DENSE if case == "dense" else SPARSE)
    if played is not None:
        print(_line(played, case), flush=True)
    return played


HEADING = (
    f"  {'engine':<20} {'case':<7} {'bars/s':>12} {'fills':>7} {'equity at the end':>18} "
    f"{'start s':>8} {'first s':>8} {'MiB':>6}"
)


def _line(played: Played, case: str) -> str:
    return (
        f"  {played.engine:<20} {case:<7} {played.bars_per_s:>12,.0f} {played.fills:>7,} "
        f"{played.equity:>18,.2f} {played.start_s:>8.2f} {played.first_s:>8.2f} "
        f"{played.peak_mib:>6.0f}"
    )


def _rate(played: Played | None) -> int | None:
    return None if played is None else round(played.bars_per_s)


def _costs(pair: Pair) -> tuple[float | None, float | None]:
    """Solve time = bars x cost of an idle bar + fills x cost of a trade, for the two cases."""
    dense, sparse = pair["dense"], pair["sparse"]
    if dense is None or sparse is None or dense.fills == sparse.fills:
        return None, None
    per_trade_s = (dense.median_s - sparse.median_s) / (dense.fills - sparse.fills)
    per_bar_s = (sparse.median_s - sparse.fills * per_trade_s) / sparse.bars
    return round(US * per_trade_s, 2), round(US * per_bar_s, 4)


if __name__ == "__main__":
    sys.exit(main())
