"""Shorts: what they keep from being spent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import OrderAccepted, OrderRejected, Side, SubmitOrder
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import DAY_0_NS, bar, instrument, specification, venue_parameters
from tidegate_kernel.machine import Answer, Called
from tidegate_kernel.time import NS_PER_DAY


def opened(share: str, **changes: object) -> PaperVenueMachine:
    """Return a venue with 100,000 in cash and a stock at 100."""
    told = venue_parameters(short_margin=Decimal(share), **changes)
    venue = PaperVenueMachine.restore(told, None)
    venue.handle(instrument(), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), 0)
    return venue


def code(venue: PaperVenueMachine, key: str, side: Side, quantity: int, **order: object) -> str:
    """Place a limit order that rests at 100 and return the code of its refusal, if any."""
    values = {"limit_price": Decimal(100), **order}
    made = specification(key, side=side, quantity=Decimal(quantity), **values)
    request = SubmitOrder(session="demo", specification=made, caused_at_ns=DAY_0_NS + NS_PER_DAY)
    answer = venue.handle(Called(key, request), 0)[0]
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, OrderAccepted | OrderRejected)
    return answer.body.code if isinstance(answer.body, OrderRejected) else ""


@pytest.mark.parametrize(("quantity", "expected"), [(2_000, ""), (2_001, "INSUFFICIENT_MARGIN")])
def test_a_short_needs_its_share_free(quantity: int, expected: str) -> None:
    """With a half, 100,000 carry shorts of 200,000, and not one more."""
    assert code(opened("0.5"), "a", Side.SELL, quantity) == expected


def test_open_sells_count_together() -> None:
    """Two orders may both fill."""
    venue = opened("0.5")
    assert code(venue, "a", Side.SELL, 1_500) == ""
    assert code(venue, "b", Side.SELL, 501) == "INSUFFICIENT_MARGIN"
    assert code(venue, "c", Side.SELL, 500) == ""


def test_proceeds_of_a_short_buy_nothing_else() -> None:
    """After a short of 1,000 at 100 there is more cash, and less of it is free."""
    venue = opened("0.5")
    venue.handle(instrument("MSFT"), 0)
    venue.handle(bar(0, (100, 101, 99, 100), "MSFT"), 0)
    venue.book.holdings["AAPL"], venue.book.cash = Decimal(-1_000), Decimal(200_000)
    assert code(venue, "a", Side.BUY, 501, symbol="MSFT") == "INSUFFICIENT_CASH"
    assert code(venue, "b", Side.BUY, 500, symbol="MSFT") == ""


def test_buying_a_short_back_frees_what_it_kept() -> None:
    """The order that closes it is not refused for the short that it ends."""
    venue = opened("0.5")
    venue.book.holdings["AAPL"], venue.book.cash = Decimal(-2_000), Decimal(300_000)
    assert code(venue, "a", Side.BUY, 2_000) == ""


def test_what_is_held_is_sold_without_margin() -> None:
    """Selling less than is held opens nothing, whatever the prices of shorts have done."""
    venue = opened("0.5")
    venue.handle(instrument("MSFT"), 0)
    venue.handle(bar(0, (100, 101, 99, 100), "MSFT"), 0)
    venue.book.holdings.update({"AAPL": Decimal(10), "MSFT": Decimal(-5_000)})
    assert code(venue, "a", Side.SELL, 10) == ""


@pytest.mark.parametrize("changes", [{"share": "0"}, {"share": "1", "negative_cash_allowed": True}])
def test_without_a_share_or_with_credit_nothing_is_checked(changes: dict[str, object]) -> None:
    """The default lends as many shares as are asked for."""
    share = str(changes.pop("share"))
    assert code(opened(share, **changes), "a", Side.SELL, 1_000_000) == ""
