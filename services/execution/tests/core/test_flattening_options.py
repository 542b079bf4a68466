"""FLATTENING of options: what was sold is bought back before anything that may cover it is sold."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import Fill, OrderState, Side
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import GateLevel
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    instrument,
    lowered,
    raised,
    venue_parameters,
    verdict,
)
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_DAY

SHARE, CALL, HIGHER, PUT = (
    "AAPL",
    "AAPL271217C00200000",
    "AAPL271217C00210000",
    "AAPL271217P00190000",
)
OPTIONS = (CALL, HIGHER, PUT)
SYMBOLS = (SHARE, *OPTIONS)
STRATEGIES = ("ema", "other")
FLAT = (5, 5, 5, 5)
LOT = 100
SPREAD = {CALL: 2, HIGHER: -2}
CONDOR = {CALL: 1, HIGHER: -1, PUT: 1}


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def bars(day: int, *symbols: str, volume: int = 1_000_000) -> list[Bar]:
    """Return a day's bars of these symbols, of all without any."""
    return [bar(day, FLAT, symbol, volume=volume) for symbol in symbols or SYMBOLS]


def begun(holdings: dict[str, dict[str, int]], *, restart_often: bool = False) -> SessionRig:
    """Return a session whose strategies hold these lots of 100, sold ones negative."""
    rig = SessionRig(restart_often=restart_often)
    hundred = Decimal(LOT)
    options = [
        instrument(each, shortable=True, lot_size=hundred, min_quantity=hundred) for each in SYMBOLS
    ]
    rig.instant(at(0), [*options, *bars(0)])
    entries = [
        verdict(
            at(0),
            strategy=strategy,
            symbol=symbol,
            quantity=Decimal(LOT * abs(lots)),
            side=Side.BUY if lots > 0 else Side.SELL,
        )
        for strategy, held in holdings.items()
        for symbol, lots in held.items()
        if lots
    ]
    rig.instant(at(0), entries)
    rig.instant(at(1), bars(1))
    rig.fills.clear()
    return rig


def traded(fills: list[Fill]) -> list[tuple[str, int]]:
    """Return what was traded, in lots, bought ones positive, one after the other."""
    sign = {Side.BUY: 1, Side.SELL: -1}
    return [(each.symbol, sign[each.side] * int(each.quantity) // LOT) for each in fills]


def lots(rig: SessionRig) -> dict[str, int]:
    """Return what the venue holds, in lots."""
    return {symbol: int(held) // LOT for symbol, held in rig.venue.book.holdings.items() if held}


@pytest.mark.parametrize("restart_often", [False, True])
@pytest.mark.parametrize(
    "scope", ["all", "strategy:demo/ema", f"symbol:{SHARE}", f"instrument:demo/{SHARE}"]
)
def test_what_was_sold_is_bought_back_first(scope: str, *, restart_often: bool) -> None:
    """The cover is sold in the instant after; the scope of an underlying covers its options."""
    rig = begun({"ema": SPREAD}, restart_often=restart_often)
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=scope)])
    confirmed = rig.execution.confirmation()
    assert (confirmed.holdings_to_close, confirmed.closing_orders) == (2, 1)
    rig.instant(at(2), bars(2))
    assert traded(rig.fills) == [(HIGHER, 2)]
    assert rig.execution.confirmation().closing_orders == 1
    rig.instant(at(3), bars(3))
    assert traded(rig.fills) == [(HIGHER, 2), (CALL, -2)]
    assert rig.execution.confirmation().holdings_to_close == 0
    assert lots(rig) == {}


def test_a_bought_option_takes_with_it_what_it_covers() -> None:
    """The scope names the bought call alone: the sold one does not stay without it."""
    rig = begun({"ema": CONDOR, "other": {HIGHER: -1, SHARE: 1}})
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=f"symbol:{CALL}")])
    assert rig.execution.confirmation().holdings_to_close == 2
    for day in (2, 3, 4):
        rig.instant(at(day), bars(day))
    assert traded(rig.fills) == [(HIGHER, 1), (CALL, -1)]
    assert {each.strategy for each in rig.fills} == {"ema"}
    assert lots(rig) == {HIGHER: -1, PUT: 1, SHARE: 1}


def test_a_sold_option_is_closed_alone() -> None:
    """What covered it can lose no more than it is worth, and is left."""
    rig = begun({"ema": SPREAD})
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=f"symbol:{HIGHER}")])
    for day in (2, 3):
        rig.instant(at(day), bars(day))
    assert traded(rig.fills) == [(HIGHER, 2)]
    assert lots(rig) == {CALL: 2}


