from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st
from tests.venues.exchange.account import Account
from tests.venues.exchange.exchange import DUPLICATE, NOT_OPEN, OFF_GRID, Exchange
from tests.venues.exchange.habits import ALPACA, BINANCE_SPOT, BINANCE_USDM, Habits
from tests.venues.exchange.hours import Hours
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.orders import Force, Kind, Order, Refused, Side, Status, Ticket, Update

Opened = tuple[Exchange, list[Update]]
Opening = Callable[..., Opened]
SYMBOL = "BTC/USD"
BIDS, ASKS = [("100", "1"), ("99", "5")], [("101", "1"), ("102", "5")]
FREE = replace(ALPACA, maker_fee_bps=Decimal(0), taker_fee_bps=Decimal(0))


def ticket(side: Side, quantity: str, limit: str = "", **more: object) -> Ticket:
    """Return a market order, or a limit order."""
    kind = Kind.LIMIT if limit else Kind.MARKET
    price = Decimal(limit) if limit else None
    fields: dict[str, object] = {"kind": kind, "limit_price": price, **more}
    return Ticket(SYMBOL, side, Decimal(quantity), **fields)  # type: ignore[arg-type]


@pytest.fixture
def quoted(opened: Opening) -> Opened:
    """Return an exchange with two levels on each side."""
    exchange, told = opened(FREE)
    exchange.quote(SYMBOL, BIDS, ASKS)
    return exchange, told


def test_a_market_order_walks_the_book(quoted: Opened) -> None:
    """It takes the best level first and tells each part."""
    exchange, told = quoted
    order = exchange.submit(ticket(Side.BUY, "3"))
    assert [each.price for each in order.executions] == [101, 102]
    assert [each.quantity for each in order.executions] == [1, 2]
    assert [each.what for each in told] == ["pending_new", "new", "partial_fill", "fill"]
    assert exchange.account.balances["USD"] == 100_000 - 101 - 204


def test_a_limit_order_rests_and_the_better_one_fills_first(quoted: Opened) -> None:
    """Price goes before time, and time decides among equals; makers get their own price."""
    exchange, _ = quoted
    early, late, best = (exchange.submit(ticket(Side.BUY, "1", p)) for p in ("100", "100", "100.5"))
    exchange.quote(SYMBOL, [], [("99.5", "2")])
    assert (best.status, early.status, late.status) == (Status.FILLED, Status.FILLED, Status.NEW)
    assert best.executions[0].price == Decimal("100.5")
    assert best.executions[0].maker


def test_an_unseen_remainder_is_handled_by_its_time_in_force(quoted: Opened) -> None:
    """IOC keeps what it got, FOK takes all or nothing, GTC waits."""
    exchange, _ = quoted
    fok = exchange.submit(ticket(Side.BUY, "9", "102", force=Force.FOK))
    ioc = exchange.submit(ticket(Side.BUY, "9", "102", force=Force.IOC))
    assert fok.status is Status.CANCELED
    assert fok.filled == 0
    assert ioc.status is Status.CANCELED
    assert ioc.filled == 6
    exchange.quote(SYMBOL, BIDS, ASKS)
    gtc = exchange.submit(ticket(Side.BUY, "9", "102"))
    assert gtc.status is Status.PARTIALLY_FILLED
    assert gtc.filled == 6


def test_a_day_order_ends_with_the_day(quoted: Opened) -> None:
    """At the end of the day it expires; one that is good till cancelled does not."""
    exchange, _ = quoted
    day = exchange.submit(ticket(Side.BUY, "1", "90", force=Force.DAY))
    gtc = exchange.submit(ticket(Side.BUY, "1", "90"))
    exchange.end_day()
    assert (day.status, gtc.status) == (Status.EXPIRED, Status.NEW)


def test_a_stop_waits_for_its_price(quoted: Opened) -> None:
    """A sell stop becomes a market order when a trade is at or below it."""
    exchange, _ = quoted
    exchange.submit(ticket(Side.BUY, "1"))
    stop = exchange.submit(
        ticket(Side.SELL, "1", kind=Kind.STOP, stop_price=Decimal(95), limit_price=None)
    )
    exchange.trade(SYMBOL, "95.01")
    assert stop.status is Status.NEW
    exchange.trade(SYMBOL, "95")
    assert exchange.find(stop.order_id).status is Status.FILLED
    assert stop.average_price == 100


def test_a_trailing_stop_follows_the_best_price(quoted: Opened) -> None:
    """It keeps its distance to the highest price and never moves back."""
    exchange, _ = quoted
    exchange.submit(ticket(Side.BUY, "1"))
    stop = exchange.submit(
        ticket(Side.SELL, "1", kind=Kind.TRAILING_STOP, trail_percent=Decimal(10))
    )
    exchange.trade(SYMBOL, "200")
    exchange.trade(SYMBOL, "190")
    assert stop.stop_now == 180
    exchange.trade(SYMBOL, "180")
    assert stop.status is Status.FILLED


