"""What holding costs or brings: against a naive venue, and rules that deserve an example."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import Side, SubmitOrder, VenueEntry, VenueReport
from tidegate_execution.core.paper.carry.parameters import (
    CarryRules,
    Dividend,
    Rate,
    Split,
)
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    instrument,
    published,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_DAY

from .drawing import (
    BAR_NS,
    BARS,
    CARRY,
    HOUR_NS,
    RULES,
    bars,
    naive_bar,
    naive_order,
    orders,
)
from .naive import NaiveVenue
from .naive_carry import NaiveCarry
from .test_matching import compare

if TYPE_CHECKING:
    from tidegate_kernel.machine import Effect


def venue_of(
    carry: CarryRules, rules: MatchingRules | None = None, held: int = 0
) -> PaperVenueMachine:
    """Return a venue that has seen one bar at 100, with an account that holds some units."""
    told = venue_parameters(rules=rules or MatchingRules(), carry=carry, negative_cash_allowed=True)
    venue = PaperVenueMachine.restore(told, None)
    venue.handle(instrument(), 0)
    venue.handle(bar(-1, (100, 101, 99, 100), length_ns=BAR_NS), 0)
    if held:
        venue.book.holdings["AAPL"] = Decimal(held)
    return venue


def naive_of(carry: CarryRules, venue: NaiveVenue) -> NaiveCarry:
    """Return the same rules for the naive venue."""
    funding = Fraction(carry.funding[0].rate) if carry.funding else None
    return NaiveCarry(
        venue,
        Fraction(carry.borrow[0].rate) * 100 if carry.borrow else Fraction(0),
        carry.borrow_days,
        carry.borrow_at_ns // HOUR_NS,
        {} if funding is None else {at // HOUR_NS: funding for at in carry.funding_at_ns},
        {p.at_ns // HOUR_NS: Fraction(p.rate) for p in carry.funding_points},
        {d.ex_at_ns // HOUR_NS: Fraction(d.amount) for d in carry.dividends},
        {s.ex_at_ns // HOUR_NS: (s.new, s.old) for s in carry.splits},
    )


def entries(effects: list[Effect]) -> list[tuple[str, int, int, Fraction]]:
    """Return the entries that were told: kind, hour, units and cash."""
    found = published(effects, VenueEntry)
    return [
        (e.kind.name, e.event_at_ns // HOUR_NS, int(e.quantity), Fraction(e.cash))
        for e in found
        if isinstance(e, VenueEntry)
    ]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), rules=RULES, carry=CARRY)
def test_holding_costs_what_the_naive_venue_says(
    data: st.DataObject, rules: MatchingRules, carry: CarryRules
) -> None:
    """Orders of every kind, gaps between bars, restarts: equal entries, fills, units and cash."""
    venue = venue_of(carry, rules)
    naive = NaiveVenue(rules.intrabar_path.value, int(rules.slippage_bps), rules.latency_ns)
    naive.touch, naive.queues = rules.touch_fills, rules.queue.value == "volume"
    oracle, before = naive_of(carry, naive), naive_bar(venue.book.bars["XNAS|AAPL"][-1])
    placed = [data.draw(orders(number)) for number in range(data.draw(st.integers(1, 5)))]
    told: list[tuple[str, int, int, Fraction]] = []
    skipped = data.draw(st.integers(1, BARS))
    for number in (each for each in range(BARS) if each != skipped):
        start_ns = DAY_0_NS + number * BAR_NS
        for order in (each for each in placed if each.caused_at_ns == start_ns):
            naive.place(naive_order(order))
            venue.handle(Called(order.specification.client_order_id, order), start_ns)
        seen = data.draw(bars(number))
        oracle.see(naive_bar(seen), before)
        before = naive_bar(seen)
        told += entries(list(venue.handle(seen, seen.end_ns)))
        if data.draw(st.booleans()):
            venue = PaperVenueMachine.restore(venue.parameters, venue.snapshot())
        compare(venue, naive)
        assert told == oracle.entries
    paid = sum(each[3] for each in told)
    traded = sum(
        (1 if order.resting.specification.side == Side.SELL else -1) * each.quantity * each.price
        for order in venue.book.orders.values()
        for each in order.executions
    )
    assert Fraction(venue.book.cash) == Fraction(venue.parameters.cash) + Fraction(traded) + paid


def test_a_short_pays_for_every_calendar_day_of_a_weekend() -> None:
    """Borrowed at 36 percent of a year of 360 days: 0.1 percent a day, at the last close."""
    venue = venue_of(CarryRules(borrow=(Rate(Decimal("0.36"), "AAPL"),)), held=-10)
    monday = bar(12, (110, 111, 109, 110), length_ns=BAR_NS)
    said = entries(list(venue.handle(monday, 0)))
    assert [each[3] for each in said] == [Fraction(-1)] * 4
    assert venue.book.cash == Decimal(100_000) - 4


def test_a_split_changes_units_pays_fractions_and_cancels_orders() -> None:
    """3 for 2 of 7 shares: 10, half a share in cash at the old close; the stop would be wrong."""
    venue = venue_of(CarryRules(splits=(Split("AAPL", DAY_0_NS, 3, 2),)), held=7)
    made = specification("target", limit_price=Decimal(105), side=Side.SELL, reduce_only=True)
    order = SubmitOrder(session="demo", specification=made, caused_at_ns=DAY_0_NS)
    venue.handle(Called("target", order), 0)
    said = list(venue.handle(bar(0, (66, 200, 66, 67), length_ns=BAR_NS), 0))
    [ended] = published(said, VenueReport)
    assert isinstance(ended, VenueReport)
    assert (ended.kind.name, ended.reason[:5]) == ("CANCELLED", "SPLIT")
    [entry] = published(said, VenueEntry)
    assert isinstance(entry, VenueEntry)
    assert entry.quantity == 3
    assert entry.price is None
    assert entry.cash == Decimal("33.33333333")
    assert venue.book.held("AAPL") == 10
    assert len(venue.book.bars["XNAS|AAPL"]) == 1


def test_a_dividend_inside_a_daily_bar_goes_to_who_held_before_the_bar() -> None:
    """The bar's open is the first price without it, whatever the hour of the ex time."""
    carry = CarryRules(dividends=(Dividend("AAPL", DAY_0_NS + HOUR_NS, Decimal("0.24")),))
    venue = venue_of(carry, held=0)
    order = SubmitOrder(session="demo", specification=specification("buy"), caused_at_ns=DAY_0_NS)
    venue.handle(Called("buy", order), 0)
    day = bar(0, (100, 101, 99, 100))
    assert not entries(list(venue.handle(day, 0)))
    assert venue.book.held("AAPL") == 10
    short = venue_of(carry, held=-10)
    assert [each[3] for each in entries(list(short.handle(day, 0)))] == [Fraction("-2.4")]


def test_a_venue_that_is_told_nothing_says_and_costs_nothing() -> None:
    """Years of bars move neither cash nor units."""
    venue = venue_of(CarryRules(), held=-10)
    assert not venue.handle(bar(4_000, (100, 101, 99, 100)), DAY_0_NS + NS_PER_DAY)
    assert venue.book.cash == 100_000
    assert venue.book.held("AAPL") == -10
