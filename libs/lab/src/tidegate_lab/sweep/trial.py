"""One trial: a session with certain parameters, played by the machines over a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate_contracts.execution import AccountEntry, Fill
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.backtest.engines import engine_of
from tidegate_lab.backtest.options import entry_of
from tidegate_lab.backtest.trips import trade_returns_of, trips_of
from tidegate_lab.host.session import rounds_of
from tidegate_lab.outcome import Record
from tidegate_lab.statistics.curve import DailyReturns, daily_returns
from tidegate_lab.statistics.sharpe import OBSERVATIONS_MIN, moments_of
from tidegate_lab.sweep.grid import Value
from tidegate_signals.core.strategies import apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate_chassis.configuration import Session
    from tidegate_market_data.adapters.dataset import Dataset


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial came to. Money is decimal text; returns are of each UTC day with bars."""

    parameters: dict[str, Value]
    sharpe: float | None
    """Per day; None where there are too few days."""
    returns: tuple[float, ...]
    trades: int
    """Round trips."""
    trade_returns: tuple[float, ...]
    """Each round trip's gain after fees, as a share of the equity before it ended."""
    fills: int
    final_equity: str
    fees: str
    max_drawdown: str
    orders_hash: str
    ledger_hash: str


def run_trial(
    session: Session, dataset: Dataset, engine: str, parameters: dict[str, Value]
) -> TrialResult:
    """Play ``session`` with ``parameters`` for its strategy; both are judged already."""
    rounds = rounds_of(with_parameters(session, parameters), dataset)
    record = Record()
    rounds.observers.append(record.observe)
    engine_of(engine)(rounds, dataset)
    outcome = record.outcome(0.0)
    returns = returns_of(record, dataset).values
    trips = trips_of(record.of(Fill), record.of(AccountEntry))
    trades = trade_returns_of(trips, record.of(AccountSnapshot))
    enough = len(returns) >= OBSERVATIONS_MIN
    return TrialResult(
        parameters=parameters,
        sharpe=moments_of(returns).sharpe if enough else None,
        returns=tuple(returns.tolist()),
        trades=len(trades),
        trade_returns=tuple(trades.tolist()),
        fills=outcome.fills,
        final_equity=outcome.final_equity,
        fees=outcome.fees,
        max_drawdown=outcome.max_drawdown,
        orders_hash=outcome.orders_hash,
        ledger_hash=outcome.ledger_hash,
    )


def with_parameters(session: Session, parameters: dict[str, Value]) -> Session:
    """Return the session with these parameters of its one strategy, over those that it has.

    `entry.` begins the name of one that says how its entries are placed.
    """
    (strategy,) = session.strategies
    own, placing = apart(parameters)
    update: dict[str, Any] = {"parameters": {**strategy.parameters, **own}}
    if placing:
        given = strategy.entry.model_dump(exclude_unset=True) if strategy.entry else {}
        update["entry"] = entry_of("--grid", given | placing)
    changed = strategy.model_copy(update=update)
    return session.model_copy(update={"strategies": (changed,)})


def returns_of(record: Record, dataset: Dataset) -> DailyReturns:
    """Return the account's daily returns, one for each UTC day in which a bar ends."""
    accounts: Sequence[AccountSnapshot] = record.of(AccountSnapshot)
    at_ns = np.array([each.event_at_ns for each in accounts], dtype=np.int64)
    equity = np.array([float(each.equity) for each in accounts])
    # The feed ends a nanosecond after its last bar: that look belongs to the bar's day.
    return daily_returns(np.minimum(at_ns, dataset.last_ns), equity, days_of(dataset))


def days_of(dataset: Dataset) -> NDArray[np.int64]:
    """Return the UTC days in which a bar ends; midnight belongs to the day that it ends."""
    days: NDArray[np.int64] = np.unique(
        (dataset.values[0] + dataset.timeframe_ns - 1) // NS_PER_DAY
    )
    return days
