"""Tidegate: the machines of a session, with risk, execution, matching and the ledger in the loop.

What is timed is a whole session: its machines are made new, and play the data from the first bar
to the last while everything that they say is recorded or counted. Only reading the file is not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.benchmarks.peers.played import CAPITAL, FEE, Engine, Result, report

from tidegate_chassis.configuration import (
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_lab.backtest import ENGINES
from tidegate_lab.host.session import rounds_of
from tidegate_lab.outcome import Outcome, Record
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.dataset import Bars
from tidegate_market_data.config import replay_settings

LIMITS: Mapping[str, Any] = {
    "position_fraction": "0.0001",
    "breakers": {
        "losing_streak": {"losses_max": 1_000_000},
        "cooldown": {"losses": 1_000_000},
        "overtrading": {"entries_max": 1_000_000},
    },
}
"""About the quantity that the others trade; and breakers that count, but let a walk without a
profit go on losing, as the others do. Everything else is as it comes."""


def session_of(path: str, fast: int, slow: int) -> Session:
    """Return the session: the benchmark's fee, no slippage, its limits."""
    return Session(
        name="bench",
        capital=Money(amount=Decimal(CAPITAL), currency="USD"),
        feed=FeedConfiguration(paths=(path,)),
        strategies=(
            StrategyConfiguration(
                name="ema", strategy="ema-crossover", parameters={"fast": fast, "slow": slow}
            ),
        ),
        limits=dict(LIMITS),
        venue={"fee_bps": str(10_000 * FEE), "slippage_bps": "0"},
    )


def played(engine: str, session: Session, dataset: Bars) -> Outcome:
    """Play the session from new machines to the outcome."""
    rounds = rounds_of(session, dataset)
    record = Record()
    rounds.observers.append(record.observe)
    ENGINES[engine](rounds, dataset)
    return record.outcome(0.0)


def main(path: str, fast: int, slow: int, runs: int, engine: str) -> None:
    """Measure."""
    session = session_of(path, fast, slow)
    dataset = read_replay(replay_settings(session))

    def play() -> Result:
        outcome = played(engine, session, dataset)
        assert outcome.ledger_balanced, "the ledger does not balance"
        assert not outcome.verdicts["refused"], f"refused: {outcome.verdicts}"
        return Result(outcome.fills, float(outcome.final_equity))

    report(Engine(f"tidegate_{engine}", "0.1.0", dataset.bar_count, play), runs)


if __name__ == "__main__":
    fast_bars, slow_bars, times = map(int, sys.argv[2:5])
    main(sys.argv[1], fast_bars, slow_bars, times, sys.argv[5])
