"""What proves the end of an order, and what only looks like it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import (
    Fill,
    OrderAccepted,
    OrderEvent,
    OrderRejected,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    VenueAccount,
    VenueExecution,
    VenueOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.risk import GateLatch
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    execution_parameters,
    instrument,
    published,
    requested,
    specification,
    verdict,
)
from tidegate_kernel.machine import Effect, Replied, SetTimer, Withheld
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY


class Desk:
    """A machine with one order that the venue has accepted."""

    def __init__(self) -> None:
        self.machine = ExecutionMachine.restore(execution_parameters(), None)
        self.give(instrument())
        self.give(bar(0, (100, 101, 99, 100)))
        effects = self.give(verdict(NOW_NS))
        self.request = requested(effects, SubmitOrder)[0]
        assert isinstance(self.request, SubmitOrder)
        self.key = self.request.specification.client_order_id

    def give(self, event: object) -> list[Effect]:
        """Handle one event."""
        return list(self.machine.handle(event, NOW_NS))  # type: ignore[arg-type]

    def report(self, kind: VenueReportKind, total: int, number: int | None = None) -> VenueReport:
        """Return a report with a cumulative quantity, and an execution of 1 with this number."""
        execution = None
        if number is not None:
            execution = VenueExecution(
                execution_id=f"x-{number}", quantity=Decimal(1), price=Decimal(100)
            )
        return VenueReport(
            session="demo",
            client_order_id=self.key,
            kind=kind,
            execution=execution,
            filled_quantity=Decimal(total),
        )


@pytest.fixture
def desk() -> Desk:
    """A desk whose order works at the venue."""
    made = Desk()
    made.give(Replied("venue", made.request, OrderAccepted(client_order_id=made.key)))
    return made


def test_cancel_waits_for_the_executions_that_the_venue_counts(desk: Desk) -> None:
    """I12: a cancel that counts an execution we have not seen asks for it before it ends."""
    effects = desk.give(desk.report(VenueReportKind.CANCELLED, 2))
    assert published(effects, OrderEvent) == []
    query = requested(effects, QueryOrder)[0]
    executions = tuple(
        VenueExecution(execution_id=f"x-{n}", quantity=Decimal(1), price=Decimal(100))
        for n in (1, 2)
    )
    found = VenueOrder(
        client_order_id=desk.key,
        found=True,
        filled_quantity=Decimal(2),
        executions=executions,
        specification=specification("x"),
    )
    effects = desk.give(Replied("venue", query, found))
    assert len(published(effects, Fill)) == 2
    assert [e.state.name for e in published(effects, OrderEvent)][-1] == "CANCELLED"  # type: ignore[attr-defined]


def test_same_execution_twice_is_one_fill(desk: Desk) -> None:
    """I12: a repeated report books nothing."""
    assert len(published(desk.give(desk.report(VenueReportKind.FILLED, 1, 1)), Fill)) == 1
    assert desk.give(desk.report(VenueReportKind.FILLED, 1, 1)) == []


def test_report_on_a_foreign_order_halts_the_account(desk: Desk) -> None:
    """A venue order that is not ours latches HALTED."""
    desk.key = "somebody-else"
    effects = desk.give(desk.report(VenueReportKind.FILLED, 1, 1))
    assert [latch.scope for latch in published(effects, GateLatch)] == ["account:demo"]  # type: ignore[attr-defined]


def test_more_filled_than_ordered_is_booked_and_halts(desk: Desk) -> None:
    """An overfill is real money: it is booked, and the account is halted."""
    effects: list[Effect] = []
    for number in range(11):
        effects = desk.give(desk.report(VenueReportKind.FILLED, number + 1, number))
        assert len(published(effects, Fill)) == 1
    assert len(published(effects, GateLatch)) == 1


def test_withheld_order_ends_with_the_guards_code() -> None:
    """What the guard kept back provably never left."""
    desk = Desk()
    effects = desk.give(Withheld("venue", desk.request, "HEARTBEAT_SILENT", "4 s"))
    ended = published(effects, OrderEvent)[0]
    assert isinstance(ended, OrderEvent)
    assert (ended.state.name, ended.reason_code) == ("REJECTED", "HEARTBEAT_SILENT")
    desk = Desk()
    effects = desk.give(Withheld("venue", desk.request, "SEND_BY_PASSED", "late"))
    assert [e.state.name for e in published(effects, OrderEvent)] == ["EXPIRED"]  # type: ignore[attr-defined]


def test_a_repeated_send_that_is_kept_back_is_tried_later_not_at_once() -> None:
    """The first send may have left, so the order stays UNKNOWN and is not asked about in a loop."""
    desk = Desk()
    effects = desk.give(Replied("venue", desk.request, OutcomeUnknown(reason="504")))
    query = requested(effects, QueryOrder)[0]
    nothing = VenueOrder(client_order_id=desk.key, found=False)
    again = requested(desk.give(Replied("venue", query, nothing)), SubmitOrder)[0]
    effects = desk.give(Withheld("venue", again, "HEARTBEAT_SILENT", "4 s"))
    assert [e.state.name for e in published(effects, OrderEvent)] == ["UNKNOWN"]  # type: ignore[attr-defined]
    assert requested(effects, QueryOrder) == []
    assert [e for e in effects if isinstance(e, SetTimer)]


def test_a_refusal_of_a_repeated_send_proves_nothing() -> None:
    """The venue may refuse the second copy because it holds the first: it is asked."""
    desk = Desk()
    effects = desk.give(Replied("venue", desk.request, OutcomeUnknown(reason="504")))
    query = requested(effects, QueryOrder)[0]
    nothing = VenueOrder(client_order_id=desk.key, found=False)
    again = requested(desk.give(Replied("venue", query, nothing)), SubmitOrder)[0]
    refused = OrderRejected(client_order_id=desk.key, code="DUPLICATE", reason="id in use")
    effects = desk.give(Replied("venue", again, refused))
    assert [e.state.name for e in published(effects, OrderEvent)] == ["UNKNOWN"]  # type: ignore[attr-defined]
    assert len(requested(effects, QueryOrder)) == 1


def test_foreign_order_in_the_account_halts_and_is_cancelled(desk: Desk) -> None:
    """Reconciliation finds an order that is not ours."""
    foreign = VenueOrder(
        client_order_id="manual", found=True, specification=specification("manual")
    )
    account = VenueAccount(session="demo", open_orders=(foreign,))
    effects = desk.give(Replied("venue", QueryAccount(session="demo"), account))
    assert len(published(effects, GateLatch)) == 1
