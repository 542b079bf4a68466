"""Matching against a naive oracle that looks at one order and one bar at a time."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import (
    OrderState,
    OrderType,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.market import Bar
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import FeeSchedule, MatchingRules
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

CENT = Decimal("0.01")


@st.composite
def bars(draw: st.DrawFn, day: int) -> Bar:
    """Return a bar whose high and low hold its open and close."""
    prices = sorted(draw(st.lists(st.integers(9_000, 11_000), min_size=4, max_size=4)))
    low, high = prices[0], prices[3]
    opened, closed = draw(st.permutations(prices[1:3]))
    if draw(st.booleans()):
        opened = draw(st.sampled_from([low, high]))
    ohlc = tuple(Decimal(each) / 100 for each in (opened, high, low, closed))
    return bar(day, ohlc, volume=draw(st.integers(0, 50)))  # type: ignore[arg-type]


@st.composite
def orders(draw: st.DrawFn, number: int) -> SubmitOrder:
    """Return an order of any kind, caused at the end of some bar."""
    limit = draw(st.none() | st.integers(9_000, 11_000))
    changes = {} if limit is None else {"limit_price": Decimal(limit) / 100}
    made = specification(
        f"order-{number}",
        side=draw(st.sampled_from([Side.BUY, Side.SELL])),
        quantity=Decimal(draw(st.integers(1, 20))),
        time_in_force=draw(st.sampled_from(list(TimeInForce)[1:])),
        **changes,
    )
    caused_at_ns = DAY_0_NS + draw(st.integers(0, 6)) * NS_PER_DAY
    return SubmitOrder(session="demo", specification=made, caused_at_ns=caused_at_ns)


def oracle(order: SubmitOrder, seen: list[Bar], rules: MatchingRules) -> tuple[Decimal, int] | None:
    """Say in the plainest way at which price and when an order fills from whole bars, if ever."""
    made = order.specification
    buys = made.side == Side.BUY
    for each in (b for b in seen if b.start_ns >= order.caused_at_ns):
        opened, high, low = (Decimal(p) / 100 for p in (each.open, each.high, each.low))
        if made.order_type == OrderType.MARKET:
            worse = opened * (1 + (1 if buys else -1) * rules.slippage_bps / 10_000)
            cents = worse / CENT
            whole = int(cents) if cents == int(cents) or not buys else int(cents) + 1
            return whole * CENT, each.start_ns
        limit = made.limit_price
        assert limit is not None
        through_open = opened < limit if buys else opened > limit
        through = low < limit if buys else high > limit
        if rules.touch_fills:
            through_open = through_open or opened == limit
            through = through or limit in (low, high)
        if through_open:
            return opened, each.start_ns
        at_once = made.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
        if through and not at_once:
            return limit, each.end_ns - 1
        if at_once or made.time_in_force == TimeInForce.DAY:
            return None
    return None


@settings(max_examples=150, deadline=None)
@given(data=st.data(), touch=st.booleans(), slippage=st.integers(0, 30))
def test_fills_equal_the_oracle(data: st.DataObject, touch: bool, slippage: int) -> None:  # noqa: FBT001
    """I16: every fill's price and time are the oracle's, for early and late orders alike."""
    rules = MatchingRules(slippage_bps=Decimal(slippage), touch_fills=touch)
    venue = PaperVenueMachine.restore(
        venue_parameters(rules=rules, negative_cash_allowed=True), None
    )
    venue.handle(instrument(), 0)
    seen = [data.draw(bars(day)) for day in range(-1, 7)]
    placed = [data.draw(orders(number)) for number in range(data.draw(st.integers(1, 5)))]
    # An order may reach the venue bars after its cause: lateness must not change its fill.
    arrivals = {n: data.draw(st.integers(0, 7)) for n in range(len(placed))}
    fills: dict[str, tuple[Decimal, int]] = {}
    for index, each in enumerate(seen):
        effects = list(venue.handle(each, each.end_ns))
        for number, order in enumerate(placed):
            late_enough = each.end_ns >= order.caused_at_ns
            if late_enough and (index >= arrivals[number] or each is seen[-1]):
                effects += venue.handle(Called(f"call-{number}", order), each.end_ns)
                arrivals[number] = 99
        for body in published(effects, VenueReport):
            assert isinstance(body, VenueReport)
            if body.execution is not None:
                fill = body.execution
                assert body.client_order_id not in fills, "whole bars fill whole orders"
                fills[body.client_order_id] = (fill.price, fill.event_at_ns)
    for order in placed:
        key = order.specification.client_order_id
        assert fills.get(key) == oracle(order, seen, rules)


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
    for day in range(7):
        made = data.draw(bars(day - 1))
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
