"""Protective exits in a session: placed, resized and ended as what they protect changes.

At a venue that ends no siblings itself, whose stops execution holds: the paper venue plays it.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tidegate_contracts.execution import (
    OrderAccepted,
    OrderRejected,
    OrderState,
    OrderType,
    OutcomeUnknown,
    Side,
    SubmitOrder,
    VenueReport,
    VenueReportKind,
)
from tidegate_contracts.risk import GateLatch, GateLevel, Verdict
from tidegate_execution.core.exits.keeping import FAILURES_TOLD
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    lowered,
    published,
    raised,
    requested,
    venue_parameters,
    verdict,
)
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.machine import Replied, TimerFired
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

FLAT = (100, 101, 99, 100)
BELOW, ABOVE = (100, 101, 89, 91), (100, 111, 99, 109)


def at(day: int) -> int:
    """Return the instant at which the bar of a day is known."""
    return DAY_0_NS + (day + 1) * NS_PER_DAY


def entry(day: int = 0, **changes: object) -> Verdict:
    """Return an entry of 10 that is to be left at 90 or 110."""
    values: dict[str, Any] = {"stop_price": Decimal(90), "take_profit_price": Decimal(110)}
    return verdict(at(day), **{**values, **changes})


def begun(kind: str = "bracket", *, restart_often: bool = False, **entered: object) -> SessionRig:
    """Return a session that holds what its first entry has bought on day 1."""
    parameters = execution_parameters(venue="ccxt", protective_exits=kind)
    rig = SessionRig(parameters=parameters, restart_often=restart_often)
    rig.instant(at(0), [instrument(shortable=True), bar(0, FLAT)])
    rig.instant(at(0), [entry(0, **entered)])
    rig.instant(at(1), [bar(1, FLAT)])
    return rig


def begun_natively(*, restart_often: bool = False) -> SessionRig:
    """Return the same at a venue that waits for triggers and ends siblings itself."""
    parameters = execution_parameters(protective_exits="bracket")
    rig = SessionRig(parameters=parameters, restart_often=restart_often)
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    rig.instant(at(1), [bar(1, FLAT)])
    return rig


def exits(rig: SessionRig) -> dict[str, tuple[str, int]]:
    """Return the open exits: by type, the state and what is left."""
    return {
        order.specification.order_type.name: (order.state.name, int(order.remaining))
        for order in rig.execution._state.orders.values()
        if order.exit_plan
    }


def held(rig: SessionRig) -> int:
    """Return what the account holds at the venue."""
    return int(rig.venue.book.held("AAPL"))


def codes(rig: SessionRig) -> Counter[str]:
    """Count the codes with which exits have ended."""
    return Counter(str(e.reason_code) for e in rig.order_events if e.leg and e.reason_code)


def test_an_entry_that_fills_is_protected_on_both_sides() -> None:
    """The target rests at the venue; the stop is held here, and the order event says so."""
    rig = begun()
    assert exits(rig) == {"STOP": ("WORKING", 10), "LIMIT": ("WORKING", 10)}
    told = [event.reason for event in rig.order_events if event.reason]
    assert told == ["held by execution until the market trades at 90"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("none", set()), ("stop", {"STOP"}), ("bracket", {"STOP", "LIMIT"})]
)
def test_the_session_decides_what_is_placed(kind: str, expected: set[str]) -> None:
    """`protective_exits` is none, stop or bracket."""
    assert set(exits(begun(kind))) == expected


def test_exits_are_the_strategys_reduce_only_orders_of_the_same_signal() -> None:
    """Legs count on from the entry's, ids derive from them, and both share a group."""
    rig = begun()
    made = [e for e in rig.order_events if e.leg and e.state == OrderState.PENDING]
    key = rig.order_events[0].signal_key
    assert [e.specification.client_order_id for e in made] == [
        client_order_id(key, 1),
        client_order_id(key, 2),
    ]
    assert {(e.strategy, e.signal_key, e.specification.reduce_only) for e in made} == {
        (rig.order_events[0].strategy, key, True)
    }
    assert {e.specification.side for e in made} == {Side.SELL}
    assert len({e.specification.oco_group for e in made} - {""}) == 1


def test_the_stop_closes_and_ends_the_target() -> None:
    """The sibling is cancelled before the stop is sent, so both can never fill."""
    rig = begun()
    rig.instant(at(2), [bar(2, BELOW)])
    assert codes(rig) == {"EXIT_NOT_NEEDED": 1}
    rig.instant(at(3), [bar(3, FLAT)])
    assert (held(rig), exits(rig), rig.execution._state.exit_plans) == (0, {}, {})
    sent = [e.specification.order_type for e in rig.order_events if e.state == OrderState.FILLED]
    assert sent == [OrderType.MARKET, OrderType.STOP]


