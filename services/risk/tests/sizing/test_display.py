"""Entries of strategies in slices: the verdict carries the algorithm, exits are whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, OrderState, Side
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.money import is_multiple
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.sizing.display import algorithm_for, smallest_order
from tidegate_risk.testing import Desk, code, instrument, ordered, parameters, signal

MINUTE_NS = 60 * NS_PER_SECOND
TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=10 * MINUTE_NS, slices=5)
VWAP = ExecutionAlgorithm(
    kind=AlgorithmKind.VWAP, duration_ns=30 * MINUTE_NS, participation=Decimal("0.1")
)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG)
LIMIT: dict[str, Any] = {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(99)}


@pytest.mark.parametrize("algorithm", [TWAP, VWAP])
def test_the_algorithm_of_a_signal_travels_with_the_approval(
    algorithm: ExecutionAlgorithm,
) -> None:
    """The order has the size and the stop that it would have whole."""
    whole = ordered(Desk().ask(stop_distance=Decimal(2)))
    order = ordered(Desk().ask(algorithm=algorithm, stop_distance=Decimal(2)))
    assert order.algorithm == algorithm
    assert (order.quantity, order.stop_price) == (whole.quantity, whole.stop_price)
    assert order.stop_price is not None


def test_an_iceberg_shows_its_share_of_the_order_that_was_sized() -> None:
    """A strategy knows no sizes: 100 shares of which a twentieth is open."""
    order = ordered(Desk().ask(**LIMIT, algorithm=ICEBERG, display_fraction=Decimal("0.05")))
    assert order.algorithm is not None
    shown = order.algorithm.display_quantity
    assert shown is not None
    assert (order.quantity * Decimal("0.05") <= shown, shown < order.quantity) == (True, True)


def test_a_limit_that_binds_the_whole_binds_the_sliced() -> None:
    """Nothing is approved in slices that would be refused in one."""
    refused = Desk(parameters(order_notional_max_fraction=Decimal("0.01"))).ask
    assert code(refused(algorithm=TWAP)) == code(refused()) == Code.ORDER_NOTIONAL


def test_an_exit_is_whole_and_counts_what_slices_have_filled() -> None:
    """While an entry is sliced, leaving it needs no order of its own size."""
    desk = Desk()
    verdict = desk.ask(algorithm=TWAP)
    desk.report(verdict, OrderState.WORKING)
    assert code(desk.ask()) == Code.ALREADY_AT_TARGET
    exit_ = ordered(desk.ask(Direction.FLAT))
    assert (exit_.algorithm, exit_.side, exit_.reduce_only) == (None, Side.SELL, True)


@given(
    st.decimals("0.001", "0.999", places=3),
    st.integers(1, 10_000),
    st.sampled_from(["0.01", "1", "5"]),
    st.sampled_from(["0.01", "10"]),
    st.sampled_from(["0", "1", "250"]),
)
def test_what_is_shown_is_an_order_that_the_venue_takes(
    share: Decimal, lots: int, lot: str, least: str, notional: str
) -> None:
    """In whole lots, not below its smallest, less than all of it; or the order is sent whole."""
    made = instrument(
        lot_size=Decimal(lot), min_quantity=Decimal(least), min_notional=Decimal(notional)
    )
    quantity, price = lots * Decimal(lot), Decimal(20)
    asked = signal(**LIMIT, algorithm=ICEBERG, display_fraction=share)
    algorithm = algorithm_for(asked, made, quantity, price)
    smallest = smallest_order(made, price)
    if algorithm is None:
        assert quantity <= max(smallest, quantity * share + made.lot_size)
        return
    shown = algorithm.display_quantity
    assert shown is not None
    assert is_multiple(shown, made.lot_size)
    assert max(smallest, quantity * share) <= shown < quantity
