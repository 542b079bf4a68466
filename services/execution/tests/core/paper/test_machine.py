"""The paper venue as a port: answers, repeats, refusals, id models."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import (
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OrderSpecification,
    QueryAccount,
    QueryOrder,
    Side,
    SubmitOrder,
    VenueAccount,
    VenueOrder,
    VenueReport,
)
from tidegate_contracts.host import CommandRefused
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    instrument,
    published,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Answer, Body, Called, Effect
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY


def opened(**changes: object) -> PaperVenueMachine:
    """Return a venue that has seen one bar of one stock."""
    venue = PaperVenueMachine.restore(venue_parameters(**changes), None)
    venue.handle(instrument(shortable=False), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), NOW_NS)
    return venue


def ask(venue: PaperVenueMachine, call_id: str, body: Body) -> tuple[Body, list[Effect]]:
    """Call the venue; return its answer and what else it did."""
    first, *rest = venue.handle(Called(call_id, body), NOW_NS)
    assert isinstance(first, Answer)
    assert first.call_id == call_id
    return first.body, rest


def submit(made: OrderSpecification) -> SubmitOrder:
    """Return the request for an order caused now."""
    return SubmitOrder(session="demo", specification=made, caused_at_ns=NOW_NS)


def test_bar_without_orders_does_nothing() -> None:
    """An idle bar is only remembered."""
    assert opened().handle(bar(1, (100, 101, 99, 100)), NOW_NS) == ()


def test_only_the_last_bars_are_remembered() -> None:
    """The memory for late orders is bounded."""
    venue = opened(bars_remembered=3)
    for day in range(10):
        venue.handle(bar(day, (100, 101, 99, 100)), NOW_NS)
    assert [len(each) for each in venue.book.bars.values()] == [3]


def test_repeated_submission_gets_the_same_answer_and_makes_one_order() -> None:
    """The port is safe to repeat, with the same call and with another."""
    venue = opened()
    request = submit(specification("a", limit_price=Decimal(90)))
    answers = [ask(venue, call, request)[0] for call in ("c-1", "c-1", "c-2")]
    assert answers[0] == answers[1] == answers[2]
    assert isinstance(answers[0], OrderAccepted)
    assert len(venue.book.orders) == 1


def test_repeated_refusal_is_the_same_refusal() -> None:
    """A refused order stays refused, even when it would pass later."""
    venue = opened()
    request = submit(specification("a", side=Side.SELL))
    first, _ = ask(venue, "c-1", request)
    venue.book.holdings["AAPL"] = Decimal(100)
    assert ask(venue, "c-2", request)[0] == first


@pytest.mark.parametrize("unique", [True, False])
def test_id_of_an_ended_order(unique: bool) -> None:  # noqa: FBT001
    """Ids that count for ever make no second order; ids that count while open do."""
    venue = opened(ids_unique_for_ever=unique)
    request = submit(specification("a"))
    ask(venue, "c-1", request)
    venue.handle(bar(1, (100, 101, 99, 100)), NOW_NS)
    _, effects = ask(venue, "c-2", request)
    again = published(effects, VenueReport)
    assert venue.book.held("AAPL") == (10 if unique else 20)
    assert len(again) == (0 if unique else 1)
    if not unique:
        assert isinstance(again[0], VenueReport)
        assert again[0].execution is not None
        assert again[0].execution.execution_id.endswith("-2")


def test_cancel_is_answered_the_same_when_repeated() -> None:
    """A repeated cancel is accepted again and reported once; of an unknown order, refused."""
    venue = opened()
    made = specification("a", limit_price=Decimal(90))
    ask(venue, "c-1", submit(made))
    cancel = CancelOrder(session="demo", client_order_id=made.client_order_id)
    first, effects = ask(venue, "c-2", cancel)
    second, nothing = ask(venue, "c-2", cancel)
    assert isinstance(first, CancelAnswered)
    assert (first.accepted, second, len(effects), nothing) == (True, first, 1, [])
    third, _ = ask(venue, "c-3", cancel)
    assert isinstance(third, CancelAnswered)
    assert not third.accepted


REFUSED = {
    "SYMBOL_UNKNOWN": specification("a", symbol="MSFT"),
    "QUANTITY_OFF_LOT": specification("a", quantity=Decimal("1.5")),
    "PRICE_OFF_TICK": specification("a", limit_price=Decimal("99.995")),
    "INSUFFICIENT_CASH": specification("a", quantity=Decimal(1_001)),
    "SHORT_NOT_ALLOWED": specification("a", side=Side.SELL),
    "NOTHING_TO_REDUCE": specification("a", side=Side.SELL, reduce_only=True),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusals_have_codes(code: str) -> None:
    """What a venue would refuse is refused, with its code, and nothing rests."""
    venue = opened()
    answer, effects = ask(venue, "c-1", submit(REFUSED[code]))
    assert isinstance(answer, OrderRejected)
    assert (answer.code, effects, venue.book.resting) == (code, [], {})


def test_open_buys_keep_their_cash_back() -> None:
    """The cash of a resting buy cannot be promised twice."""
    venue = opened()
    first = specification("a", quantity=Decimal(600), limit_price=Decimal(100))
    second = specification("b", quantity=Decimal(600), limit_price=Decimal(100))
    assert isinstance(ask(venue, "c-1", submit(first))[0], OrderAccepted)
    assert isinstance(ask(venue, "c-2", submit(second))[0], OrderRejected)


def test_reduce_only_never_opens_a_position() -> None:
    """A reduce-only order fills what is held and expires with the rest."""
    venue = opened()
    ask(venue, "c-1", submit(specification("a")))
    venue.handle(bar(1, (100, 101, 99, 100)), NOW_NS)
    made = specification("b", side=Side.SELL, reduce_only=True, quantity=Decimal(25))
    ask(venue, "c-2", submit(made))
    order = venue.book.orders[made.client_order_id]
    assert (order.state.name, int(order.filled)) == ("EXPIRED", 10)
    assert not venue.book.holdings


def test_queries_show_the_book() -> None:
    """A query finds an order or says that it does not; the account lists what is open."""
    venue = opened()
    made = specification("a", limit_price=Decimal(90))
    ask(venue, "c-1", submit(made))
    found, _ = ask(venue, "q-1", QueryOrder(session="demo", client_order_id=made.client_order_id))
    missing, _ = ask(venue, "q-2", QueryOrder(session="demo", client_order_id="other"))
    account, _ = ask(venue, "q-3", QueryAccount(session="demo"))
    assert isinstance(found, VenueOrder)
    assert isinstance(missing, VenueOrder)
    assert isinstance(account, VenueAccount)
    assert (found.found, missing.found, account.open_orders) == (True, False, (found,))


def test_other_commands_are_refused() -> None:
    """The venue says what it takes."""
    answer, _ = ask(opened(), "c-1", VenueOrder(client_order_id="x"))
    assert isinstance(answer, CommandRefused)


def test_ended_orders_are_forgotten_in_the_end() -> None:
    """The memory of ended orders is bounded."""
    venue = opened(closed_orders_kept=2)
    for number in range(5):
        made = specification(f"n-{number}", quantity=Decimal(1_001))
        ask(venue, f"c-{number}", submit(made))
    assert len(venue.book.orders) == 2