def test_the_target_closes_and_ends_the_stop() -> None:
    """What is held here ends at once, without asking anybody."""
    rig = begun()
    rig.instant(at(2), [bar(2, ABOVE)])
    assert (held(rig), exits(rig)) == (0, {})
    assert codes(rig) == {"EXIT_NOT_NEEDED": 1}


def test_what_fills_in_parts_is_protected_in_parts() -> None:
    """Every part has exits of its own at once; together they cover what is held."""
    rig = SessionRig(
        parameters=execution_parameters(venue="ccxt", protective_exits="bracket"),
        venue_settings=venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1"))),
    )
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    for day in (1, 2):
        rig.instant(at(day), [bar(day, FLAT, volume=40)])
        assert held(rig) == 4 * day
        open_stops = [
            int(order.remaining)
            for order in rig.execution._state.orders.values()
            if order.specification.order_type == OrderType.STOP
        ]
        assert open_stops == [4] * day


def test_a_target_that_fills_in_part_leaves_the_stop_the_rest() -> None:
    """The sibling is reduced, and its new size told: no venue knows what is held here."""
    rig = begun()
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()
    rig.instant(at(2), [bar(2, ABOVE, volume=40)])
    assert exits(rig) == {"STOP": ("WORKING", 6), "LIMIT": ("PARTIALLY_FILLED", 6)}
    stops = [e for e in rig.order_events if e.specification.order_type == OrderType.STOP]
    assert stops[-1].specification.quantity == 6
    assert stops[-1].reason == "held by execution, 6 instead of 10"


def test_get_out_cancels_exits_first_and_then_closes() -> None:
    """The closing order waits until every exit has ended; nothing is placed behind it."""
    rig = begun()
    rig.instant(at(1), [verdict(at(1), side=Side.SELL, reduce_only=True)])
    assert codes(rig) == {"REPLACED_BY_CLOSE": 2}
    rig.instant(at(2), [bar(2, FLAT)])
    assert (held(rig), exits(rig), rig.execution._state.exit_plans) == (0, {}, {})


def test_an_exact_close_leaves_the_rest_protected() -> None:
    """A person closes 4 of 10: exits make room and come back for 6."""
    rig = begun()
    closing = verdict(at(1), side=Side.SELL, reduce_only=True, quantity=Decimal(4))
    rig.instant(at(1), [msgspec.structs.replace(closing, exact=True)])
    assert exits(rig) == {"STOP": ("WORKING", 6), "LIMIT": ("WORKING", 6)}
    rig.instant(at(2), [bar(2, FLAT)])
    assert (held(rig), exits(rig)["STOP"]) == (6, ("WORKING", 6))


def test_what_is_sold_otherwise_needs_no_exit() -> None:
    """A strategy that turns round has no exits left for what it does not hold."""
    rig = begun()
    rig.instant(at(1), [verdict(at(1), ordinal=1, side=Side.SELL, quantity=Decimal(14))])
    rig.instant(at(2), [bar(2, FLAT)])
    assert (held(rig), exits(rig)) == (-4, {})


def test_a_short_position_is_bought_back() -> None:
    """The exits of a sale are purchases: the stop above, the target below."""
    stop_and_target: dict[str, Any] = {"stop_price": Decimal(110), "take_profit_price": Decimal(90)}
    rig = begun(side=Side.SELL, **stop_and_target)
    assert held(rig) == -10
    rig.instant(at(2), [bar(2, ABOVE)])
    rig.instant(at(3), [bar(3, FLAT)])
    assert (held(rig), exits(rig)) == (0, {})


def test_the_gate_decides_over_exits() -> None:
    """REDUCE_ONLY leaves them, HALTED cancels them, and they come back when it is lowered."""
    rig = begun()
    both = {"STOP": ("WORKING", 10), "LIMIT": ("WORKING", 10)}
    rig.instant(at(1), [raised(GateLevel.REDUCE_ONLY, epoch=1)])
    assert exits(rig) == both
    rig.instant(at(1), [raised(GateLevel.HALTED, epoch=2)])
    assert exits(rig) == {}
    assert codes(rig) == {"GATE_CLOSED": 2}
    assert rig.execution.confirmation().confirmed
    rig.instant(at(1), [lowered(GateLevel.OPEN, epoch=2)])
    assert exits(rig) == both


def test_flattening_closes_without_the_exits() -> None:
    """Exits are cancelled first, then the gate closes what is held, and nothing comes back."""
    rig = begun()
    rig.instant(at(1), [raised(GateLevel.FLATTENING)])
    rig.instant(at(2), [bar(2, FLAT)])
    rig.instant(at(3), [bar(3, FLAT), lowered(GateLevel.OPEN)])
    assert (held(rig), exits(rig), rig.execution._state.exit_plans) == (0, {}, {})


