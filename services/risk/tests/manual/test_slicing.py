"""Orders by hand that are carried out in slices: what fits, what is refused, what is counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    Fill,
    OrderEvent,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.risk import Verdict
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, code, order_event, ordered, parameters

BUY, SELL = Side.BUY, Side.SELL
MINUTE_NS = 60 * NS_PER_SECOND
TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=10 * MINUTE_NS, slices=5)
VWAP = ExecutionAlgorithm(
    kind=AlgorithmKind.VWAP, duration_ns=30 * MINUTE_NS, participation=Decimal("0.1")
)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG, display_quantity=Decimal(5))
LIMIT: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": Decimal(99)}
with_ = msgspec.structs.replace


def slice_event(verdict: Verdict, leg: int, quantity: int, state: OrderState) -> OrderEvent:
    """Return what execution says of a slice."""
    identity = client_order_id(verdict.signal_key, leg)
    specification = with_(
        ordered(verdict), client_order_id=identity, quantity=Decimal(quantity), algorithm=None
    )
    return with_(order_event(verdict, state), leg=leg, specification=specification)


def slice_fill(desk: Desk, verdict: Verdict, leg: int, quantity: int) -> Fill:
    """Fill a slice."""
    desk.executions += 1
    fill = Fill(
        session=verdict.session,
        account=verdict.account,
        strategy=verdict.strategy,
        signal_key=verdict.signal_key,
        leg=leg,
        client_order_id=client_order_id(verdict.signal_key, leg),
        execution_id=f"s{desk.executions}",
        venue=ordered(verdict).venue,
        symbol=verdict.symbol,
        side=ordered(verdict).side,
        quantity=Decimal(quantity),
        price=Decimal(100),
    )
    desk.tell(fill)
    return fill


@pytest.mark.parametrize(
    ("algorithm", "changes"),
    [
        (TWAP, {}),
        (TWAP, LIMIT),
        (VWAP, {}),
        (ICEBERG, LIMIT),
        (ICEBERG, {**LIMIT, "time_in_force": TimeInForce.GTD, "valid_for_ns": MINUTE_NS}),
    ],
)
def test_the_algorithm_travels_with_the_approval(
    algorithm: ExecutionAlgorithm, changes: dict[str, Any]
) -> None:
    """Execution is told how to slice the very order that was approved."""
    order = ordered(Desk().place(BUY, 10, algorithm=algorithm, **changes))
    assert (order.algorithm, order.quantity) == (algorithm, Decimal(10))


@pytest.mark.parametrize(
    ("shown", "refusal"),
    [("0.5", Code.MIN_QUANTITY), ("1.5", Code.LOT_SIZE), ("1", "APPROVED")],
)
def test_an_iceberg_shows_what_its_venue_takes_as_an_order(shown: str, refusal: str) -> None:
    """Anything else would never be sent, and the order would never end."""
    algorithm = with_(ICEBERG, display_quantity=Decimal(shown))
    assert code(Desk().place(BUY, 10, algorithm=algorithm, **LIMIT)) == refusal


@pytest.mark.parametrize(
    ("algorithm", "changes", "sentence"),
    [
        (ExecutionAlgorithm(), {}, "TWAP, VWAP or ICEBERG"),
        (with_(TWAP, slices=0), {}, "slices from 1 to 1000"),
        (with_(TWAP, slices=1_001), {}, "slices from 1 to 1000"),
        (with_(TWAP, duration_ns=0), {}, "over more than nothing"),
        (with_(TWAP, duration_ns=NS_PER_SECOND), {}, "at least 1 s for each of 5 slices"),
        (with_(TWAP, participation=Decimal(1)), {}, "participation to be left out for TWAP"),
        (with_(TWAP, display_quantity=Decimal(1)), {}, "display_quantity to be left out for TWAP"),
        (TWAP, {"time_in_force": TimeInForce.DAY}, "GTC for TWAP"),
        (
            TWAP,
            {"order_type": OrderType.STOP, "trigger_price": Decimal(105)},
            "MARKET or LIMIT for TWAP",
        ),
        (with_(VWAP, participation=None), {}, "participation above 0 and at most 1"),
        (with_(VWAP, participation=Decimal("1.01")), {}, "participation above 0 and at most 1"),
        (with_(VWAP, participation=Decimal("NaN")), {}, "participation above 0 and at most 1"),
        (with_(VWAP, slices=2), {}, "slices to be left out for VWAP"),
        (ICEBERG, {}, "LIMIT for ICEBERG"),
        (ICEBERG, {**LIMIT, "time_in_force": TimeInForce.IOC}, "GTC or GTD for ICEBERG"),
        (with_(ICEBERG, display_quantity=Decimal(10)), LIMIT, "below the quantity, 10"),
        (with_(ICEBERG, duration_ns=MINUTE_NS), LIMIT, "over to be left out for ICEBERG"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    algorithm: ExecutionAlgorithm, changes: dict[str, Any], sentence: str
) -> None:
    """The refusal names the part, and what was expected of it."""
    verdict = Desk().place(BUY, 10, algorithm=algorithm, **changes)
    assert code(verdict) == Code.ORDER_INVALID
    assert verdict.refusal is not None
    assert sentence in verdict.refusal.message


def test_a_strategys_position_is_not_closed_in_slices() -> None:
    """What takes its time would keep the strategy itself from leaving."""
    desk = Desk(parameters())
    verdict = desk.place(SELL, 1, algorithm=TWAP, strategy="ema", reduce_only=True)
    assert code(verdict) == Code.ORDER_INVALID
    assert verdict.refusal is not None
    assert "a strategy's position" in verdict.refusal.message


def test_the_order_is_counted_once_and_its_slices_not_beside_it() -> None:
    """Ten are reserved; three fill: three are held and seven reserved, until the order ends."""
    desk = Desk()
    verdict = desk.place(BUY, 10, algorithm=TWAP)
    orders, holdings = desk.machine.state.book.orders, desk.machine.state.book.holdings
    listing = f"{ordered(verdict).venue}|{verdict.symbol}"
    desk.tell(order_event(verdict, OrderState.WORKING))
    desk.tell(slice_event(verdict, 1, 4, OrderState.PENDING))
    desk.tell(slice_event(verdict, 1, 4, OrderState.WORKING))
    assert (orders.count(), orders.open_quantity(listing, BUY)) == (1, Decimal(10))
    fill = slice_fill(desk, verdict, 1, 3)
    assert orders.open_quantity(listing, BUY) == Decimal(7)
    assert holdings.position(listing) == Decimal(3)
    desk.tell(fill)
    assert orders.open_quantity(listing, BUY) == Decimal(7), "each fill counts once"
    desk.tell(slice_event(verdict, 1, 4, OrderState.CANCELLED))
    assert orders.open_quantity(listing, BUY) == Decimal(7), "the next slice may take it"
    desk.tell(order_event(verdict, OrderState.EXPIRED, filled=3))
    assert orders.by_id == {}


def test_an_order_that_ended_before_its_fill_is_told_keeps_what_was_filled() -> None:
    """The two come on channels of their own."""
    desk = Desk()
    verdict = desk.place(BUY, 10, algorithm=TWAP)
    listing = f"{ordered(verdict).venue}|{verdict.symbol}"
    orders = desk.machine.state.book.orders
    desk.tell(slice_event(verdict, 1, 4, OrderState.WORKING))
    desk.tell(order_event(verdict, OrderState.EXPIRED, filled=4))
    assert orders.open_quantity(listing, BUY) == Decimal(4)
    slice_fill(desk, verdict, 1, 4)
    assert orders.by_id == {}
