"""The screen finds what the machines find, wherever no limit binds; and it never ranks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidegate_chassis.configuration import Session
from tidegate_lab.backtest import OptionError, Options, session_of
from tidegate_lab.backtest.running import run_bars
from tidegate_lab.sweep.grid import parse_grid
from tidegate_lab.sweep.identity import data_of, in_memory
from tidegate_lab.sweep.proposals import valid_points
from tidegate_lab.sweep.register import Register
from tidegate_lab.sweep.running import Here, Search, Task
from tidegate_lab.sweep.screen.screening import screen
from tidegate_lab.sweep.trial import run_trial, with_parameters
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.config import replay_settings
from tidegate_risk.config.breakers import BreakerSettings

from .conftest import make_sweep

# The first use compiles the kernel, which takes seconds, and a minute on a busy machine.
pytestmark = pytest.mark.timeout(300)

UNBOUND: dict[str, Any] = {
    "position_fraction": "0.15",
    "order_notional_max_fraction": "1",
    "symbol_exposure_max_fraction": "1",
    "gross_exposure_max_fraction": "10",
    "open_positions_max": 100,
    "daily_loss_max_percent": "50",
    "portfolio_heat_max_fraction": "1",
    "asset_exposure_max_fraction": "10",
    "asset_class_exposure_max_fraction": "10",
    "correlated_exposure_max_fraction": "10",
    "var_max_fraction": "1",
    "cvar_max_fraction": "1",
    "stress_loss_max_fraction": "1",
    "trade_notional_min": "0",
    "cash_buffer_fraction": "0",
    "breakers": {
        name: {"enabled": False}
        for name in BreakerSettings.model_fields
        if name not in {"resume", "ramp_s", "ramp_start_fraction"}
    },
    "stop_range_multiple": "0",
    "take_profit_range_multiple": "0",
    "volatility_target_fraction": "10",
    "kelly_enabled": False,
    "exposure_taper_start_fraction": "1",
    "loss_taper_start_fraction": "1",
    "correlation_size_min_fraction": "1",
    "drawdown_shrink_percent": "100",
    "net_exposure_max_fraction": "10",
    "leverage_max": "10",
    "volume_share_max_fraction": "1",
}
GRIDS = {
    "ema-crossover": ("fast=2,5,10", "slow=11,30"),
    "donchian-breakout": ("entry=5,20", "exit=2,5"),
}


@pytest.mark.parametrize("strategy", sorted(GRIDS))
def test_it_equals_the_machines_where_no_limit_binds(strategy: str) -> None:
    """Four stocks under one account: the same fills, fees, equity and daily returns."""
    options = Options(
        strategies=(strategy,),
        data=(DEMO_PATH,),
        fees="12.5bps+0.005/share",
        since="2006-01-01",
        until="2007-07-01",
    )
    session = _unbound(session_of(options))
    dataset = in_memory(read_replay(replay_settings(session)))
    grid = parse_grid(GRIDS[strategy])
    points = valid_points(grid, session)
    traded = 0
    for point, (screened, returns) in zip(
        points, screen(session, dataset, grid, points), strict=True
    ):
        result = run_trial(session, dataset, "events", grid.parameters(point))
        assert _refused(session, dataset, screened.parameters) == 0
        assert screened.fills == result.fills
        assert screened.final_equity == pytest.approx(float(result.final_equity), rel=1e-9)
        assert screened.fees == pytest.approx(float(result.fees), rel=1e-6)
        assert returns == pytest.approx(np.array(result.returns), abs=1e-10)
        assert screened.sharpe == pytest.approx(result.sharpe, abs=1e-9)
        traded += result.fills
    assert traded > 300


def test_it_differs_where_a_limit_binds() -> None:
    """The screen knows no limit: that is why it never ranks."""
    options = Options(
        strategies=("ema-crossover",), data=(DEMO_PATH,), since="2006-01-01", until="2007-01-01"
    )
    session = session_of(options)
    dataset = in_memory(read_replay(replay_settings(session)))
    grid = parse_grid(["fast=2", "slow=5"])
    (estimate,) = screen(session, dataset, grid, [(0, 0)])
    result = run_trial(session, dataset, "events", grid.parameters((0, 0)))
    assert _refused(session, dataset, result.parameters) > 0
    assert estimate.screened.fills > result.fills


def test_the_machines_play_the_best_and_all_count(task: Task, tmp_path: Path) -> None:
    """Seven are estimated, three are played; the result is the machines', of seven trials."""
    found = make_sweep(task, tmp_path).run(Search(screen=3), Here(task), lambda _: None)
    assert (found.screened, found.tried, len(found.best)) == (7, 3, 3)
    assert found.trials == 7
    assert all(each.screened for each in found.estimates)
    assert found.choice.screened
    for each in found.best:
        exact = run_trial(task.session, task.dataset, task.engine, each.parameters)
        assert exact.orders_hash == each.orders_hash
    assert Register(tmp_path).beside(data_of(task.dataset)).count == 7


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("ema-crossover:stop_atr=2", "no stops"),
        ("ema-crossover:entry.style=limit", "market orders"),
        ("donchian-breakout:stop_atr=1.5", "no stops"),
    ],
)
def test_what_it_does_not_know_is_refused(task: Task, strategy: str, expected: str) -> None:
    """An estimate of something else would be worse than none."""
    session = session_of(Options(strategies=(strategy,), data=(DEMO_PATH,)))
    length = "fast" if "ema" in strategy else "entry"
    grid = parse_grid([f"{length}=15"])
    with pytest.raises(OptionError, match=expected):
        screen(session, task.dataset, grid, [(0,)])


def test_a_venue_that_fills_in_parts_is_refused(task: Task) -> None:
    """Volume bounds, latencies of a bar and more, and holding costs are the machines' business."""
    borrow = {"borrow": [{"asset_class": "equity", "annual_percent": "5"}]}
    refused = {"volume_share": "0.1", "latency": "2d", "slippage_bps": "0.0001", "carry": borrow}
    for name, value in refused.items():
        venue = {name: value}
        session = task.session.model_copy(update={"venue": venue})
        with pytest.raises(OptionError, match="--screen"):
            screen(session, task.dataset, task.grid, [(0, 0)])


def _unbound(session: Session) -> Session:
    return session.model_copy(update={"limits": UNBOUND})


def _refused(session: Session, dataset: Dataset, parameters: dict[str, int | float | str]) -> int:
    refused = run_bars(with_parameters(session, dict(parameters)), dataset).outcome.verdicts
    return sum(refused["refused"].values())