@pytest.mark.parametrize("last", [BELOW, ABOVE, FLAT])
def test_restarts_change_nothing(last: tuple[int, int, int, int]) -> None:
    """A machine that is restored before every event says and asks the same."""
    plain, restarted = begun(), begun(restart_often=True)
    for rig in (plain, restarted):
        rig.instant(at(2), [bar(2, last), entry(2)])
        rig.instant(at(3), [bar(3, FLAT)])
        rig.instant(at(3), [verdict(at(3), side=Side.SELL, reduce_only=True)])
        rig.instant(at(4), [bar(4, FLAT)])
    assert restarted.said == plain.said
    assert restarted.calls == plain.calls
    assert restarted.execution.snapshot() == plain.execution.snapshot()


def test_an_exit_that_is_refused_is_placed_again_and_its_strategy_opens_nothing_more() -> None:
    """Each time later and under the next id; people are told once that it does not work."""
    parameters = execution_parameters(protective_exits="stop")
    rig = SessionRig(parameters=parameters)
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    sent: list[SubmitOrder] = []
    refuse(rig, sent)
    latches: list[GateLatch] = []
    for second in range(1, 100):
        due = TimerFired("exits", at(1) + second * NS_PER_SECOND)
        latches += took(rig, sent, rig.execution.handle(due, due.at_ns))
    assert len(sent) == len({each.specification.client_order_id for each in sent})
    assert len(sent) > FAILURES_TOLD
    assert [(each.scope, each.level) for each in latches] == [
        ("strategy:demo/ema", GateLevel.REDUCE_ONLY)
    ]
    assert "STOP of AAPL ended as REJECTED" in latches[0].reason


def refuse(rig: SessionRig, sent: list[SubmitOrder]) -> None:
    """Fill the entry on day 1; a venue that is asked for the exits refuses them."""
    filled = rig.venue.handle(bar(1, FLAT), at(1))
    for effect in filled:
        took(rig, sent, rig.execution.handle(effect.body, at(1)))  # type: ignore[union-attr]


def took(rig: SessionRig, sent: list[SubmitOrder], effects: object) -> list[GateLatch]:
    """Refuse every exit that was sent; return the latches that were told on the way."""
    latches: list[Any] = published(effects, GateLatch)  # type: ignore[arg-type]
    for request in requested(effects, SubmitOrder):  # type: ignore[arg-type]
        assert isinstance(request, SubmitOrder)
        sent.append(request)
        identity = request.specification.client_order_id
        refusal = OrderRejected(client_order_id=identity, code="NO", event_at_ns=at(1))
        latches += took(rig, sent, rig.execution.handle(Replied("venue", request, refusal), at(1)))
    return latches


@pytest.mark.parametrize("kind", ["stop", "bracket"])
def test_a_stop_that_the_market_has_passed_closes_at_the_market(kind: str) -> None:
    """Refused because its trigger lies behind: it is time to close, not to ask for it again."""
    rig = SessionRig(parameters=execution_parameters(protective_exits=kind))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    filled = rig.venue.handle(bar(1, FLAT), at(1))[0].body  # type: ignore[union-attr]
    stop, *others = asked_of(rig.execution.handle(filled, at(1)))
    assert stop.specification.order_type == OrderType.STOP
    for other in others:
        taken = OrderAccepted(client_order_id=other.specification.client_order_id)
        rig.execution.handle(Replied("venue", other, taken), at(1))
    identity = stop.specification.client_order_id
    passed = OrderRejected(client_order_id=identity, code="TRIGGER_PASSED", event_at_ns=at(1))
    effects = rig.execution.handle(Replied("venue", stop, passed), at(1))
    if others:
        # The target makes room first.
        assert asked_of(effects) == []
        ended = VenueReport(
            client_order_id=others[0].specification.client_order_id,
            kind=VenueReportKind.CANCELLED,
            event_at_ns=at(1),
        )
        effects = rig.execution.handle(ended, at(1))
    (closing,) = asked_of(effects)
    wanted = closing.specification
    assert (wanted.order_type, wanted.side, wanted.quantity) == (
        OrderType.MARKET,
        Side.SELL,
        Decimal(10),
    )
    assert wanted.reduce_only
    assert wanted.client_order_id != identity
    assert published(effects, GateLatch) == []


def asked_of(effects: object) -> list[SubmitOrder]:
    """Return the orders that a venue is asked to take."""
    found: list[Any] = requested(effects, SubmitOrder)  # type: ignore[arg-type]
    return found


