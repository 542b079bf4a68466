"""Stops, trailing stops, dates, post-only and choices, each as a person would tell it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tidegate_contracts.execution import (
    OrderAccepted,
    OrderRejected,
    OrderSpecification,
    OrderType,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueReport,
)
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import IntrabarPath, MatchingRules
from tidegate_execution.testing import (
    DAY_0_NS,
    bar,
    instrument,
    published,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Answer, Body, Called
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY
SELL = {"side": Side.SELL, "reduce_only": True}
PESSIMISTIC, HIGH_FIRST = IntrabarPath.PESSIMISTIC, IntrabarPath.HIGH_FIRST


def holding(units: int = 10, **rules: object) -> PaperVenueMachine:
    """Return a venue that has seen a bar at 100, with an account that holds some units."""
    made = MatchingRules(**rules)  # type: ignore[arg-type]
    venue = PaperVenueMachine.restore(venue_parameters(rules=made), None)
    venue.handle(instrument(shortable=False), 0)
    venue.handle(bar(0, (100, 101, 99, 100)), NOW_NS)
    if units:
        venue.book.holdings["AAPL"] = Decimal(units)
    return venue


def submit(venue: PaperVenueMachine, made: OrderSpecification) -> Body:
    """Place an order that was caused at the end of the first bar; return the answer."""
    request = SubmitOrder(session="demo", specification=made, caused_at_ns=NOW_NS)
    first = venue.handle(Called(made.client_order_id, request), NOW_NS)[0]
    assert isinstance(first, Answer)
    return first.body


def stop(key: str = "stop", **changes: object) -> OrderSpecification:
    """Return a stop that closes what is held."""
    values: dict[str, object] = {"order_type": OrderType.STOP, "trigger_price": Decimal(95)}
    return specification(key, **{**values, **SELL, **changes})


def target(key: str = "target", **changes: object) -> OrderSpecification:
    """Return a limit order that closes what is held at a profit."""
    return specification(key, **{"limit_price": Decimal(105), **SELL, **changes})


def prices(venue: PaperVenueMachine, made: OrderSpecification) -> list[Decimal]:
    """Return the prices of an order's executions."""
    return [each.price for each in venue.book.orders[made.client_order_id].executions]


def state(venue: PaperVenueMachine, made: OrderSpecification) -> str:
    """Return the name of an order's state."""
    return venue.book.orders[made.client_order_id].state.name


def test_a_stop_fills_at_its_trigger_and_a_gap_at_the_open() -> None:
    """Both are worsened by the slippage; the gap costs what it cost."""
    for opened, expected in ((100, "94.05"), (90, "89.10")):
        venue, made = holding(slippage_bps=Decimal(100)), stop()
        submit(venue, made)
        venue.handle(bar(1, (opened, 101, 89, 99)), 0)
        assert prices(venue, made) == [Decimal(expected)]


@pytest.mark.parametrize(("path", "price"), [(PESSIMISTIC, "95"), (HIGH_FIRST, "105")])
def test_of_a_stop_and_a_target_in_one_bar_the_path_decides(path: IntrabarPath, price: str) -> None:
    """By default the stop; the other one is cancelled in the same event."""
    venue = holding(intrabar_path=path)
    both = [stop(oco_group="exit"), target(oco_group="exit")]
    for each in both:
        assert isinstance(submit(venue, each), OrderAccepted)
    said = published(venue.handle(bar(1, (100, 106, 94, 100)), 0), VenueReport)
    assert [r.kind.name for r in said] == ["FILLED", "CANCELLED"]  # type: ignore[attr-defined]
    assert [p for each in both for p in prices(venue, each)] == [Decimal(price)]
    assert not venue.book.holdings


