"""Matching: against a naive venue, for all kinds of orders, and rules that deserve an example."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    Liquidity,
    OrderState,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import FeeSchedule, MatchingRules, QueueModel
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    instrument,
    published,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Answer, Called
from tidegate_kernel.time import NS_PER_DAY

from .drawing import BAR_NS, BARS, RULES, SHARES, bars, naive_bar, naive_order, orders
from .naive import NaiveVenue


def venue_of(rules: MatchingRules) -> tuple[PaperVenueMachine, NaiveVenue]:
    """Return a venue that has seen one bar, and the naive one with the same rules."""
    told = venue_parameters(rules=rules, negative_cash_allowed=True)
    venue = PaperVenueMachine.restore(told, None)
    venue.handle(instrument(), 0)
    venue.handle(bar(-1, (100, 101, 99, 100), length_ns=BAR_NS), 0)
    path, bps = rules.intrabar_path.value, int(rules.slippage_bps)
    naive = NaiveVenue(path, bps, rules.latency_ns, rules.touch_fills, rules.volume_share)
    naive.queues = rules.queue == QueueModel.VOLUME
    return venue, naive


def compare(venue: PaperVenueMachine, naive: NaiveVenue) -> None:
    """Hold every order and fill of the two venues against each other."""
    for expected in naive.orders:
        order = venue.book.orders[expected.name]
        fills = [
            (int(e.quantity), e.price * 100, e.event_at_ns, e.liquidity == Liquidity.MAKER)
            for e in order.executions
        ]
        assert fills == expected.fills
        assert ("" if order.is_open else order.state.name) == expected.ended
    assert venue.book.held("AAPL") == naive.held


@settings(max_examples=200, deadline=None)
@given(data=st.data(), rules=RULES, share=SHARES)
def test_orders_of_every_kind_do_what_the_naive_venue_says(
    data: st.DataObject, rules: MatchingRules, share: Decimal
) -> None:
    """I16: many orders on the same bars, whatever their kind: equal fills, ends and holdings."""
    venue, naive = venue_of(msgspec.structs.replace(rules, volume_share=share))
    placed = [data.draw(orders(number)) for number in range(data.draw(st.integers(1, 7)))]
    for number in range(BARS):
        start_ns = DAY_0_NS + number * BAR_NS
        for order in (each for each in placed if each.caused_at_ns == start_ns):
            key = order.specification.client_order_id
            code = naive.place(naive_order(order))
            answer = venue.handle(Called(key, order), start_ns)[0]
            assert isinstance(answer, Answer)
            assert getattr(answer.body, "code", "") == code
        seen = data.draw(bars(number))
        naive.see(naive_bar(seen))
        venue.handle(seen, seen.end_ns)
        if data.draw(st.booleans()):
            venue = PaperVenueMachine.restore(venue.parameters, venue.snapshot())
        compare(venue, naive)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rules=RULES)
def test_an_order_that_arrives_late_fills_as_if_it_had_been_in_time(
    data: st.DataObject, rules: MatchingRules
) -> None:
    """I16: whatever the arrival, price and time of every fill are those of event time."""
    venue, naive = venue_of(rules)
    seen = [data.draw(bars(number)) for number in range(BARS)]
    placed = [data.draw(orders(number, alone=True)) for number in range(5)]
    arrivals = [data.draw(st.integers(0, BARS)) for _ in placed]
    for number in range(BARS):
        for order in placed:
            if order.caused_at_ns == seen[number].start_ns:
                naive.place(naive_order(order))
        naive.see(naive_bar(seen[number]))
    for number, each in enumerate([*seen, None]):
        for order, arrival in zip(placed, arrivals, strict=True):
            in_time = (order.caused_at_ns - DAY_0_NS) // BAR_NS
            if number == max(arrival, in_time):
                key = order.specification.client_order_id
                venue.handle(Called(key, order), DAY_0_NS + number * BAR_NS)
        if each is not None:
            venue.handle(each, each.end_ns)
    compare(venue, naive)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), share=st.sampled_from(["0", "0.1", "0.5"]), fee=st.integers(0, 20))
def test_nothing_is_created_or_lost(data: st.DataObject, share: str, fee: int) -> None:
    """I16: units and cash add up, limits hold, and a bar gives no more than its share."""
    rules = MatchingRules(slippage_bps=Decimal(7), volume_share=Decimal(share))
    settings_ = venue_parameters(
        rules=rules, fees=FeeSchedule(Decimal(fee)), negative_cash_allowed=True
    )
    venue = PaperVenueMachine.restore(settings_, None)
    venue.handle(instrument(), 0)
    reports: list[VenueReport] = []
    placed = [data.draw(orders(number)) for number in range(6)]
    for number in range(BARS):
        made = data.draw(bars(number - 1))
        effects = list(venue.handle(made, made.end_ns))
        taken = [b for b in published(effects, VenueReport) if b.execution]  # type: ignore[attr-defined]
        if share != "0":
            total = sum(b.execution.quantity for b in taken)  # type: ignore[attr-defined]
            assert total <= made.volume * Decimal(share)
        for order in (o for o in placed if o.caused_at_ns == made.end_ns):
            key = order.specification.client_order_id
            effects += venue.handle(Called(key, order), made.end_ns)
        reports += published(effects, VenueReport)  # type: ignore[arg-type]
        before = venue.snapshot()
        venue = PaperVenueMachine.restore(settings_, before)
        assert venue.snapshot() == before
    cash, held = settings_.cash, Decimal(0)
    by_id = {o.specification.client_order_id: o.specification for o in placed}
    for report in reports:
        if report.execution is None:
            continue
        fill, ordered = report.execution, by_id[report.client_order_id]
        sign = 1 if ordered.side == Side.BUY else -1
        cash -= sign * fill.quantity * fill.price + fill.fee
        held += sign * fill.quantity
        if ordered.limit_price is not None:
            assert sign * (ordered.limit_price - fill.price) >= 0, "no fill through the limit"
        assert report.filled_quantity <= ordered.quantity
    assert (venue.book.cash, venue.book.held("AAPL")) == (cash, held)


def test_day_order_of_friday_lives_on_monday() -> None:
    """A DAY order lives through the day of its first bar, whenever that comes."""
    venue = PaperVenueMachine.restore(venue_parameters(), None)
    venue.handle(instrument(), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), 0)
    made = specification("friday", limit_price=Decimal(95), time_in_force=TimeInForce.DAY)
    cause_ns = DAY_0_NS + NS_PER_DAY
    order = SubmitOrder(session="demo", specification=made, caused_at_ns=cause_ns)
    venue.handle(Called("c", order), cause_ns)
    effects = venue.handle(bar(3, (100, 101, 94, 100)), 0)
    report = published(effects, VenueReport)[0]
    assert isinstance(report, VenueReport)
    assert report.kind == VenueReportKind.FILLED


def test_latency_of_a_bar_or_more_moves_a_market_order_to_a_later_bar() -> None:
    """Below one bar the latency is in the slippage; from one bar on it is waited for."""
    for latency_days, day in ((Decimal("0.5"), 1), (Decimal(1), 2), (Decimal("1.5"), 3)):
        rules = MatchingRules(latency_ns=int(latency_days * NS_PER_DAY))
        venue = PaperVenueMachine.restore(venue_parameters(rules=rules), None)
        venue.handle(instrument(), 0)
        venue.handle(bar(0, (100, 101, 99, 100)), 0)
        cause_ns = DAY_0_NS + NS_PER_DAY
        made = SubmitOrder(
            session="demo", specification=specification("late"), caused_at_ns=cause_ns
        )
        venue.handle(Called("c", made), cause_ns)
        filled_on = [
            index
            for index in range(1, 5)
            if published(venue.handle(bar(index, (100, 101, 99, 100)), 0), VenueReport)
        ]
        assert filled_on == [day]


def test_fill_or_kill_takes_all_or_nothing() -> None:
    """FOK ends without a fill when the bar's share is too small; IOC takes what is there."""
    for time_in_force, filled in ((TimeInForce.FOK, 0), (TimeInForce.IOC, 5)):
        rules = MatchingRules(volume_share=Decimal("0.5"))
        venue = PaperVenueMachine.restore(venue_parameters(rules=rules), None)
        venue.handle(instrument(), 0)
        venue.handle(bar(0, (100, 101, 99, 100)), 0)
        made = specification("at-once", time_in_force=time_in_force)
        cause_ns = DAY_0_NS + NS_PER_DAY
        order = SubmitOrder(session="demo", specification=made, caused_at_ns=cause_ns)
        venue.handle(Called("c", order), cause_ns)
        venue.handle(bar(1, (100, 101, 99, 100), volume=10), 0)
        ended = venue.book.orders[made.client_order_id]
        assert (ended.state, int(ended.filled)) == (OrderState.EXPIRED, filled)