def test_a_bracket_leaves_one_exit(quoted: Opened) -> None:
    """Exits wait for the entry; when one fills the other is cancelled."""
    exchange, _ = quoted
    target = ticket(Side.SELL, "1", "110")
    stop = ticket(Side.SELL, "1", kind=Kind.STOP, stop_price=Decimal(90), limit_price=None)
    entry = exchange.submit_bracket(ticket(Side.BUY, "1", "100.5"), [target, stop], "bracket")
    assert [leg.status for leg in entry.legs] == [Status.HELD, Status.HELD]
    exchange.quote(SYMBOL, BIDS, [("100.5", "9")])
    assert entry.status is Status.FILLED
    exchange.quote(SYMBOL, [("110", "9")], [("111", "9")])
    assert [leg.status for leg in entry.legs] == [Status.FILLED, Status.CANCELED]


def test_of_either_or_orders_one_fills(quoted: Opened) -> None:
    """An OCO pair ends together; what one fills in part is taken off the other."""
    exchange, _ = quoted
    exchange.submit(ticket(Side.BUY, "1"))
    stop = ticket(Side.SELL, "1", kind=Kind.STOP, stop_price=Decimal(90), limit_price=None)
    target = exchange.submit_either(ticket(Side.SELL, "1", "110"), stop)
    assert (target.status, target.legs[0].status) == (Status.NEW, Status.HELD)
    exchange.quote(SYMBOL, [("110", "0.4"), ("89", "9")], [("111", "9")])
    assert target.legs[0].ticket.quantity == Decimal("0.6")
    exchange.trade(SYMBOL, "90")
    assert (target.status, target.legs[0].status) == (Status.CANCELED, Status.FILLED)
    assert exchange.account.positions == {}


def test_legs_are_executed_together_or_not(opened: Opening) -> None:
    """A multi-leg order fills when every leg finds its liquidity."""
    exchange, _ = opened(FREE)
    exchange.list_symbol(Listing("ETH/USD", "ETH", "USD"))
    exchange.quote(SYMBOL, BIDS, ASKS)
    one = Decimal(1)
    legs = [Ticket(SYMBOL, Side.BUY, one, ratio=one), Ticket("ETH/USD", Side.SELL, one, ratio=one)]
    order = exchange.submit_legs(Ticket(SYMBOL, Side.BUY, Decimal(1)), legs)
    assert (order.status, exchange.account.positions) == (Status.NEW, {})
    exchange.quote("ETH/USD", [("10", "1")], [("11", "1")])
    assert [leg.filled for leg in order.legs] == [1, 1]
    assert order.average_price == 91


def test_a_replacement_has_a_new_id_and_the_old_fills(quoted: Opened) -> None:
    """What was filled stays filled; the old order ends as replaced."""
    exchange, _ = quoted
    old = exchange.submit(ticket(Side.BUY, "2", "101", client_order_id="a"))
    new = exchange.replace(old.order_id, {"limit_price": Decimal(102)}, "b")
    assert (old.status, new.replaces) == (Status.REPLACED, old.order_id)
    assert new.filled == 2
    with pytest.raises(Refused) as caught:
        exchange.cancel(old.order_id)
    assert caught.value.code == NOT_OPEN


@pytest.mark.parametrize(("habits", "taken_again"), [(ALPACA, False), (BINANCE_USDM, True)])
def test_a_client_id_counts_as_long_as_the_venue_says(
    opened: Opening, habits: Habits, *, taken_again: bool
) -> None:
    """For ever at one venue, only among open orders at the other."""
    exchange, _ = opened(habits)
    exchange.quote(SYMBOL, BIDS, ASKS)
    exchange.submit(ticket(Side.BUY, "0.5", client_order_id="same"))
    if taken_again:
        exchange.submit(ticket(Side.BUY, "0.5", "90", client_order_id="same"))
    with pytest.raises(Refused) as caught:
        exchange.submit(ticket(Side.BUY, "0.5", "90", client_order_id="same"))
    assert caught.value.code == DUPLICATE


@pytest.mark.parametrize("asked", [("0.000001", ""), ("0", ""), ("1", "100.001")])
def test_what_is_off_the_grid_is_refused(quoted: Opened, asked: tuple[str, str]) -> None:
    """Quantities are whole lots and prices whole ticks."""
    exchange, _ = quoted
    with pytest.raises(Refused) as caught:
        exchange.submit(ticket(Side.BUY, *asked))
    assert caught.value.code == OFF_GRID


def test_nobody_pays_or_delivers_what_he_has_not(quoted: Opened) -> None:
    """Open orders hold their money back too; shorts need a listing that allows them."""
    exchange, _ = quoted
    exchange.submit(ticket(Side.BUY, "900", "100"))
    for asked in (ticket(Side.BUY, "101", "100"), ticket(Side.SELL, "1")):
        with pytest.raises(Refused, match="insufficient"):
            exchange.submit(asked)


