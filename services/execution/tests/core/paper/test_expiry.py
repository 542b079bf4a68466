"""Options at their expiry: exercised, assigned or worthless, at the underlying's last price."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import (
    OrderAccepted,
    OrderRejected,
    Side,
    SubmitOrder,
    VenueEntry,
    VenueReport,
)
from tidegate_contracts.market import AssetClass, Bar, Instrument, OptionRight, OptionTerms
from tidegate_execution.core.paper.carry.options import expire, intrinsic
from tidegate_execution.core.paper.carry.parameters import CarryRules, Split
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    instrument,
    published,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Answer, Called, Effect
from tidegate_kernel.time import NS_PER_DAY

HOUR_NS = NS_PER_DAY // 24
EXPIRES_NS = DAY_0_NS + 21 * HOUR_NS
CALL, PUT = "AAPL-C100", "AAPL-P100"


def option(symbol: str, right: OptionRight) -> Instrument:
    """Return an option on AAPL at 100 that expires on the first day."""
    terms = OptionTerms(
        underlying="AAPL", right=right, strike=Decimal(100), expires_at_ns=EXPIRES_NS
    )
    return instrument(symbol, asset_class=AssetClass.OPTION, option=terms)


def venue_of(*, underlying: bool = True, held: dict[str, int] | None = None) -> PaperVenueMachine:
    """Return a venue that knows a call and a put, with an account that holds some."""
    told = venue_parameters(carry=CarryRules(options_expire=True))
    venue = PaperVenueMachine.restore(told, None)
    known = [option(CALL, OptionRight.CALL), option(PUT, OptionRight.PUT)]
    for each in [instrument(), *known] if underlying else known:
        venue.handle(each, 0)
    for name, units in (held or {}).items():
        venue.book.holdings[{"call": CALL, "put": PUT}[name]] = Decimal(units)
    return venue


def hour(number: int, close: int, symbol: str = "AAPL") -> Bar:
    """Return the bar of an hour that closes at a price."""
    return bar(number, (close, close + 1, close - 1, close), symbol, length_ns=HOUR_NS)


def entries(effects: list[Effect]) -> list[tuple[object, ...]]:
    """Return kind, units, cash, and what was delivered with its price, of what was told."""
    return [
        (e.kind.name, e.symbol, e.quantity, e.price, e.cash, e.delivered_quantity)
        for e in published(effects, VenueEntry)
        if isinstance(e, VenueEntry)
        and e.delivered_price in {None, 100}
        and e.delivered_symbol == ("AAPL" if e.delivered_quantity else "")
    ]


USED, ASSIGNED, WORTHLESS = "OPTION_EXERCISE", "OPTION_ASSIGNMENT", "OPTION_EXPIRY"
CASES = [
    ({"call": 100}, 105, (USED, CALL, -100, 0, -10_000, 100)),
    ({"call": -100}, 105, (ASSIGNED, CALL, 100, 0, 10_000, -100)),
    ({"put": 100}, 95, (USED, PUT, -100, 0, 10_000, -100)),
    ({"put": -100}, 95, (ASSIGNED, PUT, 100, 0, -10_000, 100)),
    ({"call": 100}, 100, (WORTHLESS, CALL, -100, 0, 0, 0)),
    ({"put": -100}, 105, (WORTHLESS, PUT, 100, 0, 0, 0)),
]


@pytest.mark.parametrize(("held", "price", "expected"), CASES)
def test_an_option_is_used_in_the_money_and_worthless_otherwise(
    held: dict[str, int], price: int, expected: tuple[object, ...]
) -> None:
    """Delivered at the strike; the option goes at 0, whoever held or wrote it."""
    venue = venue_of(held=held)
    assert not venue.handle(hour(20, price), 0)
    said = list(venue.handle(hour(20, 6, CALL), 0)) + list(venue.handle(hour(21, 90), 0))
    assert entries(said) == [expected]
    assert venue.book.cash == Decimal(100_000) + Decimal(str(expected[4]))
    assert venue.book.holdings == ({"AAPL": expected[5]} if expected[5] else {})


@given(
    price=st.integers(0, 20_000).map(lambda cents: Decimal(cents) / 100),
    held=st.integers(-100, 100).filter(bool).map(Decimal),
    right=st.sampled_from([OptionRight.CALL, OptionRight.PUT]),
)
def test_an_expiry_is_worth_what_using_the_option_is_worth(
    price: Decimal, held: Decimal, right: OptionRight
) -> None:
    """Cash and what is delivered, at its price, come to the holding times the intrinsic value."""
    terms = option("x", right).option
    assert terms is not None
    own, delivery = expire(terms, held, price)
    assert own.quantity == -held
    assert own.cash == 0
    worth = delivery.cash + delivery.quantity * price if delivery else 0
    assert worth == held * intrinsic(terms, price)
    assert (delivery is None) == (intrinsic(terms, price) < Decimal("0.01"))


@pytest.mark.parametrize("order", list(permutations(["AAPL", CALL])))
def test_both_last_bars_settle_in_either_order(order: tuple[str, ...]) -> None:
    """An order that they have not filled expires with the option."""
    venue = venue_of(held={"call": 10})
    bought(venue, limit_price=Decimal(1))
    said = [each for symbol in order for each in venue.handle(last_of(symbol), 0)]
    reports = [r.kind.name for r in published(said, VenueReport) if isinstance(r, VenueReport)]
    assert reports == ["EXPIRED"]
    assert entries(said) == [("OPTION_EXERCISE", CALL, -10, 0, -1_000, 10)]


@pytest.mark.parametrize("order", list(permutations(["AAPL", CALL])))
def test_what_the_last_bar_has_bought_is_settled_after_its_fill_was_heard(
    order: tuple[str, ...],
) -> None:
    """Before anything of the next instant, whatever its bar is of."""
    venue = venue_of()
    bought(venue)
    said = [each for symbol in order for each in venue.handle(last_of(symbol), 0)]
    reports = [r.kind.name for r in published(said, VenueReport) if isinstance(r, VenueReport)]
    assert reports == ["FILLED"]
    assert not entries(said)
    said = list(venue.handle(hour(21, 90), 0))
    assert entries(said) == [("OPTION_EXERCISE", CALL, -10, 0, -1_000, 10)]


def last_of(symbol: str) -> Bar:
    """Return a listing's bar that ends at the expiry."""
    return hour(20, 105 if symbol == "AAPL" else 6, symbol)