def test_an_unknown_exit_is_resolved_as_any_order() -> None:
    """No second exit leaves while nothing is proven about the first."""
    rig = SessionRig(parameters=execution_parameters(protective_exits="stop"))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    filled = rig.venue.handle(bar(1, FLAT), at(1))[0].body  # type: ignore[union-attr]
    request = requested(rig.execution.handle(filled, at(1)), SubmitOrder)[0]
    lost = Replied("venue", request, OutcomeUnknown(reason="504"))
    assert requested(rig.execution.handle(lost, at(1)), SubmitOrder) == []
    assert exits(rig) == {"STOP": ("UNKNOWN", 10)}


def test_a_native_stop_is_sent_as_it_is() -> None:
    """Where the venue waits for triggers itself it is told type, trigger and group."""
    rig = SessionRig(parameters=execution_parameters(protective_exits="bracket"))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    filled = rig.venue.handle(bar(1, FLAT), at(1))[0].body  # type: ignore[union-attr]
    effects = rig.execution.handle(filled, at(1))
    sent = [each.specification for each in requested(effects, SubmitOrder)]  # type: ignore[attr-defined]
    assert [(each.order_type, each.trigger_price, each.limit_price) for each in sent] == [
        (OrderType.STOP, Decimal(90), None),
        (OrderType.LIMIT, None, Decimal(110)),
    ]
    assert sent[0].oco_group == sent[1].oco_group != ""


@pytest.mark.parametrize("restart_often", [False, True])
@pytest.mark.parametrize(("last", "ended"), [(BELOW, "STOP"), (ABOVE, "LIMIT")])
def test_the_venue_ends_the_sibling(
    last: tuple[int, int, int, int], ended: str, *, restart_often: bool
) -> None:
    """Both rest at the paper venue; whichever fills closes the position once."""
    rig = begun_natively(restart_often=restart_often)
    assert exits(rig) == {"STOP": ("WORKING", 10), "LIMIT": ("WORKING", 10)}
    rig.instant(at(2), [bar(2, last)])
    assert (held(rig), exits(rig), rig.execution._state.exit_plans) == (0, {}, {})
    filled = [e for e in rig.order_events if e.leg and e.state == OrderState.FILLED]
    assert [e.specification.order_type.name for e in filled] == [ended]


def test_a_bar_that_reaches_both_closes_once() -> None:
    """Within one bar the venue takes the worse of the two, and never both."""
    rig = begun_natively()
    rig.instant(at(2), [bar(2, (100, 111, 89, 100))])
    assert (held(rig), exits(rig)) == (0, {})
    assert len([fill for fill in rig.fills if fill.leg]) == 1


def test_exits_may_fill_in_the_bar_that_has_filled_the_entry() -> None:
    """Bought at the open, stopped out at the low of the same bar: event time decides."""
    rig = SessionRig(parameters=execution_parameters(protective_exits="bracket"))
    rig.instant(at(0), [instrument(), bar(0, FLAT)])
    rig.instant(at(0), [entry()])
    rig.instant(at(1), [bar(1, BELOW)])
    assert (held(rig), len(rig.fills)) == (0, 2)


def test_a_choice_that_fills_in_part_stays_one() -> None:
    """The venue takes what the target fills off the stop: both cover the rest, uncancelled."""
    rig = begun_natively()
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()
    rig.instant(at(2), [bar(2, ABOVE, volume=40)])
    assert exits(rig) == {"STOP": ("WORKING", 6), "LIMIT": ("PARTIALLY_FILLED", 6)}
    assert codes(rig) == {}
    rig.instant(at(3), [bar(3, BELOW)])
    assert (held(rig), exits(rig)) == (0, {})
    assert sum(int(fill.quantity) for fill in rig.fills if fill.leg) == 10


def test_after_a_partial_fill_the_next_exits_are_a_choice_of_their_own() -> None:
    """A venue counts what a choice has filled against whatever joins it later."""
    rig = begun_natively()
    rig.venue_settings = venue_parameters(rules=MatchingRules(volume_share=Decimal("0.1")))
    rig.restart()
    rig.instant(at(2), [bar(2, ABOVE, volume=40)])
    closing = verdict(at(2), side=Side.SELL, reduce_only=True, quantity=Decimal(1))
    rig.instant(at(2), [msgspec.structs.replace(closing, exact=True)])
    rig.instant(at(3), [bar(3, FLAT)])
    assert exits(rig) == {"STOP": ("WORKING", 5), "LIMIT": ("WORKING", 5)}
    rig.instant(at(4), [bar(4, BELOW)])
    assert (held(rig), exits(rig), rig.execution._state.exit_plans) == (0, {}, {})
