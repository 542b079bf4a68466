"""For tests: builders of the messages that the rules look at."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from tidegate_alerts.core.parameters import AlertsParameters, ChannelParameters
from tidegate_contracts.alerts import DeliverAlert
from tidegate_contracts.execution import Fill, OrderEvent, OrderSpecification, OrderState, Side
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import Decision, GateAction, GateEvent, GateLevel, Refusal, Verdict
from tidegate_kernel.machine import Publish, Request
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_kernel.machine import Body, Effect

B = TypeVar("B")

SECOND = NS_PER_SECOND
HOUR = 3_600 * SECOND
# 2024-01-01T00:00:00Z.
START = 1_704_067_200 * SECOND
WALL = AlertsParameters(
    session="demo",
    account="demo",
    lockstep=False,
    channels=(
        ChannelParameters(name="log", kind="log"),
        ChannelParameters(name="phone", kind="webhook"),
    ),
)


def fill(symbol: str = "AAPL", at_ns: int = START, execution: str = "x1") -> Fill:
    """Return a fill of ten units."""
    return Fill(
        session="demo",
        strategy="trend",
        execution_id=execution,
        venue="XNAS",
        symbol=symbol,
        side=Side.BUY,
        quantity=Decimal(10),
        price=Decimal("101.50"),
        fee=Decimal("0.1"),
        fee_currency="USD",
        event_at_ns=at_ns,
    )


def refused(code: str = "STALE_PRICE", at_ns: int = START) -> Verdict:
    """Return a refusal."""
    return Verdict(
        session="demo",
        strategy="trend",
        symbol="AAPL",
        signal_event_at_ns=at_ns,
        decision=Decision.REFUSED,
        refusal=Refusal(code=code, message="expected a fresh price, found one of yesterday"),
    )


def order(state: OrderState, previous: OrderState, **fields: Any) -> OrderEvent:  # noqa: ANN401
    """Return a change of an order for ten AAPL."""
    specification = OrderSpecification(
        client_order_id="tg-1", venue="XNAS", symbol="AAPL", side=Side.SELL, quantity=Decimal(10)
    )
    return OrderEvent(
        session="demo",
        strategy="trend",
        specification=specification,
        previous_state=previous,
        state=state,
        event_at_ns=START,
        **fields,
    )


def gate(
    action: GateAction,
    level: GateLevel = GateLevel.HALTED,
    scope: str = "all",
    **fields: Any,  # noqa: ANN401 - any of its fields
) -> GateEvent:
    """Return an event of the gate."""
    values: dict[str, Any] = {"at_ns": START, "principal": "operator", "reason": "drill"}
    return GateEvent(action=action, level=level, scope=scope, **(values | fields))


def account(equity: str, at_ns: int = START, day_start: str = "1000") -> AccountSnapshot:
    """Return a snapshot of an account whose peak was 1000 USD."""
    worth = Decimal(equity)
    return AccountSnapshot(
        session="demo",
        currency="USD",
        equity=worth,
        peak_equity=Decimal(1000),
        drawdown=(1000 - worth) / 1000,
        day_start_equity=Decimal(day_start),
        event_at_ns=at_ns,
    )


def published(effects: Iterable[Effect], kind: type[B]) -> list[B]:
    """Return the published messages of a kind."""
    bodies: list[Body] = [each.body for each in effects if isinstance(each, Publish)]
    return [body for body in bodies if isinstance(body, kind)]


def requested(effects: Iterable[Effect]) -> list[DeliverAlert]:
    """Return the deliveries that are asked for."""
    bodies = [each.body for each in effects if isinstance(each, Request)]
    return [body for body in bodies if isinstance(body, DeliverAlert)]
