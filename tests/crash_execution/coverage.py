"""Which kinds of orders execution has died over: nothing is shown about those that it has not.

An order was killed over when it was open as execution died, and in flight when nothing was known of
it then: written down, sent, or without an outcome. Both come from the order's own events.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tidegate_contracts.execution import OrderState, OrderType
from tidegate_execution.core.capabilities import TRIGGERED
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.choices import is_choice

from .places import ALPACA, BINANCE, PLACES
from .reckoning import is_held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.crash.books import Books

    from .places import Place

ORDER_EVENT = "tidegate.execution.v1.OrderEvent"
IN_FLIGHT = (OrderState.PENDING, OrderState.SUBMITTING, OrderState.UNKNOWN)
OPEN = (*IN_FLIGHT, OrderState.WORKING, OrderState.PARTIALLY_FILLED)
NATIVE, HELD = "native", "held"
WITH_EXITS, SENT_WITH = "entry with its exits", "exit sent with its entry"
GOALS = tuple(
    f"{place.name}: {kind}"
    for place, kinds in (
        (
            ALPACA,
            (
                "stop, native",
                "stop, held",
                "stop limit, native",
                "trailing stop, native",
                "trailing stop, held",
                "extended hours",
                "legs",
                "exit: stop, native",
                "exit: stop, held",
                "exit: target",
                "exit: stop and target in one order",
                WITH_EXITS,
                f"{SENT_WITH}: stop, native",
                f"{SENT_WITH}: stop and target in one order",
                "replacement",
            ),
        ),
        (
            BINANCE,
            (
                "stop, native",
                "stop limit, native",
                "trailing stop, native",
                "exit: stop, native",
                "exit: stop, held",
                "exit: target",
                "replacement",
            ),
        ),
    )
    for kind in kinds
)
"""What a long campaign must have killed over."""


def covered(books: Books, moments: Sequence[int]) -> Counter[str]:
    """Count orders by kind, and the deaths over one of each kind at least."""
    events: dict[str, list[Any]] = {}
    said: Sequence[Any] = books.said(ORDER_EVENT)
    for event in said:
        events.setdefault(event.specification.client_order_id, []).append(event)
    first = {each[0].signal_key: each[0] for each in events.values() if each[0].leg == 0}
    with_exits = {entry_of(each) for each in events}
    lives: dict[str, list[list[Any]]] = {}
    for identity, life in events.items():
        entered = f"{life[0].session}: {WITH_EXITS}" if identity in with_exits else ""
        kind = entered or kind_of(life[0], first)
        if kind:
            lives.setdefault(kind, []).append(life)
    counts: Counter[str] = Counter()
    for kind, of_kind in lives.items():
        counts[f"orders: {kind}"] += len(of_kind)
        for moment in moments:
            states = [_state_at(life, moment) for life in of_kind]
            counts[f"killed over: {kind}"] += any(each in OPEN for each in states)
            counts[f"killed in flight: {kind}"] += any(each in IN_FLIGHT for each in states)
    return counts


def goals_missing(counts: Mapping[str, int]) -> list[str]:
    """Return the kinds that execution never died over."""
    return [goal for goal in GOALS if not counts.get(f"killed over: {goal}")]


def kind_of(event: Any, first: Mapping[str, Any]) -> str:  # noqa: ANN401 - an order's event
    """Return what kind of order it is; nothing for what strategies place by themselves."""
    place = next(each for each in PLACES if each.name == event.session)
    wanted, entry = event.specification, first.get(event.signal_key)
    if event.leg != 0:
        exits = wanted.reduce_only and entry is not None and not entry.specification.reduce_only
        if not exits:
            return f"{place.name}: replacement"
        what = SENT_WITH if entry_of(wanted.client_order_id) else "exit"
        return f"{place.name}: {what}: {_role(place, wanted)}"
    if wanted.legs:
        return f"{place.name}: legs"
    if wanted.extended_hours:
        return f"{place.name}: extended hours"
    if wanted.order_type in TRIGGERED:
        name = OrderType(wanted.order_type).name.lower().replace("_", " ")
        return f"{place.name}: {name}, {_way(place, wanted)}"
    return ""


def _role(place: Place, wanted: Any) -> str:  # noqa: ANN401 - a specification
    if is_choice(wanted):
        return "stop and target in one order"
    return f"stop, {_way(place, wanted)}" if wanted.order_type in TRIGGERED else "target"


def _way(place: Place, wanted: Any) -> str:  # noqa: ANN401 - a specification
    document = {
        "order_type": wanted.order_type.name,
        "trail_percent": wanted.trail_percent,
        "symbol": wanted.symbol,
        "reduce_only": wanted.reduce_only,
        "oco_group": wanted.oco_group,
    }
    return HELD if is_held(place, document) else NATIVE


def _state_at(life: Sequence[Any], moment: int) -> OrderState | None:
    """Return the state of an order at a moment, None before it was written down."""
    state = None
    for event in life:
        if event.event_at_ns <= moment:
            state = event.state
    return state
