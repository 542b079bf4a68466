"""Random bars, and random orders of every kind, for the venue and for the naive one alike."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tidegate_contracts.execution import OrderType, Side, SubmitOrder, TimeInForce
from tidegate_contracts.market import AssetClass
from tidegate_execution.core.paper.carry.parameters import (
    CarryRules,
    Dividend,
    FundingPoint,
    Rate,
    Split,
)
from tidegate_execution.core.paper.parameters import IntrabarPath, MatchingRules, QueueModel
from tidegate_execution.testing import DAY_0_NS, bar, specification

from .naive import NaiveBar, NaiveOrder

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.market import Bar

CENTS = st.integers(9_000, 11_000)
HOUR_NS = 3_600 * 10**9
BAR_NS = 6 * HOUR_NS
BARS = 8
RULES = st.builds(
    MatchingRules,
    slippage_bps=st.integers(0, 30).map(Decimal),
    latency_ns=st.sampled_from([0, HOUR_NS, BAR_NS, 7 * HOUR_NS]),
    touch_fills=st.booleans(),
    queue=st.sampled_from(QueueModel),
    intrabar_path=st.sampled_from(IntrabarPath),
)
SHARES = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.5")])

HOURS = st.integers(0, 23)
MOMENTS = st.integers(-6, BARS * 6 + 24).map(lambda hour: DAY_0_NS + hour * HOUR_NS)
RATES = st.integers(-500, 500).filter(bool).map(lambda each: Decimal(each) / 10_000)
CARRY = st.builds(
    CarryRules,
    borrow=st.lists(
        st.builds(
            Rate,
            st.integers(1, 5_000).map(lambda each: Decimal(each) / 10_000),
            symbol=st.just("AAPL"),
        ),
        max_size=1,
    ).map(tuple),
    borrow_at_ns=HOURS.map(lambda hour: hour * HOUR_NS),
    borrow_days=st.sampled_from([360, 365]),
    funding=st.lists(
        st.builds(Rate, RATES, asset_class=st.just(AssetClass.EQUITY)), max_size=1
    ).map(tuple),
    funding_at_ns=st.lists(HOURS, unique=True, max_size=3).map(
        lambda hours: tuple(hour * HOUR_NS for hour in hours)
    ),
    funding_points=st.lists(
        st.builds(FundingPoint, st.just("AAPL"), MOMENTS, RATES),
        max_size=3,
        unique_by=lambda each: each.at_ns,
    ).map(tuple),
    dividends=st.lists(
        st.builds(
            Dividend, st.just("AAPL"), MOMENTS, st.integers(1, 99).map(lambda c: Decimal(c) / 100)
        ),
        max_size=2,
        unique_by=lambda each: each.ex_at_ns,
    ).map(tuple),
    splits=st.lists(
        st.builds(Split, st.just("AAPL"), MOMENTS, st.integers(1, 5), st.integers(1, 5)),
        max_size=2,
        unique_by=lambda each: each.ex_at_ns,
    ).map(tuple),
)


@st.composite
def bars(draw: st.DrawFn, number: int) -> Bar:
    """Return a bar of six hours whose high and low hold its open and close."""
    prices = sorted(draw(st.lists(CENTS, min_size=4, max_size=4)))
    low, high = prices[0], prices[3]
    opened, closed = draw(st.permutations(prices[1:3]))
    if draw(st.booleans()):
        opened = draw(st.sampled_from([low, high]))
    if draw(st.integers(0, 3)) == 0:
        closed = draw(st.sampled_from([low, high]))
    ohlc = tuple(Decimal(each) / 100 for each in (opened, high, low, closed))
    return bar(number, ohlc, volume=draw(st.integers(0, 50)), length_ns=BAR_NS)  # type: ignore[arg-type]


@st.composite
def orders(draw: st.DrawFn, number: int, *, alone: bool = False) -> SubmitOrder:
    """Return an order of any kind, caused at the end of some bar; alone: in no choice."""
    kind = draw(st.sampled_from([OrderType.MARKET, OrderType.LIMIT] + 2 * list(OrderType)[3:]))
    stops = kind not in (OrderType.MARKET, OrderType.LIMIT)
    caused_at_ns = DAY_0_NS + draw(st.integers(0, BARS - 2)) * BAR_NS
    changes: dict[str, object] = {}
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        changes["limit_price"] = _dollars(draw(CENTS))
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
        changes["trigger_price"] = _dollars(draw(CENTS))
    if kind == OrderType.TRAILING_STOP:
        if draw(st.booleans()):
            changes["trail_amount"] = _dollars(draw(st.integers(1, 800)))
        else:
            changes["trail_percent"] = Decimal(draw(st.integers(1, 800))) / 100
    if kind == OrderType.LIMIT:
        changes["post_only"] = draw(st.booleans())
    forces = [TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD]
    if not stops and not changes.get("post_only"):
        forces += [TimeInForce.IOC, TimeInForce.FOK]
    force = changes["time_in_force"] = draw(st.sampled_from(forces))
    if force == TimeInForce.GTD:
        changes["expires_at_ns"] = caused_at_ns + draw(st.integers(1, 40)) * HOUR_NS
    if not alone:
        changes["oco_group"] = draw(st.sampled_from(["", "", "a", "b"]))
        changes["reduce_only"] = draw(st.integers(0, 3)) == 0
    made = specification(
        f"order-{number}",
        side=draw(st.sampled_from([Side.BUY, Side.SELL])),
        quantity=Decimal(draw(st.integers(1, 20))),
        **{**changes, "order_type": kind},
    )
    return SubmitOrder(session="demo", specification=made, caused_at_ns=caused_at_ns)


def naive_order(request: SubmitOrder) -> NaiveOrder:
    """Return the same order for the naive venue."""
    made: OrderSpecification = request.specification
    return NaiveOrder(
        name=made.client_order_id,
        kind=made.order_type.name,
        buys=made.side == Side.BUY,
        quantity=int(made.quantity),
        force=made.time_in_force.name,
        caused_ns=request.caused_at_ns,
        limit=_cents(made.limit_price),
        trigger=_cents(made.trigger_price),
        trail=_cents(made.trail_amount),
        trail_percent=made.trail_percent,
        expires_ns=made.expires_at_ns,
        post_only=made.post_only,
        group=made.oco_group,
        reduce_only=made.reduce_only,
    )


def naive_bar(made: Bar) -> NaiveBar:
    """Return the same bar for the naive venue."""
    return NaiveBar(
        made.start_ns, made.end_ns, made.open, made.high, made.low, made.close, made.volume
    )


def _dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _cents(price: Decimal | None) -> int | None:
    return None if price is None else int(price * 100)
