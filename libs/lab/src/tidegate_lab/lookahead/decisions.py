"""What the machines of a session said, by the instant in which they said it.

Signals, verdicts, orders, fills and the account's figures all count: at an instant they may depend
on the bars that end by then, and on nothing else. Bars are no decisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.market import Bar, FeedStatus, Instrument
from tidegate_kernel.machine import Publish
from tidegate_lab.host.session import play as play_events, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_chassis.configuration import Session
    from tidegate_kernel.machine import Body, Effect, Event
    from tidegate_lab.host.rounds import Rounds
    from tidegate_lab.host.shard import LabShard, Place
    from tidegate_market_data.adapters.dataset import Dataset

    Play = Callable[[Rounds, Dataset], None]

_THE_FEEDS_OWN = (Bar, Instrument, FeedStatus)


class Decision(msgspec.Struct, frozen=True):
    """Something that a machine said, and the instant in which it said it."""

    at_ns: int
    said: Body


def decisions_of(session: Session, dataset: Dataset, play: Play = play_events) -> list[Decision]:
    """Play a session over a dataset and return what was said, in order."""
    decisions: list[Decision] = []

    def observe(shard: LabShard, event: Event, effects: Sequence[Effect], place: Place) -> None:
        del shard, event
        decisions.extend(
            Decision(place[0], effect.body)
            for effect in effects
            if isinstance(effect, Publish) and not isinstance(effect.body, _THE_FEEDS_OWN)
        )

    rounds = rounds_of(session, dataset)
    rounds.observers.append(observe)
    play(rounds, dataset)
    return decisions
