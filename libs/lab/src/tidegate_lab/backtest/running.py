"""Runs a backtest: the session's machines play the data, and everything that they say is kept."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate_lab.backtest.engines import DEFAULT_ENGINE, engine_of
from tidegate_lab.backtest.journal import Journal
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.host.session import rounds_of
from tidegate_lab.outcome import Outcome, Record
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import replay_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tidegate_chassis.configuration import Session
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

    Watch = Callable[[Rounds, Bars], AbstractContextManager[object]]


@dataclass(frozen=True, eq=False)
class Run:
    """A backtest that has been played: what was asked for, and what came of it."""

    session: Session
    dataset: Bars
    record: Record
    journal: Journal
    engine: str
    outcome: Outcome


def run(  # noqa: PLR0913 - one parameter for each option
    strategies: Sequence[str],
    data: Sequence[str | Path],
    *,
    since: str | None = None,
    until: str | None = None,
    limits: str | Path | None = None,
    fees: str | None = None,
    latency: str | None = None,
    capital: str = Options().capital,
    name: str = Options().name,
    engine: str = DEFAULT_ENGINE,
) -> Run:
    """Backtest strategies on data; every parameter is text as on the command line.

    Raises `OptionError` for a parameter that cannot be read, `DataError` for bad data and
    `ConfigurationError` for what a service refuses.
    """
    options = Options(
        strategies=tuple(strategies),
        data=tuple(data),
        since=since,
        until=until,
        limits=limits,
        fees=fees,
        latency=latency,
        capital=capital,
        name=name,
    )
    return run_session(session_of(options), engine)


def run_session(session: Session, engine: str = DEFAULT_ENGINE, watch: Watch | None = None) -> Run:
    """Play a session's data from its first bar to its last; ``watch`` is open meanwhile."""
    engine_of(engine)  # a wrong name costs no reading
    return run_dataset(session, read_replay(replay_settings(session)), engine, watch)


def run_dataset(
    session: Session, dataset: Bars, engine: str = DEFAULT_ENGINE, watch: Watch | None = None
) -> Run:
    """Play a dataset that has been read already."""
    play = engine_of(engine)
    rounds = rounds_of(session, dataset)
    record, journal = Record(), Journal(rounds.feed.name)
    rounds.observers += [record.observe, journal.observe]
    started_s = time.perf_counter()
    with nullcontext() if watch is None else watch(rounds, dataset):
        play(rounds, dataset)
    outcome = record.outcome(time.perf_counter() - started_s)
    return Run(session, dataset, record, journal, engine, outcome)