def test_a_broker_closes_by_itself(quoted: Opened) -> None:
    """The closing order has an id that no client gave."""
    exchange, _ = quoted
    exchange.submit(ticket(Side.BUY, "1", client_order_id="ours"))
    order = exchange.close_by_itself(SYMBOL)
    assert order.ticket.client_order_id != "ours"
    assert (order.status, exchange.account.positions) == (Status.FILLED, {})


def test_a_contract_moves_the_wallet_by_profit_and_fee(opened: Opening) -> None:
    """Opening costs the fee alone, closing pays the difference."""
    exchange, _ = opened(BINANCE_USDM)
    exchange.quote(SYMBOL, [("100", "9")], [("100.5", "9")])
    exchange.submit(ticket(Side.SELL, "2"))
    exchange.quote(SYMBOL, [("89", "9")], [("90", "9")])
    exchange.submit(ticket(Side.BUY, "2", reduce_only=True))
    fees = sum(each.fee for _, each in exchange.executions)
    assert fees == (200 + 180) * Decimal("0.0005")
    assert exchange.account.balances["USD"] == 100_000 + 20 - fees


def test_a_reducing_order_needs_something_to_reduce(opened: Opening) -> None:
    """Without a position on the other side it is refused."""
    exchange, _ = opened(BINANCE_USDM)
    exchange.quote(SYMBOL, BIDS, ASKS)
    with pytest.raises(Refused, match="ReduceOnly"):
        exchange.submit(ticket(Side.SELL, "1", reduce_only=True))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(Side)),
        st.integers(1, 400),
        st.one_of(st.none(), st.integers(9_000, 11_000)),
        st.sampled_from([Force.GTC, Force.IOC, Force.FOK]),
        st.integers(9_000, 11_000),
    ),
    max_size=25,
)


@given(steps=STEPS, habits=st.sampled_from([ALPACA, BINANCE_SPOT, BINANCE_USDM]))
def test_nothing_is_created_or_lost(
    steps: list[tuple[Side, int, int | None, Force, int]], habits: Habits
) -> None:
    """No fill is through its limit or beyond its order, and holdings are the sum of the fills."""
    account = Account("1", habits, {"USD": Decimal(1_000_000)})
    exchange = Exchange(habits, account)
    listing = Listing(SYMBOL, "BTC", "USD", shortable=True)
    exchange.list_symbol(listing)
    for side, hundredths, limit, force, middle in steps:
        price = Decimal(middle) / 100
        exchange.quote(SYMBOL, [(str(price - 1), "2")], [(str(price + 1), "2")])
        text = str(Decimal(limit) / 100) if limit else ""
        exchange.submit(ticket(side, str(Decimal(hundredths) / 100), text, force=force))
    for order in exchange.orders.values():
        assert order.filled == sum(each.quantity for each in order.executions)
        assert order.filled <= order.ticket.quantity
        assert all(_within_limit(order, each.price) for each in order.executions)
    traded = sum(o.ticket.side.sign * each.quantity for o, each in exchange.executions)
    paid_in_base = sum(e.fee for _, e in exchange.executions if e.fee_asset == "BTC")
    assert account.held(listing) == traded - paid_in_base


def _within_limit(order: Order, price: Decimal) -> bool:
    limit = order.ticket.limit_price
    if limit is None:
        return True
    return (price - limit) * order.ticket.side.sign <= 0


def test_shares_trade_around_the_session_for_those_who_asked(opened: Opening) -> None:
    """Stops and all others wait; nobody trades in the night, and days end with their hours."""
    exchange, _ = opened(FREE)
    share = Listing("AAPL", "AAPL", "USD", "us_equity", lot=Decimal(1), min_quantity=Decimal(1))
    exchange.list_symbol(share)
    exchange.turn(Hours.NIGHT)
    exchange.quote("AAPL", BIDS, [("101", "50")])
    asked: list[Ticket] = [
        replace(ticket(Side.BUY, "1", "101", force=force), symbol="AAPL", extended_hours=extended)
        for force in (Force.GTC, Force.DAY)
        for extended in (False, True)
    ]
    for each in asked[:2]:
        assert exchange.submit(each).status is Status.NEW
    exchange.turn(Hours.BEFORE)
    assert [each.filled for each in exchange.orders.values()] == [0, 1]
    exchange.turn(Hours.REGULAR)
    assert [each.filled for each in exchange.orders.values()] == [1, 1]
    below = [replace(each, limit_price=Decimal(90)) for each in asked[2:]]
    regular, extended = (exchange.submit(each) for each in below)
    exchange.turn(Hours.AFTER)
    assert (regular.status, extended.status) == (Status.EXPIRED, Status.NEW)
    exchange.turn(Hours.NIGHT)
    assert extended.status is Status.EXPIRED
