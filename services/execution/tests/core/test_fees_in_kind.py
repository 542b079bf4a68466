"""Fees in kind: the book of holdings is the venue's to the unit, and dust holds nothing up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import (
    OrderAccepted,
    OrderEvent,
    OrderState,
    QueryAccount,
    Side,
    SubmitOrder,
    VenueAccount,
    VenueExecution,
    VenueHolding,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core import reconciliation
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.turn import Turn
from tidegate_execution.testing import (
    DAY_0_NS,
    STRATEGY,
    bar,
    execution_parameters,
    instrument,
    published,
    raised,
    requested,
    verdict,
)
from tidegate_kernel.machine import Effect, Replied
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY
PAIR = "BTC/USDT"
LOT = Decimal("0.00001")
FEE = Decimal("0.00200417")


class Desk:
    """A machine that trades two pairs at a venue which fills at once, for a fee in some coin."""

    def __init__(self) -> None:
        self.machine = ExecutionMachine.restore(execution_parameters(), None)
        grid = {"lot_size": LOT, "min_quantity": LOT, "min_notional": Decimal(5)}
        for symbol in (PAIR, "BNB/USDT"):
            self.give(instrument(symbol, **grid))
            self.give(bar(0, (100, 101, 99, 100), symbol))
        self.count = 0

    def give(self, event: object) -> list[Effect]:
        """Handle one event."""
        return list(self.machine.handle(event, NOW_NS))  # type: ignore[arg-type]

    def trade(self, fee: Decimal, coin: str, **order: object) -> Decimal | None:
        """Order something and fill what is sent of it; return that, or None."""
        self.count += 1
        values: dict[str, Any] = {"symbol": PAIR, "quantity": Decimal(2), **order}
        effects = self.give(verdict(NOW_NS, ordinal=self.count, **values))
        return self.fill(effects, fee, coin)

    def fill(self, effects: list[Effect], fee: Decimal, coin: str) -> Decimal | None:
        """Fill the order that was sent, if one was."""
        sent = requested(effects, SubmitOrder)
        if not sent:
            return None
        (request,) = sent
        assert isinstance(request, SubmitOrder)
        made = request.specification
        self.give(Replied("venue", request, OrderAccepted(client_order_id=made.client_order_id)))
        execution = VenueExecution(
            execution_id=f"x-{made.client_order_id}",
            quantity=made.quantity,
            price=Decimal(100),
            fee=fee,
            fee_currency=coin,
        )
        report = VenueReport(
            session="demo",
            client_order_id=made.client_order_id,
            kind=VenueReportKind.FILLED,
            execution=execution,
            filled_quantity=made.quantity,
        )
        self.give(report)
        return made.quantity

    def close(self) -> Decimal | None:
        """Sell all; return what was sent."""
        return self.trade(Decimal(0), "USDT", side=Side.SELL, reduce_only=True)


@pytest.mark.parametrize(
    ("fee", "coin", "held"),
    [
        (FEE, "BTC", {STRATEGY: {PAIR: 2 - FEE}}),
        (FEE, "USDT", {STRATEGY: {PAIR: Decimal(2)}}),
        (FEE, "BNB", {STRATEGY: {PAIR: Decimal(2)}, "": {"BNB/USDT": -FEE}}),
        (FEE, "", {STRATEGY: {PAIR: Decimal(2)}}),
        (Decimal(0), "BTC", {STRATEGY: {PAIR: Decimal(2)}}),
    ],
)
def test_a_fee_leaves_the_coin_that_it_was_taken_in(
    fee: Decimal, coin: str, held: dict[str, dict[str, Decimal]]
) -> None:
    """The bought coin, another one that the session trades, or none at all."""
    desk = Desk()
    desk.trade(fee, coin)
    assert desk.machine._state.holdings == held


def test_a_fee_that_names_no_currency_is_taken_in_no_share() -> None:
    """A share counts no coin: a fee without a currency is money, whatever else is traded."""
    desk = Desk()
    desk.give(instrument("AAPL"))
    desk.give(bar(0, (100, 101, 99, 100), "AAPL"))
    desk.trade(FEE, "", symbol="AAPL")
    assert desk.machine._state.holdings == {STRATEGY: {"AAPL": Decimal(2)}}


def test_the_account_agrees_with_a_venue_that_kept_its_fee() -> None:
    """To the last digit; the whole quantity would differ."""
    desk = Desk()
    turn = Turn(desk.machine.parameters, desk.machine._state, NOW_NS)
    reconciliation.take_account(turn, VenueAccount(session="demo"))
    desk.trade(FEE, "BTC")
    for found, agrees in ((2 - FEE, True), (Decimal(2), False)):
        holding = VenueHolding(symbol=PAIR, quantity=found)
        for _ in range(2):
            turn.state.reconciliation.asked_n = turn.state.changes
            reconciliation.take_account(turn, VenueAccount(session="demo", holdings=(holding,)))
        assert turn.state.reconciliation.reconciled == agrees


def test_a_close_sells_whole_lots_of_what_is_left() -> None:
    """Neither more than is held nor a fraction of a lot; then there is nothing to close."""
    desk = Desk()
    desk.trade(FEE, "BTC")
    assert desk.close() == Decimal("1.99799")
    assert desk.machine._state.held(STRATEGY, PAIR) == 2 - FEE - Decimal("1.99799")
    desk.count += 1
    nothing = verdict(
        NOW_NS,
        ordinal=desk.count,
        symbol=PAIR,
        quantity=Decimal(0),
        side=Side.SELL,
        reduce_only=True,
    )
    effects = desk.give(nothing)
    last = published(effects, OrderEvent)[-1]
    assert isinstance(last, OrderEvent)
    assert (last.state, last.reason_code) == (OrderState.CANCELLED, "NOTHING_TO_CLOSE")


@pytest.mark.parametrize(("bought", "sold"), [("0.05011", "0.05"), ("0.04999", None)])
def test_what_is_worth_less_than_the_venue_takes_is_dust(bought: str, sold: str | None) -> None:
    """Five dollars at the last close of 100, and one lot less."""
    desk = Desk()
    desk.trade(Decimal("0.0001") if sold else Decimal(0), "BTC", quantity=Decimal(bought))
    sent = desk.close()
    assert sent == (None if sold is None else Decimal("0.05001"))


def test_flattening_ends_with_dust_left() -> None:
    """The kill is confirmed; a coin that only paid fees is not bought back."""
    desk = Desk()
    desk.trade(FEE, "BTC")
    desk.trade(FEE, "BNB")
    desk.give(raised(GateLevel.FLATTENING))
    assert desk.machine.confirmation().holdings_to_close == 1
    question = QueryAccount(session="demo")
    effects = desk.give(Replied("venue", question, VenueAccount(session="demo")))
    assert desk.fill(effects, Decimal(0), "USDT") == Decimal("3.99799")
    assert desk.machine._state.held(STRATEGY, PAIR) > 0
    assert desk.machine.confirmation().holdings_to_close == 0
