"""Booking a difference away: exactly what differs now, by two people, and then it agrees."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind,
    AdjustAccount,
    ApproveAdjustment,
    OutcomeUnknown,
    QueryAccount,
    VenueAccount,
    VenueHolding,
)
from tidegate_execution.core.entries.adjusting import REQUEST_VALID_NS
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import (
    ACCOUNT,
    DAY_0_NS,
    SESSION,
    STRATEGY,
    bar,
    execution_parameters,
    instrument,
    published,
    verdict,
)
from tidegate_kernel.machine import Answer, Called, Replied, Request
from tidegate_kernel.time import NS_PER_SECOND

NOW_NS = DAY_0_NS + 5 * NS_PER_SECOND
WANTED = AdjustAccount(
    session=SESSION,
    symbol="AAPL",
    quantity=Decimal(10),
    cash=Decimal(-2_500),
    principal="ada",
    reason="bought by hand",
    asked_at_ns=NOW_NS,
)


class Counter:
    """A machine at a venue that answers for its account as it is told."""

    def __init__(self, **parameters: object) -> None:
        made = execution_parameters(lockstep=False, **parameters)
        self.machine = ExecutionMachine.restore(made, None)
        self.held, self.cash, self.silent = Decimal(0), Decimal(100_000), False
        self.calls = 0
        self.told: list[AccountEntry] = []
        self.give(instrument())
        self.give(bar(0, (100, 101, 99, 100)))

    def give(self, event: object) -> dict[str, AccountEntryAnswer]:
        """Handle an event, and whatever the venue answers to it; return the answers to people."""
        answers: dict[str, AccountEntryAnswer] = {}
        effects = list(self.machine.handle(event, NOW_NS))  # type: ignore[arg-type]
        while effects:
            effect = effects.pop(0)
            if isinstance(effect, Request) and isinstance(effect.body, QueryAccount):
                replied = Replied("venue", effect.body, self._account())
                effects += self.machine.handle(replied, NOW_NS)
            elif isinstance(effect, Answer) and isinstance(effect.body, AccountEntryAnswer):
                answers[effect.call_id] = effect.body
            self.told += published([effect], AccountEntry)  # type: ignore[arg-type]
        return answers

    def _account(self) -> VenueAccount | OutcomeUnknown:
        if self.silent:
            return OutcomeUnknown(reason="silent")
        holdings = (VenueHolding(symbol="AAPL", quantity=self.held),) if self.held else ()
        return VenueAccount(
            session=SESSION, holdings=holdings, currency="USD", cash=self.cash, event_at_ns=NOW_NS
        )

    def ask(self, **changes: Any) -> AccountEntryAnswer:  # noqa: ANN401 - any of the command's fields
        """Ask for an adjustment."""
        return self.call(msgspec.structs.replace(WANTED, **changes))

    def approve(self, request_id: str = "adjustment-1", **changes: Any) -> AccountEntryAnswer:  # noqa: ANN401 - any of the command's fields
        """Approve one."""
        command = ApproveAdjustment(
            session=SESSION, request_id=request_id, principal="grace", asked_at_ns=NOW_NS
        )
        return self.call(msgspec.structs.replace(command, **changes))

    def call(self, command: AdjustAccount | ApproveAdjustment) -> AccountEntryAnswer:
        """Give a command and return its answer."""
        self.calls += 1
        return self.give(Called(f"c{self.calls}", command))[f"c{self.calls}"]

    def buy_by_hand(self) -> None:
        """Ten at 250, which no order of ours did."""
        self.held, self.cash = self.held + 10, self.cash - 2_500

    def reconciled(self) -> bool:
        """Tell whether the account agrees, by a comparison of now."""
        self.give(Called("compare", QueryAccount(session=SESSION)))
        return self.machine.confirmation().reconciled


def test_two_people_book_away_exactly_what_differs() -> None:
    """Filed by one and approved by another: an entry with both names, and the account agrees."""
    counter = Counter()
    assert counter.reconciled()
    counter.buy_by_hand()
    assert not counter.reconciled()
    filed = counter.ask()
    assert (filed.accepted, filed.request_id) == (True, "adjustment-1")
    assert counter.told == []
    assert counter.machine.confirmation().differences == {"AAPL": {"expected": "0", "found": "10"}}
    counter.machine = ExecutionMachine.restore(
        counter.machine.parameters, counter.machine.snapshot()
    )
    assert counter.approve().accepted
    (entry,) = counter.told
    assert entry == AccountEntry(
        session=SESSION,
        account=ACCOUNT,
        entry_id="adjustment-1",
        kind=AccountEntryKind.ADJUSTMENT,
        venue="XNAS",
        symbol="AAPL",
        quantity=Decimal(10),
        price=Decimal(250),
        currency="USD",
        cash=Decimal(-2_500),
        event_at_ns=NOW_NS,
        principal="ada",
        approver="grace",
        reason="bought by hand",
    )
    assert counter.reconciled()
    assert counter.machine.confirmation().cash_difference == "0"
    assert counter.ask().code == "NO_DIFFERENCE"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": Decimal(9)}, "DIFFERENCE_MISMATCH"),
        ({"cash": Decimal(-2_499)}, "DIFFERENCE_MISMATCH"),
        ({"quantity": Decimal(-10)}, "DIFFERENCE_MISMATCH"),
        ({"symbol": "", "quantity": Decimal(0), "cash": Decimal(1)}, "DIFFERENCE_MISMATCH"),
        ({"reason": ""}, "COMMAND_INVALID"),
        ({"principal": ""}, "COMMAND_INVALID"),
        ({"session": "other"}, "COMMAND_INVALID"),
        ({"quantity": Decimal("NaN")}, "COMMAND_INVALID"),
        ({"symbol": ""}, "COMMAND_INVALID"),
    ],
)
def test_nothing_else_is_filed(changes: dict[str, Any], code: str) -> None:
    """One unit more or less is a blind edit."""
    counter = Counter()
    counter.buy_by_hand()
    answer = counter.ask(**changes)
    assert (answer.accepted, answer.code) == (False, code)
    assert counter.machine.confirmation().adjustments == ()


def test_what_changed_between_asking_and_approving_is_not_booked() -> None:
    """The approval is judged by the venue of then."""
    counter = Counter()
    counter.buy_by_hand()
    counter.ask()
    counter.buy_by_hand()
    assert counter.approve().code == "DIFFERENCE_MISMATCH"
    assert counter.told == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"principal": "ada"}, "SAME_PRINCIPAL"),
        ({"principal": ""}, "SAME_PRINCIPAL"),
        ({"request_id": "adjustment-7"}, "REQUEST_UNKNOWN"),
        ({"asked_at_ns": NOW_NS + REQUEST_VALID_NS}, "REQUEST_UNKNOWN"),
    ],
)
def test_only_another_principal_approves_in_time(changes: dict[str, Any], code: str) -> None:
    """Who asked cannot approve, and a request does not wait for ever."""
    counter = Counter()
    counter.buy_by_hand()
    counter.ask()
    assert counter.approve(**changes).code == code
    assert counter.told == []


def test_a_silent_venue_lets_nothing_be_booked() -> None:
    """What it holds now is not known."""
    counter = Counter()
    counter.buy_by_hand()
    counter.ask()
    counter.silent = True
    assert counter.approve().code == "VENUE_SILENT"
    assert counter.ask().code == "VENUE_SILENT"


def test_what_reduces_a_holding_is_its_holders() -> None:
    """Sold by hand out of what a strategy holds: it holds less, at the cash that came for it."""
    counter = Counter()
    counter.machine._state.move(STRATEGY, "AAPL", Decimal(30))
    counter.held = Decimal(20)
    counter.cash += 1_500
    counter.machine._state.reconciliation.opening = {}
    assert counter.ask(quantity=Decimal(-10), cash=Decimal(1_500)).accepted
    assert counter.approve().accepted
    (entry,) = counter.told
    assert (entry.strategy, entry.entry_id) == (STRATEGY, f"adjustment-1/{STRATEGY}")
    assert entry.price == 150
    assert counter.reconciled()


def test_cash_alone_may_be_a_transfer() -> None:
    """Money that was brought in is neither profit nor loss."""
    counter = Counter()
    counter.cash += 500
    assert counter.reconciled()
    wanted = {"symbol": "", "quantity": Decimal(0), "cash": Decimal(500), "transfer": True}
    assert counter.ask(**wanted).accepted
    assert counter.approve().accepted
    (entry,) = counter.told
    assert (entry.kind, str(entry.cash)) == (AccountEntryKind.TRANSFER, "500")


def test_a_symbol_with_open_orders_is_left_alone() -> None:
    """What differs may be a fill that is on its way."""
    counter = Counter()
    assert counter.reconciled()
    counter.machine.handle(verdict(NOW_NS), NOW_NS)
    counter.buy_by_hand()
    assert counter.ask().code == "ORDERS_OPEN"
