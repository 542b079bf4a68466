"""What a venue says of the account: booked once, told with its owners, expected from then on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind,
    OrderEvent,
    OrderState,
    QueryAccount,
    VenueAccount,
    VenueEntry,
    VenueHolding,
)
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    SESSION,
    VENUE,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    verdict,
)
from tidegate_kernel.machine import Answer, Called, Publish, Replied
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + 3 * NS_PER_DAY


def entry(kind: AccountEntryKind, **changes: object) -> VenueEntry:
    """Return what a venue says of AAPL in dollars."""
    values: dict[str, object] = {
        "session": SESSION,
        "entry_id": "e1",
        "venue": VENUE,
        "symbol": "AAPL",
        "currency": "USD",
        "event_at_ns": NOW_NS,
    }
    return VenueEntry(kind=kind, **{**values, **changes})  # type: ignore[arg-type]


def held(rig: SessionRig | None = None) -> SessionRig:
    """Return a session in which `ema` holds 10 and `mean` 20 AAPL."""
    rig = rig or SessionRig()
    rig.instant(DAY_0_NS, [instrument(), bar(0, (100, 101, 99, 100))])
    for strategy, quantity in (("ema", 10), ("mean", 20)):
        wanted = verdict(DAY_0_NS + NS_PER_DAY, strategy=strategy, quantity=Decimal(quantity))
        rig.instant(DAY_0_NS + NS_PER_DAY, [wanted])
    rig.instant(DAY_0_NS + 2 * NS_PER_DAY, [bar(1, (100, 101, 99, 100))])
    assert len(rig.fills) == 2
    return rig


def told(rig: SessionRig, *said: VenueEntry) -> list[AccountEntry]:
    """Let the venue say entries; return what execution told of them."""
    before = len(rig.said)
    rig.instant(NOW_NS, list(said))
    return [each for each in rig.said[before:] if isinstance(each, AccountEntry)]


def test_a_dividend_is_shared_by_what_is_held() -> None:
    """A third to who holds a third, in cents; the entries are named after their owners."""
    found = told(held(), entry(AccountEntryKind.DIVIDEND, cash=Decimal("10.00")))
    assert [(each.entry_id, each.strategy, each.cash) for each in found] == [
        ("e1/ema", "ema", Decimal("3.33")),
        ("e1/mean", "mean", Decimal("6.67")),
    ]
    assert {each.kind for each in found} == {AccountEntryKind.DIVIDEND}


def test_an_entry_counts_once_across_restarts() -> None:
    """A venue says its entries again and again; the id makes them one."""
    rig = held(SessionRig(restart_often=True))
    said = entry(AccountEntryKind.DIVIDEND, cash=Decimal(9))
    assert len(told(rig, said, said)) == 2
    assert told(rig, said) == []


def test_cash_without_a_symbol_is_the_accounts() -> None:
    """Money that is brought in belongs to no strategy."""
    (found,) = told(held(), entry(AccountEntryKind.TRANSFER, symbol="", cash=Decimal(500)))
    assert (found.entry_id, found.strategy, found.cash) == ("e1", "", Decimal(500))


def test_what_was_delivered_for_an_option_is_its_writers() -> None:
    """Shares of an assignment go to who wrote the option, not to who holds such shares."""
    rig = held()
    rig.execution._state.move("mean", "AAPL1", Decimal(-1))
    found = told(
        rig,
        entry(
            AccountEntryKind.OPTION_ASSIGNMENT,
            symbol="AAPL1",
            quantity=Decimal(1),
            price=Decimal(0),
            delivered_symbol="AAPL",
            delivered_quantity=Decimal(100),
            delivered_price=Decimal(90),
            cash=Decimal(-9_000),
        ),
    )
    assert [(e.entry_id, e.symbol, *map(str, (e.quantity, e.price, e.cash))) for e in found] == [
        ("e1/mean", "AAPL1", "1", "0", "0"),
        ("e1/AAPL/mean", "AAPL", "100", "90", "-9000"),
    ]
    assert rig.execution._state.net_holding("AAPL") == 130


def test_a_split_moves_exits_and_ends_priced_orders() -> None:
    """Twice the shares, protected at half the price; an entry at a price of before is cancelled."""
    rig = SessionRig(parameters=execution_parameters(protective_exits="stop"))
    rig.instant(DAY_0_NS, [instrument(), bar(0, (100, 101, 99, 100))])
    day_1, day_2 = DAY_0_NS + NS_PER_DAY, DAY_0_NS + 2 * NS_PER_DAY
    rig.instant(day_1, [verdict(day_1, stop_price=Decimal(80))])
    rig.instant(day_2, [bar(1, (100, 101, 99, 100))])
    rig.instant(day_2, [verdict(day_2, ordinal=1, limit_price=Decimal(90))])
    rig.venue.book.holdings["AAPL"] = Decimal(20)
    told(rig, entry(AccountEntryKind.SPLIT, quantity=Decimal(10)))
    opened = {
        each.specification.client_order_id: each for each in rig.order_events if each.state
    }.values()
    working = [each.specification for each in opened if each.state == OrderState.WORKING]
    assert [(each.trigger_price, each.quantity) for each in working] == [(Decimal(40), Decimal(20))]
    assert _ended(rig, "SPLIT") == 2


def _ended(rig: SessionRig, code: str) -> int:
    return sum(isinstance(each, OrderEvent) and each.reason_code == code for each in rig.said)


def test_what_lay_there_before_is_expected_and_not_told() -> None:
    """Units from before the session are in no book; their cash is, and the account still agrees."""
    machine = ExecutionMachine.restore(execution_parameters(), None)
    machine.handle(instrument(), NOW_NS)
    question = QueryAccount(session=SESSION)

    def compare(quantity: int) -> bool:
        holdings = (VenueHolding(symbol="AAPL", quantity=Decimal(quantity)),)
        answer = VenueAccount(session=SESSION, holdings=holdings, currency="USD")
        machine.handle(Replied("venue", question, answer), NOW_NS)
        return machine._state.reconciliation.reconciled

    assert compare(5)
    split = entry(AccountEntryKind.SPLIT, quantity=Decimal(5), cash=Decimal(1))
    effects = machine.handle(split, NOW_NS)
    (found,) = [e.body for e in effects if isinstance(e, Publish)]
    assert isinstance(found, AccountEntry)
    assert (found.quantity, found.cash, found.strategy) == (Decimal(0), Decimal(1), "")
    machine.handle(Called("again", question), NOW_NS)
    assert compare(10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"session": "other"},
        {"entry_id": ""},
        {"cash": Decimal(0)},
        {"currency": ""},
        {"symbol": "", "quantity": Decimal(1)},
        {"cash": Decimal("NaN")},
        {"kind": AccountEntryKind.UNSPECIFIED},
    ],
)
def test_what_contradicts_itself_is_not_booked(wrong: dict[str, Any]) -> None:
    """The venue's word is a value: it is answered, and nothing is told."""
    machine = ExecutionMachine.restore(execution_parameters(), None)
    values: dict[str, Any] = {"kind": AccountEntryKind.DIVIDEND, "cash": Decimal(5), **wrong}
    (effect,) = machine.handle(Called("call", entry(**values)), NOW_NS)
    assert isinstance(effect, Answer)
    assert isinstance(effect.body, AccountEntryAnswer)
    assert (effect.body.accepted, effect.body.code) == (False, "ENTRY_INVALID")
