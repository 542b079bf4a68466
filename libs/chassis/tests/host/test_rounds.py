"""When a shard in lockstep takes the calls of other shards."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

import pytest

from tidegate_chassis.host.context import HostContext
from tidegate_chassis.host.definition import ShardDefinition
from tidegate_chassis.host.engine import OUTSIDE_ROUNDS, Bookkeeping, Engine
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.rounds import RoundShard
from tidegate_contracts.execution import QueryAccount
from tidegate_contracts.host import ChannelPosition, RoundOpen
from tidegate_kernel.machine import Called, Request

from .toys import Toy, ToyBooks, ToyParameters, bar_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_kernel.machine import Effect, Event

FEED = "market-data/replay-toy"
CALL = Input(InputKind.CALLED, Called("1", QueryAccount(session="toy")), name="1")


def _shard(instant_ns: int, number: int) -> RoundShard:
    """Return a shard that has finished a round; it has no journal and no bus."""
    definition = ShardDefinition(
        "venue/toy", "toy", ToyBooks, ToyParameters(), ("bars.replay-toy.>",), lockstep=True
    )
    shard = RoundShard(definition, cast("HostContext", None), 0)
    shard.engine = Engine("venue/toy", ToyBooks(ToyParameters(), 0), Bookkeeping(), frozenset())
    shard.engine.begin_round(instant_ns, number)
    shard.engine.end_round(number)
    shard._now, shard._calls_waiting = deque(), []
    return shard


class Asker(Toy):
    """Asks the venue whenever it is called."""

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Ask."""
        return [Request("venue", QueryAccount(session="toy"))]


def _asker(*, outside: bool) -> RoundShard:
    """Return a shard that has asked the venue in round 2 of instant 100, or right after it."""
    shard = _shard(100, 2)
    shard._round_ports = frozenset({"venue"})
    shard._outcomes_waiting = []
    asker = Asker(ToyParameters(), 0)
    shard.engine = Engine("execution/toy", asker, Bookkeeping(), shard._round_ports)
    shard.engine.begin_round(100, 2)
    shard.engine.outside = outside
    row = shard.engine.take(CALL, 100).row
    assert row.round == (OUTSIDE_ROUNDS if outside else 2)
    return shard


@pytest.mark.parametrize("outside", [True, False])
def test_no_round_waits_for_what_was_asked_between_rounds(*, outside: bool) -> None:
    """The other side may answer only later; the open request keeps the instant open."""
    shard = _asker(outside=outside)
    assert shard._outcomes_complete(RoundOpen(instant_ns=100, round=4)) is outside
    assert shard.engine.current_report().busy


@pytest.mark.parametrize("tag", [(100, 2), (100, 3)])
def test_a_call_waits_for_the_round_after_its_own(tag: tuple[int, int]) -> None:
    """Asked in the round that this shard is in, or in one that it has not begun."""
    shard = _shard(100, 2)
    shard._call_in_round(CALL, tag)
    assert (shard._calls_waiting, list(shard._now)) == ([(tag, CALL)], [])


@pytest.mark.parametrize("tag", [(100, 1), (90, 5)])
def test_a_call_whose_round_has_passed_is_taken_at_once(tag: tuple[int, int]) -> None:
    """Its caller will not finish any later round before it has the answer."""
    shard = _shard(100, 2)
    shard._call_in_round(CALL, tag)
    assert (shard._calls_waiting, list(shard._now)) == ([], [CALL])


def _price(instant_ns: int, k: int) -> Input:
    bar = bar_at(1)
    return Input(InputKind.MESSAGE, bar, channel=FEED, k=k, decided_ns=instant_ns)


@pytest.mark.parametrize(
    ("number", "missed", "left"), [(0, {80: [1, 2], 90: [3]}, 1), (1, {80: [1, 2], 90: [3, 4]}, 0)]
)
def test_prices_of_past_rounds_are_found_by_their_instant(
    number: int, missed: dict[int, list[int]], left: int
) -> None:
    """An earlier process had played them; those of the open round 0 are not among them."""
    shard = _shard(70, 0)
    opened = 100 if number == 0 else 90
    last = _price(opened if number == 0 else 90, 4)
    shard._pending = {FEED: deque([_price(80, 1), _price(80, 2), _price(90, 3), last])}
    heads = (ChannelPosition(channel=FEED, k=4),)
    found = shard._missed(RoundOpen(instant_ns=opened, round=number, heads=heads))
    assert {at_ns: [item.k for item in items] for at_ns, items in found.items()} == missed
    assert len(shard._pending[FEED]) == left
