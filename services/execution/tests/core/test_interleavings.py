"""Random interleavings of acknowledgements, fills, cancels, duplicates and unknown outcomes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import Fill, OrderEvent, OrderState
from tidegate_contracts.risk import GateLatch
from tidegate_execution.core.orders.lifecycle import ENDED_STATES, ROWS

from .chaos import OPEN, World


def check_transitions(events: list[OrderEvent]) -> None:
    """I12: every published change is one that the table allows, and they form a chain."""
    states: dict[str, OrderState] = {}
    for event in events:
        key = event.specification.client_order_id
        before = states.get(key)
        if before is None:
            starts = (OrderState.UNSPECIFIED, OrderState.PENDING)
            assert event.previous_state in starts
        else:
            assert event.previous_state == before
            assert event.state in ROWS[before].values()
        states[key] = event.state


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), unique=st.booleans(), steps=st.integers(10, 120))
def test_nothing_is_lost_or_sent_twice(seed: int, unique: bool, steps: int) -> None:  # noqa: FBT001
    """I01, I02, I06, I11, I12 hold whatever is lost, repeated, reordered or late."""
    world = World(Random(seed), unique=unique)
    for _ in range(steps):
        world.step()
    world.come_to_rest()

    events = [body for body in world.said if isinstance(body, OrderEvent)]
    fills = [body for body in world.said if isinstance(body, Fill)]
    check_transitions(events)
    assert all(len(held) == 1 for held in world.venue.book.values()), "I02: one order a signal"
    assert max(Counter(f.execution_id for f in fills).values(), default=1) == 1
    in_book = {x.execution_id for held in world.venue.book.values() for x in held[0].executions}
    assert {f.execution_id for f in fills} == in_book, "I12: every execution is a fill, once"
    last = {e.specification.client_order_id: e.state for e in events}
    assert set(last.values()) <= ENDED_STATES, "I18: in the quiet nothing is unknown or open"
    assert all(held[0].state not in OPEN for held in world.venue.book.values()), "I06"
    confirmation = world.machine.confirmation()
    assert (confirmation.confirmed, confirmation.open_orders) == (True, 0)
    assert not [body for body in world.said if isinstance(body, GateLatch)]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_cancelled_order_ends_with_all_its_fills(seed: int) -> None:
    """I12: when an order is published as ended, its fills add up to the venue's count."""
    world = World(Random(seed), unique=True)
    for _ in range(80):
        world.step()
        filled: dict[str, Decimal] = {}
        for body in world.said:
            if isinstance(body, Fill):
                key = body.client_order_id
                filled[key] = filled.get(key, Decimal(0)) + body.quantity
            elif isinstance(body, OrderEvent) and body.state in ENDED_STATES:
                key = body.specification.client_order_id
                assert filled.get(key, Decimal(0)) == body.filled_quantity
