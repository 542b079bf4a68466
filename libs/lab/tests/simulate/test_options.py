"""Options of a simulated hour: bars beside those of the symbols, and structures with a bound."""

from __future__ import annotations

import pytest

from tidegate_contracts.execution import OrderLeg, OrderSpecification
from tidegate_execution.core.orders.legs import legs_of
from tidegate_kernel import structures
from tidegate_lab.simulate.options import CALLS, STRUCTURES, UNDERLYING, turned, worth_least
from tidegate_lab.simulate.session import BARS, SYMBOLS, dataset_of


@pytest.mark.parametrize("legs", [*STRUCTURES, *map(turned, STRUCTURES)])
def test_what_a_structure_is_worth_at_least_is_read_alike(legs: tuple[OrderLeg, ...]) -> None:
    """The checkers try prices and the kernel goes by kinks; both find the same, or no bound."""
    read = legs_of(OrderSpecification(legs=legs))
    assert structures.faults_of(read, UNDERLYING) == []
    assert worth_least(legs) == structures.worth_least(read)


def test_options_leave_the_bars_of_the_symbols_alone() -> None:
    """An hour with options has the same walks, and bars of each option every other minute."""
    without, beside = dataset_of(5), dataset_of(5, legged=True)
    names = [each.symbol for each in beside.instruments]
    assert names == sorted([*SYMBOLS, *CALLS])
    bars = [bar for batch in beside.batches() for bar in batch.bars]
    plain = [bar for batch in without.batches() for bar in batch.bars]
    assert [bar for bar in bars if bar.symbol in SYMBOLS] == plain
    assert len(bars) == len(plain) + len(CALLS) * BARS // 2
