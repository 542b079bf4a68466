"""Trades and quotes: the queue at a limit, what is taken, and that nothing fills twice."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import Liquidity, Side
from tidegate_contracts.market import Quote, Trade
from tidegate_execution.core.paper.ticks import TickFill, TickOrder, match_ticks

MAKER, TAKER = Liquidity.MAKER, Liquidity.TAKER


def quote(at_ns: int, bid: int, size: int, ask: int = 105, ask_size: int = 10) -> Quote:
    """Return the best bid and ask."""
    return Quote(at_ns=at_ns, bid_price=bid, bid_size=size, ask_price=ask, ask_size=ask_size)


def sold(at_ns: int, price: int, size: int) -> Trade:
    """Return a trade whose seller took what a buyer had placed."""
    return Trade(at_ns=at_ns, price=price, size=size, buyer_is_maker=True)


def buy(limit: int | None, quantity: int = 5, arrives_at_ns: int = 1) -> TickOrder:
    """Return a buy that arrives after the first quote."""
    return TickOrder("a", Side.BUY, quantity, limit, arrives_at_ns)


def told(fills: list[TickFill]) -> list[tuple[int, int, Liquidity]]:
    """Return quantity, price and liquidity of fills."""
    return [(each.quantity, each.price, each.liquidity) for each in fills]


def test_a_trade_fills_what_stands_ahead_first() -> None:
    """Behind 7 units, a trade of 9 at the limit reaches 2 of the order."""
    ticks: list[Quote | Trade] = [quote(0, 100, 7), sold(2, 100, 9), sold(3, 100, 2)]
    assert told(match_ticks(ticks, [buy(100)])) == [(2, 100, MAKER), (2, 100, MAKER)]


def test_a_trade_beyond_the_limit_passes_the_queue() -> None:
    """Whoever sold at 99 would have met the order at 100 first."""
    ticks: list[Quote | Trade] = [quote(0, 100, 70), sold(2, 99, 3)]
    assert told(match_ticks(ticks, [buy(100)])) == [(3, 100, MAKER)]


def test_inside_the_spread_nothing_stands_ahead() -> None:
    """A price that nobody shows has no queue."""
    assert told(match_ticks([quote(0, 100, 7), sold(2, 101, 5)], [buy(101)])) == [(5, 101, MAKER)]


def test_a_limit_behind_the_best_price_waits_for_its_queue() -> None:
    """What stands there is known when it becomes the best price, not before."""
    ticks: list[Quote | Trade] = [
        quote(0, 101, 7),
        sold(2, 100, 9),
        quote(3, 100, 4),
        sold(4, 100, 6),
    ]
    assert told(match_ticks(ticks, [buy(100)])) == [(2, 100, MAKER)]


def test_what_is_shown_bounds_what_stands_ahead_after_a_while() -> None:
    """A quote that tells of a trade before the trade is told must not shorten the queue twice."""
    ticks: list[Quote | Trade] = [
        quote(0, 100, 7),
        quote(10, 100, 3),
        sold(11, 100, 4),
        sold(12, 100, 3),
    ]
    assert told(match_ticks(ticks, [buy(100)], settle_ns=5)) == []
    later: list[Quote | Trade] = [*ticks[:2], sold(30, 100, 4)]
    assert told(match_ticks(later, [buy(100)], settle_ns=5)) == [(1, 100, MAKER)]


def test_what_is_shown_is_taken_once() -> None:
    """A market order of 15 takes 10, then the 2 that are added, then the next price."""
    ticks: list[Quote | Trade] = [
        quote(0, 100, 7),
        quote(2, 100, 7, ask_size=10),
        quote(3, 100, 7, ask_size=12),
        quote(4, 100, 7, ask=106),
    ]
    found = told(match_ticks(ticks, [buy(None, 15)]))
    assert found == [(10, 105, TAKER), (2, 105, TAKER), (3, 106, TAKER)]


def test_an_order_that_has_ended_fills_no_more() -> None:
    """Its end is exclusive."""
    order = msgspec.structs.replace(buy(100), ends_at_ns=3)
    ticks: list[Quote | Trade] = [
        quote(0, 100, 0),
        sold(2, 100, 1),
        quote(3, 100, 0),
        sold(4, 100, 1),
    ]
    assert told(match_ticks(ticks, [order])) == [(1, 100, MAKER)]


TICKS = st.lists(
    st.one_of(
        st.tuples(st.just("q"), st.integers(95, 105), st.integers(1, 9), st.booleans()),
        st.tuples(st.just("t"), st.integers(95, 105), st.integers(1, 9), st.booleans()),
    ),
    max_size=40,
)


@given(ticks=TICKS, limit=st.integers(95, 105), side=st.sampled_from([Side.BUY, Side.SELL]))
@settings(max_examples=200, deadline=None)
def test_no_fill_beyond_quantity_limit_or_what_was_traded(
    ticks: list[tuple[str, int, int, bool]], limit: int, side: Side
) -> None:
    """At most the quantity, never through the limit; a mirrored market says the same."""
    made: list[Quote | Trade] = []
    mirrored: list[Quote | Trade] = []
    for number, (kind, price, size, flag) in enumerate(ticks):
        if kind == "q":
            made.append(quote(number, price, size, price + 1 + flag, size))
            mirrored.append(quote(number, -price - 1 - flag, size, -price, size))
        else:
            made.append(Trade(at_ns=number, price=price, size=size, buyer_is_maker=flag))
            mirrored.append(Trade(at_ns=number, price=-price, size=size, buyer_is_maker=not flag))
    other = Side.SELL if side == Side.BUY else Side.BUY
    fills = match_ticks(made, [TickOrder("a", side, 12, limit, 1)], settle_ns=3)
    assert sum(each.quantity for each in fills) <= 12
    sign = 1 if side == Side.BUY else -1
    assert all(sign * (limit - each.price) >= 0 and each.quantity > 0 for each in fills)
    again = match_ticks(mirrored, [TickOrder("a", other, 12, -limit, 1)], settle_ns=3)
    assert [(q, -p, li) for q, p, li in told(again)] == told(fills)
