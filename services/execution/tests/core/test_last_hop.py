"""Each rule of the last hop refuses what it is there for, with its code, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_execution.core.last_hop import RULES, LastHop, check
from tidegate_execution.core.parameters import HardCaps
from tidegate_execution.core.reasons import Code
from tidegate_execution.testing import execution_parameters, verdict
from tidegate_kernel.gate import Level

NOW_NS = 1_000_000_000


def hop(**changes: object) -> LastHop:
    """Return facts that every rule passes, changed."""
    approved = verdict(NOW_NS)
    values: dict[str, object] = {
        "verdict": approved,
        "specification": approved.specification,
        "parameters": execution_parameters(caps=HardCaps(Decimal(100), Decimal(2_000))),
        "now_ns": NOW_NS,
        "newest_term": 1,
        "gate_level": Level.OPEN,
        "gate_cause": "all",
        "gate_epoch_required": 0,
        "forgotten_until_ns": 0,
        "sent_in_window": 0,
        "ready": True,
        "not_ready_because": "",
        "price": Decimal(100),
        "volume_known": True,
    }
    return LastHop(**{**values, **changes})  # type: ignore[arg-type]


def with_verdict(**changes: object) -> LastHop:
    """Return facts whose verdict is changed."""
    return hop(verdict=msgspec.structs.replace(hop().verdict, **changes))


def with_order(*, cheap: bool = False, **changes: object) -> LastHop:
    """Return facts whose order is changed."""
    specification = msgspec.structs.replace(hop().specification, **changes)
    return hop(specification=specification, price=Decimal(1 if cheap else 100))


REFUSED = {
    "another session": (with_verdict(session="other"), Code.SESSION_MISMATCH),
    "another account": (with_verdict(account="other"), Code.SESSION_MISMATCH),
    "another symbol": (with_order(symbol="MSFT"), Code.SPECIFICATION_INVALID),
    "no side": (with_order(side=Side.UNSPECIFIED), Code.SPECIFICATION_INVALID),
    "no time in force": (
        with_order(time_in_force=TimeInForce.UNSPECIFIED),
        Code.SPECIFICATION_INVALID,
    ),
    "no limit": (with_order(order_type=OrderType.LIMIT), Code.SPECIFICATION_INVALID),
    "limit NaN": (
        with_order(order_type=OrderType.LIMIT, limit_price=Decimal("NaN")),
        Code.SPECIFICATION_INVALID,
    ),
    "no trigger": (with_order(order_type=OrderType.STOP), Code.SPECIFICATION_INVALID),
    "a stop beyond the cap": (
        with_order(order_type=OrderType.STOP, trigger_price=Decimal(201)),
        Code.CAP_ORDER_NOTIONAL,
    ),
    "a trail beyond the cap": (
        with_order(order_type=OrderType.TRAILING_STOP, trail_amount=Decimal(101)),
        Code.CAP_ORDER_NOTIONAL,
    ),
    "what the venue lacks": (
        hop(
            parameters=execution_parameters(venue="alpaca"),
            specification=msgspec.structs.replace(
                hop().specification,
                order_type=OrderType.LIMIT,
                limit_price=Decimal(100),
                post_only=True,
            ),
        ),
        Code.ORDER_UNSUPPORTED,
    ),
    "another id": (with_order(client_order_id="tg-forged"), Code.CLIENT_ORDER_ID_MISMATCH),
    "a forgotten time": (hop(forgotten_until_ns=NOW_NS), Code.DUPLICATE_ORDER),
    "an older term": (hop(newest_term=2), Code.TERM_STALE),
    "an older gate epoch": (hop(gate_epoch_required=1), Code.GATE_EPOCH_STALE),
    "reduce-only gate": (hop(gate_level=Level.REDUCE_ONLY), Code.GATE_CLOSED),
    "halted gate": (hop(gate_level=Level.HALTED), Code.GATE_CLOSED),
    "expired": (with_verdict(expires_at_ns=NOW_NS - 1), Code.VERDICT_EXPIRED),
    "zero": (with_order(quantity=Decimal(0)), Code.QUANTITY_NOT_POSITIVE),
    "negative": (with_order(quantity=Decimal(-1)), Code.QUANTITY_NOT_POSITIVE),
    "NaN": (with_order(quantity=Decimal("NaN")), Code.QUANTITY_NOT_POSITIVE),
    "too many": (with_order(quantity=Decimal(101), cheap=True), Code.CAP_ORDER_QUANTITY),
    "too much": (with_order(quantity=Decimal(21)), Code.CAP_ORDER_NOTIONAL),
    "too high a limit": (
        with_order(order_type=OrderType.LIMIT, limit_price=Decimal(201)),
        Code.CAP_ORDER_NOTIONAL,
    ),
    "no price": (hop(price=None), Code.PRICE_UNKNOWN),
    "no unit of volume": (
        msgspec.structs.replace(
            with_order(
                algorithm=ExecutionAlgorithm(
                    kind=AlgorithmKind.VWAP, duration_ns=10**10, participation=Decimal("0.1")
                )
            ),
            volume_known=False,
        ),
        Code.VOLUME_UNKNOWN,
    ),
    "too fast": (hop(sent_in_window=100), Code.RATE_BUDGET),
    "not reconciled": (hop(ready=False), Code.NOT_RECONCILED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_code(name: str) -> None:
    """I05: each missing or wrong input is refused with its own code."""
    facts, code = REFUSED[name]
    refusal = check(facts)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize("name", [name for name in REFUSED if "NaN" not in name])
def test_exactly_one_rule_refuses(name: str) -> None:
    """Deleting a rule lets something through: no rule stands in for another."""
    facts, code = REFUSED[name]
    refusals = [refusal for rule in RULES if (refusal := rule(facts)) is not None]
    assert [refusal.code for refusal in refusals] == [code]


def test_a_good_order_passes() -> None:
    """Nothing refuses an order that is as it should be."""
    assert check(hop()) is None


def test_exits_pass_what_bounds_entries() -> None:
    """A reduce-only order passes caps, rate, readiness and a REDUCE_ONLY gate."""
    specification = msgspec.structs.replace(
        hop().specification, reduce_only=True, quantity=Decimal(5_000)
    )
    facts = hop(
        specification=specification,
        sent_in_window=1_000,
        ready=False,
        price=None,
        gate_level=Level.REDUCE_ONLY,
    )
    assert check(facts) is None


@pytest.mark.parametrize("level", [Level.HALTED, Level.FLATTENING, Level.LOCKED])
def test_exits_stop_at_a_halt(level: Level) -> None:
    """From HALTED on, no order of a strategy passes."""
    specification = msgspec.structs.replace(hop().specification, reduce_only=True)
    refusal = check(hop(specification=specification, gate_level=level))
    assert refusal is not None
    assert refusal.code == Code.GATE_CLOSED
