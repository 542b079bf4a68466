"""Orders of trades, plateaus, splits of time, and returns per day."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.statistics.curve import daily_returns
from tidegate_lab.statistics.errors import StatisticsError
from tidegate_lab.statistics.honest import Trials, honest, trials_of
from tidegate_lab.statistics.plateau import Point, plateau_map, plateau_of
from tidegate_lab.statistics.splits import cross_validate, walk_forward_windows
from tidegate_lab.statistics.trade_order import largest_drawdown, shuffle_trades

HOUR_NS = NS_PER_DAY // 24


def test_shuffles_agree_with_every_order() -> None:
    """The random orders' quantiles are those of all 120 orders of five trades."""
    trades = np.array([0.1, -0.05, 0.2, -0.3, 0.02])
    falls = largest_drawdown(np.array(list(permutations(trades))))
    found = shuffle_trades(trades, orders=20_000)
    assert found.median == pytest.approx(float(np.median(falls)), abs=0.02)
    assert found.worst_of_20 == pytest.approx(float(np.quantile(falls, 0.95)), abs=0.005)
    luck = np.mean(falls > found.observed + 1e-12)
    assert found.luck == pytest.approx(float(luck), abs=0.02)


def test_equal_trades_have_one_order() -> None:
    """Trades that all lose the same fall equally deep in every order: luck had no part."""
    found = shuffle_trades(np.full(20, -0.01))
    assert found.observed == pytest.approx(found.worst_of_100)
    assert found.luck == 0.0


def test_no_trades_have_no_order() -> None:
    """Without a trade there is nothing to shuffle."""
    with pytest.raises(StatisticsError, match="at least 1 finite trade return, found 0"):
        shuffle_trades(np.array([]))


def test_a_lonely_peak_is_no_plateau() -> None:
    """The neighbours of a peak keep little, those of a flat top nearly all."""
    peak: dict[Point, float] = dict.fromkeys(product(range(3), repeat=2), 0.1)
    flat: dict[Point, float] = dict.fromkeys(product(range(3), repeat=2), 1.9)
    peak[1, 1] = flat[1, 1] = 2.0
    lonely, plateau = plateau_of(peak, (1, 1)), plateau_of(flat, (1, 1))
    assert lonely is not None
    assert plateau is not None
    assert lonely.neighbours == plateau.neighbours == 8
    assert lonely.mean_kept == pytest.approx(0.05)
    assert plateau.worst_kept == pytest.approx(0.95)


def test_the_map_holds_what_gains_and_has_neighbours() -> None:
    """A point that loses, or one with no neighbour tried, has nothing to keep."""
    sharpes: dict[Point, float] = {(0,): 1.0, (1,): -0.5, (5,): 2.0}
    assert list(plateau_map(sharpes)) == [(0,)]


def test_windows_follow_each_other_and_never_overlap() -> None:
    """Each window is judged right after what it learned, and the judged parts touch."""
    windows = walk_forward_windows(100, 30, 20)
    assert [(w.first, w.last, w.end) for w in windows] == [
        (0, 30, 50),
        (20, 50, 70),
        (40, 70, 90),
        (60, 90, 100),
    ]
    assert {w.first for w in walk_forward_windows(100, 30, 20, anchored=True)} == {0}
    with pytest.raises(StatisticsError, match="at least 50 observations"):
        walk_forward_windows(49, 30, 20)


def test_cross_validation_tells_skill_from_luck() -> None:
    """Skill shows on every unseen path; the best of worthless trials is worth nothing there."""
    generator = np.random.default_rng(1)
    noise = generator.normal(0, 1, (30, 600))
    skilled = noise.copy()
    skilled[3] += 0.3
    assert abs(cross_validate(noise).mean_sharpe) < 0.06
    found = cross_validate(skilled)
    assert found.splits == 45
    assert len(found.path_sharpes) == 9
    assert found.losing_share == 0.0
    assert found.mean_sharpe == pytest.approx(0.3, abs=0.08)


def test_a_days_return_is_between_midnights() -> None:
    """Looks within a day fold into its last, midnight ends the day, weekends make no return."""
    at = [0, 5, 24, 30, 47, 24 * 5 + 1]
    equity = [100.0, 101.0, 102.0, 90.0, 104.04, 52.02]
    found = daily_returns(np.array(at) * HOUR_NS, np.array(equity))
    assert found.days.tolist() == [0, 1, 5]
    assert found.values == pytest.approx([0.02, 0.02, -0.5])


@given(st.lists(st.tuples(st.integers(1, 200), st.floats(0.5, 2.0)), min_size=1, max_size=40))
def test_daily_returns_lose_nothing(steps: list[tuple[int, float]]) -> None:
    """However the moments fall, the days' returns compound to the whole."""
    at_ns = np.cumsum([0, *(step for step, _ in steps)]) * HOUR_NS
    equity = _compounded(np.array([growth - 1 for _, growth in steps]))
    found = daily_returns(at_ns, equity)
    assert math.prod(1 + each for each in found.values) == pytest.approx(equity[-1] / equity[0])
    assert len(set(found.days.tolist())) == len(found.days)


def test_honest_numbers_stand_beside_the_sharpe() -> None:
    """A run found as one of 500 trials has its interval, and a deflated Sharpe below the plain."""
    values = np.random.default_rng(2).normal(0.0006, 0.01, 1_000)
    at_ns = np.arange(1_001) * NS_PER_DAY
    returns = daily_returns(at_ns, _compounded(values))
    alone = honest(returns, Trials())
    found = honest(returns, Trials(count=500, variance=0.001))
    assert found.per_year == pytest.approx(365.25)
    assert found.sharpe == alone.sharpe is not None
    assert found.sharpe is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.sharpe < found.high
    assert alone.deflated_sharpe == alone.probabilistic_sharpe == found.probabilistic_sharpe
    assert found.deflated_sharpe is not None
    assert found.probabilistic_sharpe is not None
    assert found.deflated_sharpe < found.probabilistic_sharpe


def test_what_cannot_be_said_is_none_with_its_reason() -> None:
    """Three days, or an account that never moved, have no Sharpe ratio, and say why."""
    days = np.arange(20) * NS_PER_DAY
    short = honest(daily_returns(days[:4], np.array([1.0, 1.1, 1.2, 1.3])), trials_of([]))
    still = honest(daily_returns(days, np.full(20, 5.0)), trials_of([0.1, 0.3]))
    assert short.sharpe is still.sharpe is None
    assert "at least 4" in short.missing
    assert still.missing == "the equity never moved"
    assert still.trials == 2


def _compounded(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    equity: NDArray[np.float64] = 100.0 * np.cumprod(np.concatenate([[1.0], 1 + returns]))
    return equity
