"""In any book a limit binds exactly where a plain sum over fills and orders says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from hypothesis import assume, given, settings, strategies as st

from tidegate_contracts.signals import Direction
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, code, parameters

from .plain import ASSUMED_STOP, SYMBOLS, Plain, Scene, Steps, scenes

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = Decimal("0.0000001")


class Asked(NamedTuple):
    """An order that a book is asked about."""

    plain: Plain
    symbol: str
    quantity: int
    sign: int

    @property
    def sides(self) -> tuple[int, int]:
        """What it buys and what it sells."""
        return (self.quantity, 0) if self.sign > 0 else (0, self.quantity)

    @property
    def value(self) -> Decimal:
        """What it is worth."""
        return self.quantity * self.plain.prices[self.symbol]

    def share(self, value: Decimal) -> Decimal:
        """Return a value as a share of equity."""
        return value / self.plain.equity()


def _symbol(asked: Asked) -> Decimal:
    plain = asked.plain
    return plain.worst_quantity(asked.symbol, *asked.sides) * plain.prices[asked.symbol]


def _added(asked: Asked) -> Decimal:
    """All symbols together; 0 where the order adds nothing to their worst case: then it passes."""
    after = asked.plain.gross(asked.symbol, *asked.sides)
    return after if after > asked.plain.gross(asked.symbol, 0, 0) else Decimal(0)


class Limit(NamedTuple):
    """A limit, the strictest value of it that lets an order pass, and one unit towards laxer."""

    setting: str
    strictest: Callable[[Asked], Any]
    unit: Any = SMALL


LIMITS: dict[Code, Limit] = {
    Code.RATE_EXCEEDED: Limit("rate_orders_max", lambda a: a.plain.approvals + 1, 1),
    Code.ORDER_QUANTITY: Limit("order_quantity_max", lambda a: Decimal(a.quantity)),
    Code.ORDER_NOTIONAL: Limit("order_notional_max_fraction", lambda a: a.share(a.value)),
    Code.OPEN_ORDERS: Limit("open_orders_max", lambda a: len(a.plain.orders) + 1, 1),
    Code.POSITION_QUANTITY: Limit(
        "position_quantity_max", lambda a: Decimal(a.plain.worst_quantity(a.symbol, *a.sides))
    ),
    Code.SYMBOL_EXPOSURE: Limit("symbol_exposure_max_fraction", lambda a: a.share(_symbol(a))),
    Code.NET_EXPOSURE: Limit(
        "net_exposure_max_fraction",
        lambda a: a.share(a.plain.net(a.symbol, a.quantity, a.sign)),
    ),
    Code.GROSS_EXPOSURE: Limit(
        "gross_exposure_max_fraction", lambda a: a.share(a.plain.gross(a.symbol, *a.sides))
    ),
    Code.OPEN_POSITIONS: Limit(
        "open_positions_max",
        lambda a: 0 if a.symbol in a.plain.exposed() else len(a.plain.exposed()) + 1,
        1,
    ),
    Code.CONCENTRATION: Limit("asset_class_exposure_max_fraction", lambda a: a.share(_added(a))),
    Code.PORTFOLIO_HEAT: Limit(
        "portfolio_heat_max_fraction", lambda a: a.share(a.plain.heat() + ASSUMED_STOP * a.value)
    ),
    Code.TRADE_TOO_SMALL: Limit("trade_notional_min", lambda a: a.value, -SMALL),
    Code.BUYING_POWER: Limit(
        "cash_buffer_fraction", lambda a: a.plain.free_cash() / a.value - 1, -SMALL
    ),
    Code.LEVERAGE: Limit("leverage_max", lambda a: a.share(a.plain.gross(a.symbol, *a.sides))),
}


def under(scene: Scene, **limits: Any) -> Desk:  # noqa: ANN401 - any limit by its name
    """Return a copy of the scene's desk, under limits of its own."""
    made = Desk(parameters(**{"short_allowed": True, **limits}), ())
    state = msgspec.structs.replace(scene.desk.machine.state, limits=made.machine.state.limits)
    copied = DecisionMachine(made.machine.parameters, state)
    made.machine = DecisionMachine.restore(made.machine.parameters, copied.snapshot())
    made.now_ns, made.ordinal = scene.desk.now_ns, scene.desk.ordinal
    return made


@pytest.mark.parametrize("refusal", LIMITS)
@settings(max_examples=30)
@given(
    steps=scenes,
    direction=st.sampled_from([Direction.LONG, Direction.SHORT]),
    symbol=st.sampled_from(SYMBOLS),
)
def test_a_limit_binds_where_a_plain_sum_says(
    refusal: Code, steps: Steps, direction: Direction, symbol: str
) -> None:
    """At the sum itself the order passes; a unit below it the code refuses."""
    scene = Scene()
    scene.play(steps)
    free = under(scene).ask(direction, symbol, "fresh")
    assume(free.specification is not None)
    assert free.specification is not None
    sign = 1 if direction == Direction.LONG else -1
    asked = Asked(scene.plain, symbol, int(free.specification.quantity), sign)
    limit = LIMITS[refusal]
    least = limit.strictest(asked)
    assume(least > 0)
    # A share of equity may have more digits than money has.
    rounded = least if limit.unit == 1 else least + SMALL * limit.unit
    for value, expected in ((rounded, "APPROVED"), (least - limit.unit, refusal)):
        desk = under(scene, **{limit.setting: value})
        assert code(desk.ask(direction, symbol, "fresh")) == expected
