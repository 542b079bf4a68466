"""VWAP by participation: after each bar a share of what the bar traded.

Bars count that begin while the order is sliced. Fractions of a lot, and what a slice has not
filled, are carried on: what counts is how much may have been taken so far.
An order whose instrument's unit of volume is unknown ends at once (a state from before that was
kept, and no description since): it would wait for ever, and say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import AlgorithmKind
from tidegate_execution.core.orders.lifecycle import OrderInput
from tidegate_execution.core.reasons import Code
from tidegate_execution.core.slicing.plan import algorithm_of, note_ending
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.slicing.plan import Slicing
    from tidegate_execution.core.state import ExecutionState
    from tidegate_execution.core.turn import Turn

_STARTS = 0


def see_bar(turn: Turn, bar: Bar) -> None:
    """Let what a bar has traded allow more of every order that takes a share of it."""
    listing = f"{bar.venue}|{bar.symbol}"
    for order, slicing in _followers(turn.state, listing):
        if bar.start_ns < slicing.started_at_ns:
            continue
        turn.triggered = True
        grid = turn.state.grids.get(listing)
        if grid is None or grid.size_scale is None:
            reason = f"expected the unit of the volume of {bar.symbol}, found none: describe it"
            note_ending(turn, order, OrderInput.VENUE_REJECTED, Code.VOLUME_UNKNOWN, reason)
            continue
        participation = algorithm_of(order).participation
        assert participation is not None, "a VWAP has a share; see order_form"
        more = participation * to_decimal(bar.volume, grid.size_scale)
        slicing.allowed = min(slicing.allowed + more, order.specification.quantity)


def first_row(state: ExecutionState, frame: Frame, first: int, last: int) -> int:
    """Return the first row that allows more of something, or ``last``."""
    for code, instrument in enumerate(frame.instruments):
        for _, slicing in _followers(state, f"{instrument.venue}|{instrument.symbol}"):
            part = frame.parts[code]
            begun = int(part.values[_STARTS].searchsorted(slicing.started_at_ns))
            place = max(part.place_of(first), begun)
            if place < part.place_of(last):
                last = part.row_of(place, last)
    return last


def _followers(state: ExecutionState, listing: str) -> Iterator[tuple[Order, Slicing]]:
    """Yield the orders that take a share of what a listing trades."""
    for identity, slicing in state.slicings.items():
        order = state.orders.get(identity)
        if order is None or algorithm_of(order).kind != AlgorithmKind.VWAP:
            continue
        if f"{order.specification.venue}|{order.specification.symbol}" == listing:
            yield order, slicing
