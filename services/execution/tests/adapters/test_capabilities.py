"""What the table of capabilities calls native is what the adapters send, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_execution.adapters.alpaca import orders as alpaca
from tidegate_execution.adapters.ccxt import orders as ccxt
from tidegate_execution.core.capabilities import (
    EXTENDED_HOURS,
    ORDER_TYPES,
    POST_ONLY,
    TIMES_IN_FORCE,
    VenueKind,
    Way,
    unsupported,
    venue_kind_of,
    way_of_type,
)
from tidegate_kernel.money import use_money_context

CALL = "AAPL271217C00200000"
ADAPTERS = {**alpaca.NATIVE, **ccxt.NATIVE}


def order(kind: OrderType, symbol: str = "AAPL", **more: object) -> OrderSpecification:
    """Return a well-formed purchase of 2."""
    limit = Decimal(104) if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None
    trigger = Decimal(103) if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else None
    trail = Decimal(5) if kind is OrderType.TRAILING_STOP else None
    values: dict[str, object] = {
        "client_order_id": "tg-a",
        "symbol": symbol,
        "side": Side.BUY,
        "order_type": kind,
        "quantity": Decimal(2),
        "limit_price": limit,
        "trigger_price": trigger,
        "trail_percent": trail,
        "time_in_force": TimeInForce.GTC,
    }
    return OrderSpecification(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("venue", sorted(ADAPTERS))
def test_adapters_send_the_native_types_and_no_other(venue: VenueKind) -> None:
    """One table, and each adapter's own words for it."""
    native = {kind for kind, row in ORDER_TYPES.items() if row[venue] is Way.NATIVE}
    assert ADAPTERS[venue] == native


def test_every_force_of_the_table_has_a_word() -> None:
    """A force that is native somewhere is one that the adapter can say."""
    for venue in ADAPTERS:
        words = alpaca.FORCES if venue in alpaca.NATIVE else ccxt.FORCES
        for force, row in TIMES_IN_FORCE.items():
            assert row[venue] is not Way.NATIVE or force in words


@pytest.mark.parametrize("kind", sorted(alpaca.TYPES))
def test_alpaca_gives_back_what_was_posted(kind: OrderType) -> None:
    """What is read of an order is what was ordered, its prices in their own fields."""
    specification = order(kind)
    posted = {**alpaca.posted(specification), "stop_price": None}
    if specification.trigger_price is not None:
        posted["stop_price"] = "103"
    read = alpaca.specification_of(posted, "")
    assert read == specification


@pytest.mark.parametrize("force", [TimeInForce.DAY, TimeInForce.GTC])
def test_alpaca_is_told_of_extended_hours_and_gives_them_back(force: TimeInForce) -> None:
    """Of nothing else anything is said about them."""
    around = order(OrderType.LIMIT, extended_hours=True, time_in_force=force)
    body = alpaca.posted(around)
    assert body["extended_hours"] is True
    document = {**body, "stop_price": None}
    assert alpaca.specification_of(document, "") == around
    assert "extended_hours" not in alpaca.posted(order(OrderType.LIMIT))
    read = alpaca.specification_of({**document, "extended_hours": False}, "")
    assert not read.extended_hours


@pytest.mark.parametrize("venue", list(VenueKind))
def test_extended_hours_are_refused_by_name_where_there_are_none(venue: VenueKind) -> None:
    """Equities have them; nothing else does."""
    symbol = CALL if venue is VenueKind.ALPACA_OPTIONS else "AAPL"
    wanted = order(
        OrderType.LIMIT,
        symbol,
        extended_hours=True,
        time_in_force=TimeInForce.DAY
        if venue in {VenueKind.ALPACA_EQUITIES, VenueKind.ALPACA_OPTIONS}
        else TimeInForce.GTC,
    )
    refused = EXTENDED_HOURS[venue] is Way.REFUSED
    assert ("without extended_hours" in unsupported(wanted, venue)) is refused


@pytest.mark.parametrize(
    ("kind", "contracts", "more", "expected"),
    [
        (OrderType.STOP, False, {}, {"stopLossPrice": "103"}),
        (OrderType.STOP_LIMIT, False, {}, {"stopLossPrice": "103", "timeInForce": "GTC"}),
        (OrderType.TRAILING_STOP, True, {}, {"trailingPercent": "5"}),
        (OrderType.STOP, True, {"reduce_only": True}, {"stopLossPrice": "103", "reduceOnly": True}),
        (OrderType.LIMIT, False, {"post_only": True}, {"postOnly": True}),
        (OrderType.LIMIT, True, {"post_only": True}, {"postOnly": True}),
        (OrderType.LIMIT, True, {"reduce_only": True}, {"timeInForce": "GTC", "reduceOnly": True}),
        (OrderType.MARKET, False, {"reduce_only": True}, {}),
    ],
)
def test_an_exchange_is_told_no_more_than_a_type_takes(
    kind: OrderType, contracts: object, more: dict[str, object], expected: dict[str, object]
) -> None:
    """Binance refuses a time in force beside a type that has none."""
    told = ccxt.parameters_of(order(kind, "BTC/USDT", **more), contracts=bool(contracts))
    assert told == {"clientOrderId": "tg-a", **expected}
    assert not more.get("post_only") or POST_ONLY[VenueKind.CCXT_SPOT] is Way.NATIVE


