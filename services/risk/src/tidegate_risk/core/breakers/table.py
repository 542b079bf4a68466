"""The states of a breaker as tables.

A breaker that *latches* shuts its scope until two principals lower the gate, and not before what
made it trip is over. Then it recovers: sizes grow back for a while. A breaker that *pauses* opens
by itself at a time that is known from the start, and does not raise the gate.
"""

from __future__ import annotations

from enum import Enum

from tidegate_kernel.table import FORBIDDEN, IGNORED, TransitionTable


class State(Enum):
    """Where a breaker stands in its scope; the numbers are those of ``BreakerState``."""

    ARMED = 1
    TRIPPED = 2
    CLEARED = 3
    RECOVERING = 4
    PAUSED = 5


class Event(Enum):
    """What happens to a breaker."""

    TRIP = "its limit is crossed"
    OVER = "what made it trip is over"
    LOWERED = "the gate was lowered in its scope"
    TIME_UP = "its time is over"


_A, _T, _C, _R, _P = State.ARMED, State.TRIPPED, State.CLEARED, State.RECOVERING, State.PAUSED

LATCHING: TransitionTable[State, Event] = TransitionTable(
    "latching breaker",
    (_A, _T, _C, _R),
    Event,
    {
        _A: {
            Event.TRIP: _T,
            Event.OVER: IGNORED,
            Event.LOWERED: IGNORED,
            Event.TIME_UP: IGNORED,
        },
        # A lowering that crosses a newer trip on its way does not count.
        _T: {
            Event.TRIP: IGNORED,
            Event.OVER: _C,
            Event.LOWERED: IGNORED,
            Event.TIME_UP: IGNORED,
        },
        _C: {
            Event.TRIP: _T,
            Event.OVER: IGNORED,
            Event.LOWERED: _R,
            Event.TIME_UP: IGNORED,
        },
        _R: {
            Event.TRIP: _T,
            Event.OVER: IGNORED,
            Event.LOWERED: IGNORED,
            Event.TIME_UP: _A,
        },
    },
)

PAUSING: TransitionTable[State, Event] = TransitionTable(
    "pausing breaker",
    (_A, _P),
    Event,
    {
        _A: {
            Event.TRIP: _P,
            Event.OVER: FORBIDDEN,
            Event.LOWERED: FORBIDDEN,
            Event.TIME_UP: IGNORED,
        },
        # What would pause it is a loss or an entry of before the pause: its time begins anew.
        _P: {
            Event.TRIP: _P,
            Event.OVER: FORBIDDEN,
            Event.LOWERED: FORBIDDEN,
            Event.TIME_UP: _A,
        },
    },
)
