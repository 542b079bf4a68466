"""Runs a backtest: the session's machines play the data, and everything that they say is kept."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry, Performance, Position
from tidegate_lab.backtest.days import Days, days_of
from tidegate_lab.backtest.engines import DEFAULT_ENGINE, engine_of
from tidegate_lab.backtest.journal import Journal
from tidegate_lab.backtest.metrics import Metrics, costs_of, metrics_of, returns_of
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.backtest.sensitivity import CostSensitivity, per_year, with_doubled_costs
from tidegate_lab.backtest.tables import equity_table, fills_table, ledger_table, orders_table
from tidegate_lab.backtest.trips import Trip, trade_returns_of, trips_of
from tidegate_lab.host.session import rounds_of
from tidegate_lab.outcome import Outcome, Record
from tidegate_lab.replayed import replay_of
from tidegate_lab.statistics.honest import Honest, Trials, honest
from tidegate_lab.statistics.sharpe import OBSERVATIONS_MIN, moments_of
from tidegate_lab.statistics.trade_order import TradeOrder, shuffle_trades

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from tidegate_chassis.configuration import Session
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

    Watch = Callable[[Rounds, Bars], AbstractContextManager[object]]


@dataclass(frozen=True, eq=False)
class Run:
    """A backtest that has been played: what was asked for, and what came of it."""

    session: Session
    bars: Bars
    record: Record
    journal: Journal
    engine: str
    outcome: Outcome
    # How many trials on these data led to this run, itself included.
    trials: Trials = field(default_factory=Trials)
    # The same at doubled costs, once `with_costs_doubled` has played it.
    costs: CostSensitivity | None = None

    @cached_property
    def orders(self) -> pa.Table:
        """The last state of every order (`tables.ORDERS`)."""
        return orders_table(self.last_events)

    @cached_property
    def fills(self) -> pa.Table:
        """Every fill (`tables.FILLS`)."""
        return fills_table(self.record.of(Fill))

    @cached_property
    def ledger(self) -> pa.Table:
        """Every entry of the ledger (`tables.LEDGER`)."""
        return ledger_table(self.record.of(LedgerEntry))

    @cached_property
    def equity(self) -> pa.Table:
        """Every snapshot of the account (`tables.EQUITY`)."""
        return equity_table(self.record.of(AccountSnapshot))

    @cached_property
    def days(self) -> Days:
        """The account at the end of each day, beside buying and holding."""
        return days_of(self.bars, self.record.of(AccountSnapshot), self.record.of(Position))

    @cached_property
    def trips(self) -> list[Trip]:
        """Every round trip that was ended."""
        return trips_of(self.record.of(Fill), self.record.of(AccountEntry))

    @cached_property
    def metrics(self) -> Metrics:
        """What the run is judged by (`metrics.DEFINITIONS`)."""
        whole = [each for each in self.record.of(Performance) if not each.strategy]
        costs = costs_of(
            self.session, self.last_events, self.record.of(Fill), self.record.of(AccountEntry)
        )
        return metrics_of(self.outcome, self.days, whole[-1] if whole else None, costs)

    @cached_property
    def honest(self) -> Honest:
        """The Sharpe ratio with what belongs beside it."""
        return honest(returns_of(self.days), self.trials)

    @cached_property
    def trade_order(self) -> TradeOrder | None:
        """How deep the same trades might have fallen in other orders; None without a trade."""
        returns = trade_returns_of(self.trips, self.record.of(AccountSnapshot))
        return shuffle_trades(returns) if len(returns) else None

    @property
    def sharpe(self) -> float | None:
        """The Sharpe ratio per year; None where there are too few days."""
        returns = returns_of(self.days)
        if len(returns.values) < OBSERVATIONS_MIN:
            return None
        return per_year(moments_of(returns.values).sharpe, returns.per_year)

    @cached_property
    def last_events(self) -> list[OrderEvent]:
        """The last event of every order, in the order of their first."""
        events: list[OrderEvent] = self.record.of(OrderEvent)
        return list({each.specification.client_order_id: each for each in events}.values())

    def save(self, folder: str | Path) -> Path:
        """Write the run's folder (`tidegate_lab.backtest.folder`) and return it."""
        from tidegate_lab.backtest.folder import write_folder  # noqa: PLC0415 - made of runs

        path = Path(folder).expanduser()
        write_folder(self, path)
        return path


def run(  # noqa: PLR0913 - one parameter for each option
    strategies: Sequence[str],
    data: Sequence[str | Path],
    *,
    since: str | None = None,
    until: str | None = None,
    limits: str | Path | None = None,
    fees: str | None = None,
    latency: str | None = None,
    carry: str | Path | None = None,
    greeks: str | None = None,
    interest_rate: str | None = None,
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
        carry=carry,
        greeks=greeks,
        interest_rate=interest_rate,
        capital=capital,
        name=name,
    )
    return run_session(session_of(options), engine)


def run_session(session: Session, engine: str = DEFAULT_ENGINE) -> Run:
    """Play a session's data from its first bar to its last."""
    engine_of(engine)  # a wrong name costs no reading
    return run_bars(session, replay_of(session), engine)


def run_bars(
    session: Session, bars: Bars, engine: str = DEFAULT_ENGINE, watch: Watch | None = None
) -> Run:
    """Play bars that have been read already; ``watch`` is open meanwhile."""
    play = engine_of(engine)
    rounds = rounds_of(session, bars)
    record, journal = Record(), Journal(rounds.feed.name)
    rounds.observers += [record.observe, journal.observe]
    started_s = time.perf_counter()
    with nullcontext() if watch is None else watch(rounds, bars):
        play(rounds, bars)
    outcome = record.outcome(time.perf_counter() - started_s)
    return Run(session, bars, record, journal, engine, outcome)


def with_costs_doubled(run: Run, watch: Watch | None = None) -> Run:
    """Play a run again at twice the fees and slippage, and return it with what that makes."""
    doubled = run_bars(with_doubled_costs(run.session), run.bars, run.engine, watch)
    costs = CostSensitivity(
        sharpe=run.sharpe,
        sharpe_doubled=doubled.sharpe,
        final_equity=run.outcome.final_equity,
        final_equity_doubled=doubled.outcome.final_equity,
        fees=run.outcome.fees,
        fees_doubled=doubled.outcome.fees,
    )
    return replace(run, costs=costs)
