"""The shards of a configured session, as the services themselves declare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.configuration import Configuration
from tidegate_contracts.market import FeedFinished
from tidegate_execution.shards import orders_of, venue_of
from tidegate_kernel.machine import TermStarted
from tidegate_kernel.money import use_money_context
from tidegate_lab.host.rounds import Rounds
from tidegate_lab.host.shard import LabShard
from tidegate_market_data.adapters.replay import ReplaySource
from tidegate_market_data.shards import shard_of as feed_of
from tidegate_portfolio.shards import shards_of as books_of
from tidegate_risk.shards import GATE_SHARD, shards_of as risk_of
from tidegate_signals.shards import shards_of as signals_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
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
    """Play a dataset from its first instant to its end, and the timers between."""
    for command in ReplaySource(dataset).batches(0):
        instant_ns = command.at_ns if isinstance(command, FeedFinished) else command.instant_ns
        while 0 < (timer_ns := rounds.next_timer()) < instant_ns:
            rounds.play(timer_ns, None)
        rounds.play(instant_ns, command)