def test_shares_cover_what_was_sold_on_them() -> None:
    """A covered call: the call first, then the shares."""
    rig = begun({"ema": {SHARE: 1, HIGHER: -1}})
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    for day in (2, 3):
        rig.instant(at(day), bars(day))
    assert traded(rig.fills) == [(HIGHER, 1), (SHARE, -1)]


def test_the_venue_knows_no_strategies() -> None:
    """One strategy's bought call waits for another's sold one: the account is covered by it."""
    rig = begun({"ema": {CALL: 1}, "other": {HIGHER: -1}})
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    for day in (2, 3):
        rig.instant(at(day), bars(day))
    assert traded(rig.fills) == [(HIGHER, 1), (CALL, -1)]


def test_a_market_that_does_not_sell_keeps_the_cover() -> None:
    """The sold call does not trade, fills in part, and in the end whole: only then is it sold."""
    rig = begun({"ema": SPREAD})
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    for day in (2, 3):
        rig.instant(at(day), bars(day, SHARE, CALL))
    assert rig.fills == []
    rig.instant(at(4), bars(4, volume=1_000))
    assert traded(rig.fills) == [(HIGHER, 1)]
    for day in (5, 6, 7):
        rig.instant(at(day), bars(day, volume=1_000_000))
    assert traded(rig.fills) == [(HIGHER, 1), (HIGHER, 1), (CALL, -2)]


def test_what_may_not_be_bought_back_keeps_its_cover() -> None:
    """HALTED on the sold call: neither is closed, and both are told, until somebody lowers it."""
    rig = begun({"ema": SPREAD})
    rig.instant(at(1), [raised(GateLevel.HALTED, scope=f"symbol:{HIGHER}")])
    rig.instant(at(1), [raised(GateLevel.FLATTENING, epoch=2, scope=f"symbol:{CALL}")])
    for day in (2, 3):
        rig.instant(at(day), bars(day))
    confirmed = rig.execution.confirmation()
    assert (confirmed.holdings_to_close, confirmed.closing_orders) == (2, 0)
    assert all(each.signal_key for each in rig.order_events)
    rig.instant(at(3), [lowered(GateLevel.OPEN, scope=f"symbol:{HIGHER}", epoch=2)])
    for day in (4, 5, 6):
        rig.instant(at(day), bars(day))
    assert traded(rig.fills) == [(HIGHER, 2), (CALL, -2)]


def test_entries_of_what_is_bought_back_end_first() -> None:
    """The sold call's scope is open, so nothing else would take its resting orders away."""
    rig = begun({"ema": SPREAD})
    resting = verdict(
        at(1), symbol=HIGHER, side=Side.SELL, quantity=Decimal(LOT), limit_price=Decimal(9)
    )
    rig.instant(at(1), [resting])
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=f"symbol:{CALL}")])
    ended = [
        each.reason_code
        for each in rig.order_events
        if each.state == OrderState.CANCELLED and each.signal_key
    ]
    assert ended == ["REPLACED_BY_CLOSE"]
    for day in (2, 3):
        rig.instant(at(day), bars(day))
    assert lots(rig) == {}


held = st.integers(min_value=-2, max_value=2)


@settings(max_examples=50, deadline=None)
@given(
    holdings=st.lists(st.fixed_dictionaries(dict.fromkeys(SYMBOLS, held)), min_size=1, max_size=2),
    scope=st.sampled_from(["all", "strategy:demo/ema", *(f"symbol:{each}" for each in SYMBOLS)]),
    volumes=st.lists(st.sampled_from([0, 1_000, 2_000]), min_size=2, max_size=6),
)
def test_cover_is_never_sold_before_what_it_covers(
    holdings: list[dict[str, int]], scope: str, volumes: list[int]
) -> None:
    """Whatever is held, and however thin the market is; and in the end nothing is left."""
    use_money_context()
    rig = begun(dict(zip(STRATEGIES, holdings, strict=False)))
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()
    before = lots(rig)
    account = Counter(before)
    owned = dict(zip(STRATEGIES, map(Counter, holdings), strict=False))
    rig.instant(at(1), [raised(GateLevel.FLATTENING, scope=scope)])
    for day, volume in enumerate([*volumes, *[1_000_000] * 6], start=2):
        seen = len(rig.fills)
        rig.instant(at(day), bars(day, volume=volume))
        for fill in rig.fills[seen:]:
            [(symbol, change)] = traded([fill])
            own = owned[fill.strategy]
            own[symbol] += change
            account[symbol] += change
            # What strategies hold against each other stays: the account has not sold it.
            sold = [each for each in OPTIONS if own[each] < 0 and account[each] < 0]
            assert change > 0 or not sold, (fill, own, account)
        assert all(0 <= account[each] * was <= was * was for each, was in before.items())
    assert rig.execution.confirmation().holdings_to_close == 0
    if scope in ("all", f"symbol:{SHARE}"):
        assert lots(rig) == {}
