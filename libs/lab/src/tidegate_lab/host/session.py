"""The shards of a configured session, as the services themselves declare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.configuration import Configuration
from tidegate_execution.shards import orders_of, venue_of
from tidegate_kernel.machine import TermStarted
from tidegate_kernel.money import use_money_context
from tidegate_lab.host.collector import collecting_seldom
from tidegate_lab.host.rounds import Rounds
from tidegate_lab.host.shard import LabShard
from tidegate_lab.host.stretch import Stretch
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.shards import shard_of as feed_of
from tidegate_portfolio.shards import shards_of as books_of
from tidegate_risk.shards import GATE_SHARD, shards_of as risk_of
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.shards import shards_of as signals_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration import Session
    from tidegate_contracts.frame import Frame
    from tidegate_market_data.adapters.dataset import Bars

FIRST_TERM = 1


def rounds_of(session: Session, dataset: Bars) -> Rounds:
    """Return the session's machines, new, with their first term begun.

    Alerts are left out: they tell people, and decide nothing. So is the gate's own shard, which
    plays in no rounds: its events are given to `Rounds.begin`.
    """
    use_money_context()
    configuration = Configuration(sessions=(session,))
    definitions = [
        *signals_of(configuration),
        *(each for each in risk_of(configuration) if each.shard != GATE_SHARD),
        orders_of(session),
        venue_of(session),
        *books_of(configuration),
    ]
    shards = [LabShard(definition) for definition in definitions]
    rounds = Rounds(shards, LabShard(feed_of(session, dataset)))
    follows = [s for s in shards if getattr(s.machine, "follows_term", False)]
    rounds.begin([(shard, TermStarted(FIRST_TERM)) for shard in follows])
    return rounds


def play(rounds: Rounds, dataset: Bars) -> None:
    """Play a dataset from its first instant to its end, and the timers between.

    The strategies handle every bar; the other machines only those that mean something to them.
    """
    play_frames(rounds, dataset, _give_every_bar)


def play_frames(rounds: Rounds, dataset: Bars, through: Callable[[Stretch], None]) -> None:
    """Play a dataset; ``through`` plays the rows that the feed publishes just as they are."""
    with collecting_seldom():
        for frame in dataset.frames():
            _play_frame(rounds, frame, through)
        end = ReplaySource(dataset).end
        rounds.play_timers(end.at_ns)
        rounds.play(end.at_ns, end)


def _play_frame(rounds: Rounds, frame: Frame, through: Callable[[Stretch], None]) -> None:
    feed, first = rounds.feed.reader, 0
    while first < len(frame):
        plain = frame.instant_of(feed.scan(frame, first, len(frame)))
        feed.advance(frame, first, plain)
        if first < plain:
            stretch = Stretch(rounds, frame, first, plain)
            through(stretch)
            stretch.end()
        first = plain
        if plain < len(frame):
            first = _play_through_feed(rounds, frame, plain)


def _give_every_bar(stretch: Stretch) -> None:
    (eager,) = (each for each in stretch.readers if isinstance(each.machine, SignalsMachine))
    stretch.play(stretch.last, eager)


def _play_through_feed(rounds: Rounds, frame: Frame, first: int) -> int:
    """Play the instant that begins at a row through the feed; return the row after it."""
    last = frame.instant_after(first)
    instant_ns = frame.end_ns(first)
    rounds.play_timers(instant_ns)
    rounds.play(instant_ns, frame.batch(first, frame.bars(first, last)))
    return last
