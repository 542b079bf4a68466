"""Every strategy decides without the future; one that looks at the next bar is caught."""

from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest

from tidegate_chassis.configuration import (
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.backtest import ENGINES
from tidegate_lab.lookahead import Decision, decisions_of, look_for_leaks
from tidegate_lab.lookahead.futures import changed, truncated
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.demo_data import DEMO_PATH, demo_dataset
from tidegate_signals.core.strategies import STRATEGIES
from tidegate_signals.core.strategies.definition import Definition
from tidegate_signals.core.wish import Wish
from tidegate_signals.testing import needed_by

BARS = 700


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return the first months of two real stocks."""
    whole = demo_dataset(feed="replay-honest", symbols=("AAPL", "IBM"))
    return truncated(whole, int(whole.values[0, BARS]))


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_strategy_is_honest(strategy: str, engine: str, dataset: Dataset) -> None:
    """With any other future each strategy, and all that follows from it, decides the same."""
    report = look_for_leaks(lambda data: _decided(strategy, data, engine), dataset, cuts=4)
    assert report.is_honest, [leak.sentence() for leak in report.leaks]
    assert report.cuts >= 3


def test_one_that_looks_at_the_next_bar_is_caught(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A strategy that buys before a rise that it cannot know of leaks, and the leak is shown."""
    monkeypatch.setitem(STRATEGIES, CHEATING.name, CHEATING)

    def decide(data: Dataset) -> list[Decision]:
        _NEXT_CLOSE.clear()
        _NEXT_CLOSE.update(_next_closes(data))
        return _decided(CHEATING.name, data)

    report = look_for_leaks(decide, dataset, cuts=4)
    assert not report.is_honest
    assert {leak.future for leak in report.leaks} == {"cut off", "changed"}
    assert "Signal at" in report.leaks[0].sentence()


def test_without_a_decision_nothing_is_proven(dataset: Dataset) -> None:
    """A strategy that never decides is not called honest."""
    report = look_for_leaks(lambda _: [], dataset)
    assert not report.leaks
    assert not report.is_honest


def test_other_futures_share_the_past(dataset: Dataset) -> None:
    """Up to the cut nothing changes; after it every bar is another one, and still a bar."""
    cut_ns = int(dataset.values[0, 300]) + NS_PER_DAY
    known = len(truncated(dataset, cut_ns).codes)
    other = changed(dataset, cut_ns, 1)
    assert 300 <= known < BARS
    assert np.array_equal(other.values[:, :known], dataset.values[:, :known])
    assert (other.values[4, known:] != dataset.values[4, known:]).mean() > 0.99
    opened, high, low, close = other.values[1:5]
    assert (low >= 1).all()
    assert (low <= np.minimum(opened, close)).all()
    assert (high >= np.maximum(opened, close)).all()


def _decided(strategy: str, data: Dataset, engine: str = "events") -> list[Decision]:
    session = Session(
        name="honest",
        capital=Money(amount=Decimal(100_000), currency="USD"),
        feed=FeedConfiguration(paths=(DEMO_PATH,)),
        strategies=(
            StrategyConfiguration(
                name=strategy, strategy=strategy, parameters=dict(needed_by(strategy))
            ),
        ),
    )
    return decisions_of(session, data, ENGINES[engine])


# --- the cheat: it knows each symbol's next close ------------------------------------------------

_NEXT_CLOSE: dict[tuple[str, int], int] = {}


def _next_closes(data: Dataset) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for code, instrument in enumerate(data.instruments):
        rows = np.flatnonzero(data.codes == code)
        starts, closes = data.values[0, rows].tolist(), data.values[4, rows].tolist()
        found |= {
            (instrument.symbol, start): close
            for start, close in zip(starts[:-1], closes[1:], strict=True)
        }
    return found


class CheatingParameters(msgspec.Struct, frozen=True):
    """It needs none."""


class Cheating(msgspec.Struct):
    """Long before each bar that will close higher."""

    target: Direction = Direction.FLAT

    def update(self, bar: Bar) -> Wish | None:
        """Look at the next bar."""
        coming = _NEXT_CLOSE.get((bar.symbol, bar.start_ns), bar.close)
        wanted = Direction.LONG if coming > bar.close else Direction.FLAT
        if wanted is self.target:
            return None
        self.target = wanted
        return Wish(direction=wanted, reasons=("a feeling",))


def _start(parameters: Any, instrument: Instrument) -> Cheating:  # noqa: ANN401 - it has none
    del parameters, instrument
    return Cheating()


CHEATING = Definition(
    name="cheating",
    doc="Long before a rise.",
    parameters=CheatingParameters,
    strategy=Cheating,
    start=_start,
    conflicts=lambda _: [],
)