def test_a_partial_fill_reduces_the_others_of_its_choice() -> None:
    """What one has filled, the other may no longer fill, however it ends."""
    venue = holding(volume_share=Decimal("0.5"))
    protection, profit = stop(oco_group="exit"), target(oco_group="exit")
    submit(venue, protection)
    submit(venue, profit)
    venue.handle(bar(1, (100, 106, 99, 100), volume=8), 0)
    assert venue.book.orders[protection.client_order_id].resting.remaining == 6
    said = published(venue.handle(bar(2, (100, 101, 94, 100), volume=80), 0), VenueReport)
    kinds = [(r.client_order_id, r.kind.name) for r in said]  # type: ignore[attr-defined]
    ids = protection.client_order_id, profit.client_order_id
    assert kinds == [(ids[0], "FILLED"), (ids[0], "CANCELLED"), (ids[1], "CANCELLED")]
    assert not venue.book.holdings


def test_an_order_that_joins_a_filled_choice_is_refused() -> None:
    """The second of a choice may arrive after the first has filled."""
    venue = holding()
    submit(venue, target(oco_group="exit"))
    venue.handle(bar(1, (110, 111, 109, 110)), 0)
    venue.book.holdings["AAPL"] = Decimal(10)
    answer = submit(venue, stop(oco_group="exit"))
    assert isinstance(answer, OrderRejected)
    assert answer.code == "CHOICE_FILLED"


def test_a_choice_counts_once_against_what_is_held() -> None:
    """Two sells of a choice are covered by one holding; a third order is not."""
    venue = holding()
    for each in (stop(oco_group="x", reduce_only=False), target(oco_group="x", reduce_only=False)):
        assert isinstance(submit(venue, each), OrderAccepted)
    answer = submit(venue, target("other", reduce_only=False))
    assert isinstance(answer, OrderRejected)
    assert answer.code == "SHORT_NOT_ALLOWED"


@pytest.mark.parametrize("trail", [{"trail_amount": Decimal(5)}, {"trail_percent": Decimal(5)}])
def test_a_trailing_stop_follows_the_best_price(trail: dict[str, object]) -> None:
    """From a high of 110 the trigger lies 5 below, or 5 percent; it never goes back."""
    venue = holding()
    changes = {"order_type": OrderType.TRAILING_STOP, "trigger_price": None, **trail}
    made = stop("trailing", **changes)
    submit(venue, made)
    for day, ohlc in enumerate([(100, 110, 99, 110), (108, 109, 106, 107)], start=1):
        venue.handle(bar(day, ohlc), 0)
        assert state(venue, made) == "WORKING"
    venue.handle(bar(3, (106, 107, 100, 101)), 0)
    assert prices(venue, made) == [Decimal(105) if "trail_amount" in trail else Decimal("104.50")]


def test_a_stop_limit_becomes_a_limit_order() -> None:
    """Below its limit it rests, and fills when the market comes back."""
    venue = holding()
    made = stop(order_type=OrderType.STOP_LIMIT, limit_price=Decimal(94))
    submit(venue, made)
    venue.handle(bar(1, (92, 93, 90, 91)), 0)
    assert (state(venue, made), prices(venue, made)) == ("WORKING", [])
    venue.handle(bar(2, (92, 95, 91, 95)), 0)
    assert prices(venue, made) == [Decimal(94)]


def test_a_dated_order_expires_at_its_date() -> None:
    """A bar that ends after the date fills it at the open only."""
    venue = holding()
    date_ns = NOW_NS + 3 * NS_PER_DAY // 2
    made = target(time_in_force=TimeInForce.GTD, expires_at_ns=date_ns)
    submit(venue, made)
    venue.handle(bar(1, (100, 101, 99, 100)), 0)
    said = published(venue.handle(bar(2, (100, 110, 99, 100)), 0), VenueReport)
    assert [(r.kind.name, r.event_at_ns) for r in said] == [("EXPIRED", date_ns)]  # type: ignore[attr-defined]


