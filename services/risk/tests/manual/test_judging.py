"""Whatever a person asks for: one verdict, and an approved order whose parts fit together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, strategies as st

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.risk import Decision
from tidegate_kernel.money import is_multiple
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, code, ordered, parameters, placed

if TYPE_CHECKING:
    from collections.abc import Iterator

prices = st.one_of(st.none(), st.decimals(-1, 200, places=3))
quantities = st.one_of(st.integers(-2, 40).map(Decimal), st.decimals(-1, 40, places=1))
algorithms = st.builds(
    ExecutionAlgorithm,
    kind=st.sampled_from(AlgorithmKind),
    duration_ns=st.sampled_from([-1, 0, 1, 10**9, 6 * 10**11, 2**63 - 1]),
    slices=st.sampled_from([-1, 0, 1, 5, 2**31 - 1]),
    participation=st.none() | st.decimals(-1, 2, places=1) | st.just(Decimal("NaN")),
    display_quantity=st.none() | quantities | st.just(Decimal("NaN")),
)
orders = st.fixed_dictionaries(
    {"side": st.sampled_from(Side), "quantity": quantities},
    optional={
        "order_type": st.sampled_from(OrderType),
        "limit_price": prices,
        "trigger_price": prices,
        "trail_amount": prices,
        "trail_percent": prices,
        "time_in_force": st.sampled_from(TimeInForce),
        "valid_for_ns": st.sampled_from([-1, 0, 1, 10**9, 2**63 - 1]),
        "post_only": st.booleans(),
        "stop_price": prices,
        "take_profit_price": prices,
        "reduce_only": st.booleans(),
        "strategy": st.sampled_from(["manual", "ema"]),
        "algorithm": st.none() | algorithms,
    },
)
LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
SLICED = (OrderType.MARKET, OrderType.LIMIT)
TRIGGERED = (OrderType.STOP, OrderType.STOP_LIMIT)


@given(orders, st.integers(0, 30))
def test_whatever_a_person_asks_for_fits_or_is_refused(order: dict[str, Any], held: int) -> None:
    """With nothing held or something: never more than asked for, and only what fits together."""
    desk = Desk(parameters(short_allowed=True))
    if held:
        desk.fill(desk.place(Side.BUY, held, order_type=OrderType.MARKET))
    before = desk.machine.state.book.orders.count()
    answer = desk.call(placed(**order))
    assert answer.accepted
    assert answer.verdict is not None
    after = desk.machine.state.book.orders.count()
    assert after - before == (answer.verdict.decision == Decision.APPROVED)
    if answer.verdict.decision == Decision.APPROVED:
        wrong = list(_wrong(ordered(answer.verdict), order))
        assert not wrong, wrong
    else:
        assert code(answer.verdict) in set(Code)


def _wrong(order: OrderSpecification, asked: dict[str, Any]) -> Iterator[str]:
    kind, lives = order.order_type, order.time_in_force
    checks = {
        "quantity": 0 < order.quantity <= asked["quantity"],
        "lot": is_multiple(order.quantity, Decimal(1)),
        "limit": (order.limit_price is not None) == (kind in LIMITED),
        "trigger": (order.trigger_price is not None) == (kind in TRIGGERED),
        "trail": (order.trail_amount is not None) + (order.trail_percent is not None)
        == (kind == OrderType.TRAILING_STOP),
        "date": (order.expires_at_ns > 0) == (lives == TimeInForce.GTD),
        "slices": order.algorithm == asked.get("algorithm"),
        "a sliced order": order.algorithm is None
        or (kind in SLICED and lives in (TimeInForce.GTC, TimeInForce.GTD)),
        "no life": lives != TimeInForce.UNSPECIFIED,
        "post only": not order.post_only or kind == OrderType.LIMIT,
        "exits of an exit": not order.reduce_only
        or (order.stop_price, order.take_profit_price) == (None, None),
        "a trailing entry": order.reduce_only or kind != OrderType.TRAILING_STOP,
        "ticks": all(
            each is None or (each > 0 and is_multiple(each, Decimal("0.01")))
            for each in (
                order.limit_price,
                order.trigger_price,
                order.trail_amount,
                order.stop_price,
                order.take_profit_price,
            )
        ),
    }
    return (name for name, right in checks.items() if not right)
