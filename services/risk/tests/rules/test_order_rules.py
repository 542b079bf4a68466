"""Rules about the sized order: each refuses one unit beyond its limit and passes at the limit.

The desk's strategy wants 10 % of 100,000 USD at 100 USD: 100 shares.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import OrderState
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.question import Proposal, Question
from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules import ORDER_RULES, Rule
from tidegate_risk.core.sizing.target import propose
from tidegate_risk.testing import START_NS, Desk, bar, code, instrument, ordered, parameters, signal


def proposal(**changes: Any) -> Proposal:  # noqa: ANN401
    """Return the usual order with a changed specification."""
    desk = Desk()
    asked = Question(
        signal=signal(),
        now_ns=START_NS,
        parameters=desk.machine.parameters,
        limits=desk.machine.parameters.limits,
        state=desk.machine.state,
    )
    made = propose(asked, instrument())
    assert isinstance(made, Proposal)
    specification = msgspec.structs.replace(made.specification, **changes)
    return Proposal(asked, made.instrument, specification, made.price)


def rule_of(code: Code) -> Rule[Proposal]:
    """Return the rule that the table holds for a code that sizing itself never lets happen."""
    return next(rule for rule in ORDER_RULES if code in rule.codes)


@pytest.mark.parametrize(
    ("quantity", "passes"), [("1", True), ("1.5", False), ("0", False), ("-1", False)]
)
def test_a_quantity_lies_on_the_lot(quantity: str, *, passes: bool) -> None:
    """Only positive multiples of the lot pass."""
    refused = rule_of(Code.LOT_SIZE).check(proposal(quantity=Decimal(quantity)))
    assert (refused is None) is passes


@pytest.mark.parametrize(
    ("limit", "passes"), [("100.01", True), ("100.005", False), ("0", False), (None, True)]
)
def test_a_limit_price_lies_on_the_tick(limit: str | None, *, passes: bool) -> None:
    """Only positive multiples of the tick pass; a market order has no limit."""
    price = None if limit is None else Decimal(limit)
    refused = rule_of(Code.TICK_SIZE).check(proposal(limit_price=price))
    assert (refused is None) is passes


def test_what_is_off_the_grid_is_told_what_would_pass() -> None:
    """Code, the number with its unit, and the nearest value below that lies on the grid."""
    off_lot = rule_of(Code.LOT_SIZE).check(proposal(quantity=Decimal("7.5")))
    assert off_lot is not None
    assert (off_lot.code, off_lot.found) == (Code.LOT_SIZE, "7.5 AAPL")
    assert off_lot.remedy == "7 AAPL would pass"
    off_tick = rule_of(Code.TICK_SIZE).check(proposal(limit_price=Decimal("0.005")))
    assert off_tick is not None
    assert (off_tick.code, off_tick.found) == (Code.TICK_SIZE, "0.005 USD")
    assert off_tick.remedy == "0.01 USD would pass"


@pytest.mark.parametrize(("smallest", "expected"), [(100, "APPROVED"), (101, Code.MIN_QUANTITY)])
def test_the_venues_smallest_quantity_binds(smallest: int, expected: str) -> None:
    """One hundred shares are enough for a minimum of 100 and not of 101."""
    desk = Desk()
    desk.tell(instrument(min_quantity=Decimal(smallest)))
    assert code(desk.ask()) == expected


@pytest.mark.parametrize(
    ("smallest", "expected"), [("10000", "APPROVED"), ("10000.01", Code.MIN_NOTIONAL)]
)
def test_the_venues_smallest_value_binds(smallest: str, expected: str) -> None:
    """An order of 10,000 USD passes a minimum of exactly that."""
    desk = Desk()
    desk.tell(instrument(min_notional=Decimal(smallest)))
    assert code(desk.ask()) == expected


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        ("trade_notional_min", "10000", "APPROVED"),
        ("trade_notional_min", "10000.01", Code.TRADE_TOO_SMALL),
        ("order_quantity_max", "100", "APPROVED"),
        ("order_quantity_max", "99", Code.ORDER_QUANTITY),
        ("order_notional_max_fraction", "0.1", "APPROVED"),
        ("order_notional_max_fraction", "0.0999999", Code.ORDER_NOTIONAL),
        ("symbol_exposure_max_fraction", "0.1", "APPROVED"),
        ("symbol_exposure_max_fraction", "0.0999999", Code.SYMBOL_EXPOSURE),
        ("gross_exposure_max_fraction", "0.1", "APPROVED"),
        ("gross_exposure_max_fraction", "0.0999999", Code.GROSS_EXPOSURE),
        ("cash_buffer_fraction", "9", "APPROVED"),
        ("cash_buffer_fraction", "9.0000001", Code.BUYING_POWER),
    ],
)
def test_a_limit_binds_one_unit_beyond_itself(limit: str, value: str, expected: str) -> None:
    """Exactly the limit passes, the least beyond it does not."""
    told = parameters(**change(limit, value))
    assert code(Desk(told).ask()) == expected


def change(limit: str, value: str) -> dict[str, Any]:
    """Name one changed limit."""
    return {limit: Decimal(value)}


def test_the_symbols_exposure_counts_what_others_hold_and_have_ordered() -> None:
    """Two strategies share a symbol: 20 % pass as the limit, open order included, 19.99 % not."""
    for limit, expected in (("0.2", "APPROVED"), ("0.1999", Code.SYMBOL_EXPOSURE)):
        desk = Desk(parameters(symbol_exposure_max_fraction=Decimal(limit)))
        desk.ask(strategy="first")
        assert code(desk.ask(strategy="second")) == expected


def test_an_open_exit_does_not_make_room() -> None:
    """Exposure is never netted: a sale that has not filled frees nothing."""
    desk = Desk(parameters(symbol_exposure_max_fraction=Decimal("0.1")))
    desk.hold("AAPL", "first")
    sale = desk.ask(Direction.FLAT, strategy="first")
    assert code(desk.ask(strategy="second")) == Code.SYMBOL_EXPOSURE
    desk.fill(sale)
    assert code(desk.ask(strategy="second")) == "APPROVED"


def test_the_gross_exposure_sums_all_symbols() -> None:
    """A held symbol and an ordered one leave no room for a third at 29.99 %."""
    for limit, expected in (("0.3", "APPROVED"), ("0.2999", Code.GROSS_EXPOSURE)):
        told = parameters(gross_exposure_max_fraction=Decimal(limit))
        desk = Desk(told, ["A", "B", "C"])
        desk.hold("A")
        desk.ask(symbol="B")
        assert code(desk.ask(symbol="C")) == expected


def test_a_refused_exposure_names_the_quantity_that_would_pass() -> None:
    """The message does the arithmetic: 15 % of 100,000 leaves room for 50 shares more."""
    desk = Desk(parameters(symbol_exposure_max_fraction=Decimal("0.15")))
    desk.ask(strategy="first")
    refusal = desk.ask(strategy="second").refusal
    assert refusal is not None
    assert "at most 50 AAPL would pass" in refusal.message


@pytest.mark.parametrize(("most", "expected"), [(3, "APPROVED"), (2, Code.OPEN_POSITIONS)])
def test_open_positions_count_holdings_and_entry_orders(most: int, expected: str) -> None:
    """One held and one ordered symbol leave room for a third only below the limit."""
    desk = Desk(parameters(open_positions_max=most), ["A", "B", "C"])
    desk.hold("A")
    desk.ask(symbol="B")
    assert code(desk.ask(symbol="C")) == expected


def test_a_held_symbol_needs_no_further_place() -> None:
    """A second strategy may join a symbol that is held already."""
    desk = Desk(parameters(open_positions_max=1))
    desk.hold("AAPL", "first")
    assert code(desk.ask(strategy="second")) == "APPROVED"


@pytest.mark.parametrize(("most", "expected"), [(2, "APPROVED"), (1, Code.OPEN_ORDERS)])
def test_open_orders_bind(most: int, expected: str) -> None:
    """A second open order passes only below the limit."""
    desk = Desk(parameters(open_orders_max=most), ["A", "B"])
    desk.ask(symbol="A")
    assert code(desk.ask(symbol="B")) == expected


def test_cash_reserved_by_open_orders_is_not_spent_twice() -> None:
    """Ten open buys of a tenth each leave nothing for the eleventh."""
    symbols = [f"S{n}" for n in range(11)]
    desk = Desk(symbols=symbols)
    codes = [code(desk.ask(symbol=symbol)) for symbol in symbols]
    assert codes == ["APPROVED"] * 10 + [Code.BUYING_POWER]


def test_an_equal_order_within_the_window_is_a_duplicate() -> None:
    """The same order passes again when the window is over, not a nanosecond earlier."""
    for wait_ns, expected in ((99, Code.DUPLICATE), (100, "APPROVED")):
        desk = Desk(parameters(duplicate_window_ns=100))
        first = desk.ask()
        desk.report(first, OrderState.CANCELLED)
        desk.now_ns += wait_ns
        assert code(desk.ask()) == expected


def test_another_strategys_equal_order_is_no_duplicate() -> None:
    """Two strategies may agree."""
    desk = Desk(parameters(duplicate_window_ns=100))
    desk.ask(strategy="first")
    assert code(desk.ask(strategy="second")) == "APPROVED"


def test_limits_on_increases_never_keep_an_exit() -> None:
    """With every ceiling below the position, FLAT still passes."""
    desk = Desk()
    desk.hold()
    tight = parameters(
        order_quantity_max=Decimal(1),
        order_notional_max_fraction=Decimal("0.0001"),
        symbol_exposure_max_fraction=Decimal("0.0001"),
        gross_exposure_max_fraction=Decimal("0.0001"),
        open_positions_max=1,
        open_orders_max=0,
        rate_orders_max=0,
        trade_notional_min=Decimal(10**6),
    )
    desk.machine.state.limits = DecisionMachine.restore(tight, None).state.limits
    desk.machine = DecisionMachine.restore(tight, desk.machine.snapshot())
    assert code(desk.ask(strategy="other")) == Code.RATE_EXCEEDED
    assert ordered(desk.ask(Direction.FLAT)).quantity == 100


def test_a_limit_order_is_valued_at_the_worse_price() -> None:
    """A buy limit above the market is valued at its limit, below it at the market."""
    desk = Desk(parameters(symbol_exposure_max_fraction=Decimal("0.1")))
    desk.tell(bar(close=10_000, end_ns=START_NS + 1))
    verdict = desk.ask(entry_style=EntryStyle.LIMIT, limit_price=Decimal(99))
    assert code(verdict) == Code.SYMBOL_EXPOSURE
