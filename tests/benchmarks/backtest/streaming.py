"""One run over bars that are streamed: a sparse strategy on every symbol of a large file."""

from __future__ import annotations

import sys

from tests.benchmarks.backtest.ours import played, session_of
from tests.benchmarks.peers.played import Engine, Result, report

from tidegate_market_data.adapters.files import load_dataset
from tidegate_market_data.adapters.slabs import Sizes

STREAMED = Sizes(stream_above=0)


def main(path: str, fast: int, slow: int, runs: int, engine: str) -> None:
    """Measure; a small file is streamed as well."""
    session = session_of(path, fast, slow)
    dataset = load_dataset([path], feed=session.feed_name, sizes=STREAMED)

    def play() -> Result:
        outcome = played(engine, session, dataset)
        return Result(outcome.fills, float(outcome.final_equity))

    report(Engine(f"tidegate_{engine}", "0.1.0", dataset.bar_count, play), runs)


if __name__ == "__main__":
    fast_bars, slow_bars, times = map(int, sys.argv[2:5])
    main(sys.argv[1], fast_bars, slow_bars, times, sys.argv[5])
