"""A decision machine to ask, that knows prices and their past; nobody else hears its answers.

Either it is a new session's, and has heard past bars as a backtest's has; or it is a recorded
session's, as it stood at the end of its journal, with its positions and its limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.money import use_money_context
from tidegate_lab.replay.definitions import definition_of
from tidegate_lab.replay.state import engine_at
from tidegate_risk.config import parameters_of
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.shards import decision_shard

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_market_data.adapters.dataset import Bars


class Desk(NamedTuple):
    """A session's decision machine, and the session's time."""

    machine: DecisionMachine
    now_ns: int


def desk_of_bars(session: Session, bars: Bars) -> Desk:
    """Return the machine of a new session that has heard bars; it holds nothing but cash."""
    use_money_context()
    machine = DecisionMachine.restore(parameters_of(session), None)
    for instrument in bars.instruments:
        machine.handle(instrument, bars.first_ns)
    for frame in bars.frames():
        machine.advance(frame, 0, len(frame))
    return Desk(machine, bars.last_ns)


def desk_of_recording(recording: Recording, session: str) -> Desk:
    """Return a recorded session's machine as its journal leaves it; `NotRecorded` if there is none.

    Its time is that of its newest price.
    """
    engine = engine_at(recording, definition_of(recording, session, decision_shard(session)))
    machine = engine.machine
    assert isinstance(machine, DecisionMachine)
    ends = [bar.end_ns for bar in machine.state.book.market.bars.values()]
    return Desk(machine, max(ends, default=0))