def test_a_post_only_order_never_takes() -> None:
    """Rejected if it would fill at once; once it rests, it fills at its limit and no better."""
    made = target(post_only=True)
    taking, resting = holding(), holding()
    submit(taking, made)
    taking.handle(bar(1, (106, 107, 105, 106)), 0)
    assert state(taking, made) == "REJECTED"
    submit(resting, made)
    resting.handle(bar(1, (100, 101, 99, 100)), 0)
    resting.handle(bar(2, (110, 111, 109, 110)), 0)
    assert prices(resting, made) == [Decimal(105)]


def test_what_a_bar_cannot_fill_of_a_stop_is_a_market_order() -> None:
    """Triggered is triggered: the rest fills at the next open, wherever that is."""
    venue, made = holding(volume_share=Decimal("0.5")), stop()
    submit(venue, made)
    venue.handle(bar(1, (100, 101, 94, 100), volume=8), 0)
    venue.handle(bar(2, (99, 101, 98, 100), volume=80), 0)
    assert prices(venue, made) == [Decimal(95), Decimal(99)]


REFUSED = {
    "no trigger": ("PRICE_OFF_TICK", stop(trigger_price=None)),
    "trigger off the tick": ("PRICE_OFF_TICK", stop(trigger_price=Decimal("95.001"))),
    "trigger of a limit": ("FORM", target(trigger_price=Decimal(95))),
    "limit of a market order": (
        "FORM",
        target(order_type=OrderType.MARKET),
    ),
    "no trail": ("FORM", stop(order_type=OrderType.TRAILING_STOP, trigger_price=None)),
    "two trails": (
        "FORM",
        stop(
            order_type=OrderType.TRAILING_STOP,
            trigger_price=None,
            trail_amount=Decimal(1),
            trail_percent=Decimal(1),
        ),
    ),
    "all of it": (
        "FORM",
        stop(order_type=OrderType.TRAILING_STOP, trigger_price=None, trail_percent=Decimal(100)),
    ),
    "trail of a stop": ("FORM", stop(trail_amount=Decimal(1))),
    "date of a day order": ("FORM", target(expires_at_ns=NOW_NS + 1)),
    "no date": ("DATE_PASSED", target(time_in_force=TimeInForce.GTD)),
    "date at the arrival": (
        "DATE_PASSED",
        target(time_in_force=TimeInForce.GTD, expires_at_ns=NOW_NS),
    ),
    "stop at once": ("FORM", stop(time_in_force=TimeInForce.IOC)),
    "post-only at once": ("FORM", target(time_in_force=TimeInForce.FOK, post_only=True)),
    "post-only stop": ("FORM", stop(post_only=True)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_forms_that_contradict_themselves_are_refused(case: str) -> None:
    """Each order type takes its own prices, and nothing else."""
    venue, (code, made) = holding(), REFUSED[case]
    answer = submit(venue, made)
    assert isinstance(answer, OrderRejected)
    assert answer.code == code


def test_a_buy_stop_keeps_the_cash_of_its_trigger_back() -> None:
    """What an order may cost is promised once, and a short stop needs a shortable instrument."""
    venue = holding(0)
    made = stop(side=Side.BUY, reduce_only=False, trigger_price=Decimal(200))
    assert isinstance(submit(venue, made), OrderAccepted)
    assert venue.book.reserved_cash() == 2_000
    answer = submit(venue, stop("short", reduce_only=False))
    assert isinstance(answer, OrderRejected)
    assert answer.code == "SHORT_NOT_ALLOWED"


def test_a_snapshot_from_before_these_orders_is_understood() -> None:
    """What earlier snapshots do not hold stands for orders that need none of it."""
    venue = holding()
    made = target()
    submit(venue, made)
    written = msgspec.msgpack.decode(venue.snapshot())
    for name in ("choices", "traded"):
        del written[name]
    for order in written["orders"].values():
        for name in ("reduced", "fees_without_min"):
            del order[name]
        for name in ("triggered_at_ns", "best_price", "began_at_ns", "queued_until_ns"):
            del order["resting"][name]
    restored = PaperVenueMachine.restore(venue.parameters, msgspec.msgpack.encode(written))
    assert restored.snapshot() == venue.snapshot()