@pytest.mark.parametrize(
    ("kind", "quantity", "force", "reason"),
    [
        (OrderType.TRAILING_STOP, "1.5", TimeInForce.GTC, "whole shares"),
        (OrderType.LIMIT, "1.5", TimeInForce.IOC, "for the day"),
        (OrderType.TRAILING_STOP, "2", TimeInForce.GTC, ""),
        (OrderType.STOP, "1.5", TimeInForce.GTC, ""),
        (OrderType.LIMIT, "1.5", TimeInForce.DAY, ""),
    ],
)
def test_fractions_of_a_share_are_refused_where_alpaca_would(
    kind: OrderType, quantity: str, force: TimeInForce, reason: str
) -> None:
    """With what was expected and found, before anything is sent."""
    fault = alpaca.unpostable(order(kind, quantity=Decimal(quantity), time_in_force=force))
    assert reason in fault
    assert bool(fault) == bool(reason)


@pytest.mark.parametrize("kind", sorted(alpaca.NATIVE[VenueKind.ALPACA_OPTIONS]))
@pytest.mark.parametrize("reduce_only", [False, True])
@settings(max_examples=20)
@given(contracts=st.integers(1, 5_000), buys=st.booleans())
def test_an_option_is_posted_in_contracts_and_read_back_in_units(
    kind: OrderType, contracts: int, *, buys: bool, reduce_only: bool
) -> None:
    """A hundred units are one; the intent is to close when the order only reduces."""
    use_money_context()
    side = Side.BUY if buys else Side.SELL
    units = Decimal(contracts * 100)
    told = {"quantity": units, "side": side, "reduce_only": reduce_only}
    made = order(kind, CALL, time_in_force=TimeInForce.DAY, **told)
    body = alpaca.posted(made)
    assert body["qty"] == str(contracts)
    assert body["position_intent"] == f"{side.name.lower()}_to_{'close' if reduce_only else 'open'}"
    document = {"stop_price": None, "trail_price": None, "trail_percent": None, **body}
    read = alpaca.specification_of({**document, "filled_qty": "1"}, "")
    assert (read.quantity, read.side, read.time_in_force) == (units, side, TimeInForce.DAY)
    assert alpaca.filled_of({**document, "filled_qty": "1"}) == 100


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"time_in_force": TimeInForce.GTC}, "expected DAY, found GTC"),
        ({"time_in_force": TimeInForce.IOC}, "expected DAY, found IOC"),
        ({"post_only": True, "time_in_force": TimeInForce.DAY}, "post_only"),
        ({"time_in_force": TimeInForce.DAY}, ""),
    ],
)
def test_options_live_for_the_day(change: dict[str, object], found: str) -> None:
    """What Alpaca would refuse is refused before, with what was expected."""
    fault = unsupported(order(OrderType.LIMIT, CALL, **change), VenueKind.ALPACA_OPTIONS)
    assert found in fault
    assert bool(fault) == bool(found)


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        (CALL, VenueKind.ALPACA_OPTIONS),
        ("AAPL", VenueKind.ALPACA_EQUITIES),
        ("BTC/USD", VenueKind.ALPACA_CRYPTO),
    ],
)
def test_a_symbol_tells_what_alpaca_can_do_with_it(symbol: str, kind: VenueKind) -> None:
    """Elsewhere its venue does."""
    assert venue_kind_of("alpaca", spot=True, symbol=symbol) is kind
    assert venue_kind_of("paper", spot=True, symbol=symbol) is VenueKind.PAPER


@pytest.mark.parametrize(
    ("trail", "way"),
    [
        ({"trail_percent": Decimal("0.1")}, Way.NATIVE),
        ({"trail_percent": Decimal(10)}, Way.NATIVE),
        ({"trail_percent": Decimal("0.05")}, Way.HELD),
        ({"trail_percent": Decimal("10.1")}, Way.HELD),
        ({"trail_percent": Decimal("1.25")}, Way.HELD),
        ({"trail_percent": None, "trail_amount": Decimal(5)}, Way.HELD),
    ],
)
def test_binance_trails_by_some_percentages(trail: dict[str, object], way: Way) -> None:
    """By the others, and by amounts, execution does."""
    trailing = order(OrderType.TRAILING_STOP, "BTC/USDT:USDT", **trail)
    assert way_of_type(trailing, VenueKind.CCXT_BINANCE_USDM) is way
    assert way_of_type(trailing, VenueKind.CCXT_CONTRACTS) is Way.HELD