def bought(venue: PaperVenueMachine, **changes: object) -> None:
    """Order ten calls before their last bar."""
    venue.handle(hour(19, 105), 0)
    venue.handle(hour(19, 6, CALL), 0)
    caused_ns = DAY_0_NS + 20 * HOUR_NS
    made = specification("buy", symbol=CALL, **changes)
    request = SubmitOrder(session="demo", specification=made, caused_at_ns=caused_ns)
    [answer] = venue.handle(Called("buy", request), caused_ns)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, OrderAccepted)


def test_a_price_after_the_expiry_settles_nothing() -> None:
    """Where no bar holds the expiry, the last close before it counts, not Monday's open."""
    venue = venue_of(held={"call": 10})
    venue.handle(hour(18, 95), 0)
    said = list(venue.handle(hour(90, 200), 0))
    assert entries(said) == [("OPTION_EXPIRY", CALL, -10, 0, 0, 0)]


@pytest.mark.parametrize(
    ("underlying", "caused_ns", "code"),
    [(False, DAY_0_NS, "UNDERLYING_UNKNOWN"), (True, EXPIRES_NS, "EXPIRED")],
)
def test_what_could_not_be_settled_is_refused(
    underlying: bool,  # noqa: FBT001
    caused_ns: int,
    code: str,
) -> None:
    """An option without its underlying's prices, and one that is over."""
    venue = venue_of(underlying=underlying)
    venue.handle(hour(0, 6, CALL), 0)
    made = specification("late", symbol=CALL, side=Side.BUY)
    request = SubmitOrder(session="demo", specification=made, caused_at_ns=caused_ns)
    [answer] = venue.handle(Called("late", request), caused_ns)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, OrderRejected)
    assert answer.body.code == code


@pytest.mark.parametrize(
    ("split_hour", "order_hour", "code"),
    [(5, 4, "CONTRACT_ADJUSTED"), (5, 5, ""), (21, 4, ""), (20, 4, "CONTRACT_ADJUSTED")],
)
def test_a_contract_that_a_split_would_adjust_is_refused(
    split_hour: int, order_hour: int, code: str
) -> None:
    """Only before the split, and only if the option is still there at it."""
    split = Split("AAPL", DAY_0_NS + split_hour * HOUR_NS, 2, 1)
    venue = PaperVenueMachine.restore(venue_parameters(carry=CarryRules(splits=(split,))), None)
    for each in (instrument(), option(CALL, OptionRight.CALL), hour(0, 6, CALL)):
        venue.handle(each, 0)
    caused_ns = DAY_0_NS + order_hour * HOUR_NS
    request = SubmitOrder(
        session="demo", specification=specification("early", symbol=CALL), caused_at_ns=caused_ns
    )
    [answer] = venue.handle(Called("early", request), caused_ns)
    assert isinstance(answer, Answer)
    found = answer.body.code if isinstance(answer.body, OrderRejected) else ""
    assert found == code
