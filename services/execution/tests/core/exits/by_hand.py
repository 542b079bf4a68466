"""A session at Alpaca whose venue is played by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from tidegate_contracts.execution import (
    CancelOrder,
    OrderAccepted,
    OrderEvent,
    OrderRejected,
    OrderSpecification,
    OrderType,
    SubmitOrder,
    VenueExecution,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    VENUE,
    bar,
    execution_parameters,
    instrument,
    published,
    requested,
    verdict,
)
from tidegate_kernel.machine import Body, Event, Replied, Request, TermStarted, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

NOW_NS = DAY_0_NS + 2 * NS_PER_DAY
ENTERED: dict[str, Any] = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
BY_HAND: dict[str, Any] = {"session": "demo", "principal": "ada", "reason": "test"}
Exit = tuple[OrderType, Decimal | None, Decimal | None, Decimal]


class Alpaca:
    """A session at Alpaca whose venue is played by hand: an entry of 10 is filled as it is told."""

    def __init__(self, settings: dict[str, object] | None = None, /, **entered: object) -> None:
        wanted: dict[str, Any] = {"venue": "alpaca", "protective_exits": "bracket"}
        parameters = execution_parameters(**{**wanted, **(settings or {})})
        self.machine = ExecutionMachine.restore(parameters, None)
        self.sent: list[SubmitOrder] = []
        self.cancelled: list[str] = []
        # Everything that is asked of the venue, and every change of an order.
        self.asked: list[Body] = []
        self.told: list[OrderEvent] = []
        self.executions = 0
        self.now_ns = NOW_NS
        for event in (
            TermStarted(1),
            instrument(lot_size=Decimal("0.5"), min_quantity=Decimal("0.5")),
            bar(0, (100, 101, 99, 100)),
        ):
            self.give(event)
        self.enter(**entered)

    def enter(self, ordinal: int = 0, /, **entered: object) -> None:
        """Approve an entry, and note what is sent of it."""
        self.give(verdict(NOW_NS, ordinal=ordinal, **{**ENTERED, **entered}))
        self.request = self.sent.pop()
        self.entry = self.request.specification

    def give(self, event: Event) -> None:
        """Handle an event, in a machine that is restored before it; note what is asked for."""
        snapshot = self.machine.snapshot()
        self.machine = ExecutionMachine.restore(self.machine.parameters, snapshot)
        effects = self.machine.handle(event, self.now_ns)
        self.cancelled += [each.client_order_id for each in requested(effects, CancelOrder)]  # type: ignore[attr-defined]
        self.sent += requested(effects, SubmitOrder)  # type: ignore[arg-type]
        self.asked += [each.body for each in effects if isinstance(each, Request)]
        self.told += published(effects, OrderEvent)  # type: ignore[arg-type]

    def change(self, settings: dict[str, Any]) -> None:
        """Begin again with other settings."""
        parameters = msgspec.structs.replace(self.machine.parameters, **settings)
        self.machine = ExecutionMachine.restore(parameters, self.machine.snapshot())

    def fill(self, order: OrderSpecification, quantity: str) -> None:
        """Let the venue tell an execution."""
        self.executions += 1
        self._report(order, VenueReportKind.FILLED, quantity)

    def ended(self, order: OrderSpecification) -> None:
        """Let the venue tell that an order is cancelled."""
        self._report(order, VenueReportKind.CANCELLED, "")

    def _report(self, order: OrderSpecification, kind: VenueReportKind, quantity: str) -> None:
        execution = VenueExecution(
            execution_id=f"x{self.executions}",
            quantity=Decimal(quantity or 0),
            price=Decimal(100),
            event_at_ns=self.now_ns,
        )
        report = VenueReport(
            session="demo",
            client_order_id=order.client_order_id,
            venue=VENUE,
            symbol="AAPL",
            kind=kind,
            execution=execution if quantity else None,
            event_at_ns=self.now_ns,
        )
        self.give(report)

    def answer(self, *, refused: bool = False, code: str = "NO") -> OrderSpecification:
        """Answer the newest request, and return what it was for."""
        request = self.sent[-1]
        identity = request.specification.client_order_id
        taken = OrderAccepted(client_order_id=identity, venue_order_id="v")
        no = OrderRejected(client_order_id=identity, code=code, event_at_ns=self.now_ns)
        self.give(Replied("venue", request, no if refused else taken))
        return request.specification

    def later(self) -> None:
        """Let the exits' timer fire."""
        self.now_ns += 60 * NS_PER_SECOND
        self.give(TimerFired("exits", self.now_ns))

    def open_exits(self) -> list[Exit]:
        """Return the open exits: type, limit, trigger and what is left."""
        opened = [each for each in self.machine._state.orders.values() if each.exit_plan]
        return [
            (s.order_type, s.limit_price, s.trigger_price, each.remaining)
            for each in opened
            for s in (each.specification,)
        ]
