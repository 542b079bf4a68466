"""The machines of a session in memory: what they say waits until somebody lets it arrive.

Each pair of writer and reader has a queue of its own, in order; between queues there is no order,
so every interleaving that the bus, a slow disk or a sleeping process can make is possible. Time
stands still while messages arrive. A request may be lost on its way, or its answer may be.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING

from tidegate_chassis.host import topology
from tidegate_chassis.host.ports import ShardPort
from tidegate_contracts import codec
from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    Interrupted,
    Publish,
    Replied,
    Request,
    SetTimer,
    TermStarted,
    TimerFired,
    Withheld,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_kernel.machine import Body, Effect, Event, Machine

    Observer = Callable[[str, Event, Sequence[Effect]], None]

OUTSIDE = "outside"
STEPS_MAX = 10_000


class Fate(Enum):
    """What becomes of a guarded request."""

    ARRIVES = "arrives"
    ANSWER_LOST = "answer lost"
    LOST = "lost"
    WITHHELD = "withheld"


class World:
    """Every machine of a session, and what waits between them."""

    def __init__(self, definitions: Sequence[ShardDefinition], now_ns: int) -> None:
        """Begin each machine as new, in its first term."""
        self.now_ns = now_ns
        self.machines: dict[str, Machine] = {}
        self.terms: dict[str, int] = {}
        self.answers: dict[str, Body] = {}
        # Called with every input and what it caused, before that is done.
        self.observers: list[Observer] = []
        # What becomes of the next guarded requests; afterwards they arrive.
        self.fates: deque[Fate] = deque()
        self._definitions = {each.shard: each for each in definitions}
        self._schemas = {each.shard: topology.schemas_read(each.reads) for each in definitions}
        self._queues: dict[tuple[str, str], deque[Event]] = {}
        self._timers: dict[tuple[str, str], int] = {}
        # Calls without an answer: who asked for what. An answer to another call is dropped.
        self._asked: dict[str, tuple[str, Request]] = {}
        self._calls = 0
        for each in definitions:
            self.machines[each.shard] = each.machine.restore(each.parameters, None)
            self._begin_term(each.shard)

    # --- what a history does ------------------------------------------------------------------

    def say(self, writer: str, body: Body) -> None:
        """Put a message in front of every machine that reads it."""
        schema = codec.schema_of(body)
        for shard, schemas in self._schemas.items():
            if schema in schemas:
                self._queue(writer, shard).append(body)

    def tell(self, shard: str, event: Event) -> None:
        """Hand an event to one machine, now."""
        effects = self.machines[shard].handle(event, self.now_ns)
        for observer in self.observers:
            observer(shard, event, effects)
        for effect in effects:
            self._perform(shard, effect)

    def call(self, shard: str, body: Body) -> Body:
        """Give a command to a machine and return its answer."""
        self._calls += 1
        call_id = f"{OUTSIDE}:{self._calls}"
        self.tell(shard, Called(call_id, body))
        return self.answers[call_id]

    def deliver(self, choice: int) -> bool:
        """Let the next message of one queue arrive; tell whether there was one."""
        waiting = [key for key, queue in self._queues.items() if queue]
        if not waiting:
            return False
        _, shard = key = waiting[choice % len(waiting)]
        self.tell(shard, self._queues[key].popleft())
        return True

    def settle(self) -> None:
        """Let everything arrive, and what that causes, until nothing waits."""
        steps = 0
        while self.deliver(0):
            steps += 1
            assert steps < STEPS_MAX, "machines answer each other for ever"

    def pass_time(self, until_ns: int) -> None:
        """Let time pass; timers fire when they are due, messages go on waiting."""
        while self._timers:
            at_ns, key = min((at_ns, key) for key, at_ns in self._timers.items())
            if at_ns > until_ns:
                break
            del self._timers[key]
            self.now_ns = max(self.now_ns, at_ns)
            self.tell(key[0], TimerFired(key[1], at_ns))
        self.now_ns = max(self.now_ns, until_ns)

    def restart(self, shard: str) -> None:
        """Take a machine from its snapshot under a new term; its open requests are interrupted."""
        definition = self._definitions[shard]
        snapshot = self.machines[shard].snapshot()
        self.machines[shard] = definition.machine.restore(definition.parameters, snapshot)
        self._begin_term(shard)
        open_calls = [(call, found) for call, found in self._asked.items() if found[0] == shard]
        for call_id, (_, request) in open_calls:
            del self._asked[call_id]
            self.tell(shard, Interrupted(request.port, request.body))

    # --- what machines want -------------------------------------------------------------------

    def _begin_term(self, shard: str) -> None:
        self.terms[shard] = self.terms.get(shard, 0) + 1
        if getattr(self._definitions[shard].machine, "follows_term", False):
            self.tell(shard, TermStarted(self.terms[shard]))

    def _perform(self, shard: str, effect: Effect) -> None:
        if isinstance(effect, Publish):
            self.say(shard, effect.body)
        elif isinstance(effect, SetTimer):
            self._timers[shard, effect.name] = effect.at_ns
        elif isinstance(effect, CancelTimer):
            self._timers.pop((shard, effect.name), None)
        elif isinstance(effect, Request):
            self._request(shard, effect)
        else:
            self._answer(shard, effect)

    def _request(self, shard: str, request: Request) -> None:
        fate = self.fates.popleft() if request.guarded and self.fates else Fate.ARRIVES
        back = self._queue(f"answers to {shard}", shard)
        if fate is Fate.WITHHELD:
            back.append(Withheld(request.port, request.body, "KILLED", "by the history"))
            return
        if fate in {Fate.LOST, Fate.ANSWER_LOST}:
            back.append(Interrupted(request.port, request.body))
        if fate is Fate.LOST:
            return
        self._calls += 1
        call_id = f"{shard}:{self._calls}"
        if fate is Fate.ARRIVES:
            self._asked[call_id] = (shard, request)
        port = self._definitions[shard].ports[request.port]
        assert isinstance(port, ShardPort), "the paper venue is a shard"
        self._queue(f"calls of {shard}", port.shard).append(Called(call_id, request.body))

    def _answer(self, shard: str, answer: Answer) -> None:
        if answer.call_id.startswith(OUTSIDE):
            self.answers[answer.call_id] = answer.body
            return
        asked = self._asked.pop(answer.call_id, None)
        if asked is not None:
            asker, request = asked
            replied = Replied(request.port, request.body, answer.body)
            self._queue(f"answers to {asker}", asker).append(replied)

    def _queue(self, writer: str, reader: str) -> deque[Event]:
        return self._queues.setdefault((writer, reader), deque())
