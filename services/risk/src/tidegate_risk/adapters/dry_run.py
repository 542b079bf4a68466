"""Which recorded orders would another document of limits have refused?

The decision machine goes on from where it stood when the window began, with the document in force,
and handles the journal's inputs again. Everything else stays as it was recorded: orders, fills, the
account, and the gate. So an order that the document refuses is filled all the same, and does not
hide what it says to the next one. What became of it afterwards is a backtest's to say.

Breakers are part of the document: one that trips refuses what follows in its scope until its own
time is over, or for good where only people lower it. Commands about limits are left out.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.configuration import Configuration
from tidegate_chassis.host.inputs import InputKind, unpack_event
from tidegate_chassis.host.recovery import Rerun
from tidegate_chassis.host.version import core_version
from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_chassis.recorded.positions import nearest, position_at
from tidegate_chassis.recorded.recording import NO_LIMIT
from tidegate_contracts.risk import BreakerEvent, BreakerState, LimitChange, Verdict
from tidegate_kernel.machine import CancelTimer, Publish, SetTimer, TimerFired
from tidegate_kernel.money import plain, use_money_context
from tidegate_kernel.time import NS_PER_DAY, format_time
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.trying import under_document
from tidegate_risk.shards import decision_shard, shards_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_chassis.configuration import Session
    from tidegate_chassis.host.engine import Engine
    from tidegate_chassis.host.inputs import JournalRow
    from tidegate_chassis.recorded.recording import Recording
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_kernel.machine import Effect, Event
    from tidegate_risk.core.changes.document import LimitsDocument

_STOPPED = frozenset({BreakerState.TRIPPED, BreakerState.PAUSED})


class Became(Enum):
    """What a recorded verdict becomes under the document."""

    SAME = "same"
    REFUSED = "refused"
    RESIZED = "resized"
    OTHER_REASON = "other reason"
    APPROVED = "approved"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One signal whose verdict would have been another. Quantities are empty where refused."""

    became: str
    at: str
    strategy: str
    symbol: str
    signal_key: str
    client_order_id: str
    side: str
    quantity_recorded: str
    quantity: str
    code_recorded: str
    code: str
    message: str


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker that stops trading in its scope under the document; ``recorded``: it did so too."""

    recorded: bool
    at: str
    breaker: str
    scope: str
    state: str
    reason: str


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """What the document would have decided in the window.

    ``changes`` are from the document in force when it began, ``refused_by`` counts by code.
    """

    session: str
    since: str
    until: str
    inputs: int
    signals: int
    sha256: str
    changes: tuple[LimitChange, ...]
    counts: dict[str, int]
    refused_by: dict[str, int]
    breakers: tuple[Stopped, ...]
    verdicts: tuple[Judged, ...]


class Window(msgspec.Struct, frozen=True):
    """The session's times that are looked at: from the first on, up to and without the last.

    None: the newest day, up to the record's end. More inputs than ``inputs_max`` are refused.
    """

    since_ns: int | None = None
    until_ns: int | None = None
    inputs_max: int = NO_LIMIT


def dry_run(
    recording: Recording, session: Session, document: LimitsDocument, window: Window | None = None
) -> DryRun:
    """Handle a window of a session's journal under another document."""
    use_money_context()
    shard, window = decision_shard(session.name), window or Window()
    first_n, last_n = _positions(recording, shard, window)
    engine = _engine_at(recording, session, first_n, last_n - window.inputs_max)
    assert isinstance(engine.machine, DecisionMachine)
    before = engine.machine.state.limits.document
    recorded = _Recorded(recording, shard, first_n)
    trial = _Trial(under_document(engine.machine, document), engine.books.timers)
    judged: list[Judged] = []
    counts: Counter[str] = Counter()
    inputs, times = 0, [0, 0]
    for tail in recording.rows(shard, first_n, last_n):
        inputs += 1
        times = [times[0] or tail.row.at_ns, tail.row.at_ns]
        for verdict in trial.handle(tail.row):
            found = _judged(recorded.verdicts.get(verdict.signal_key), verdict)
            counts.update(each.became for each in found)
            judged += [each for each in found if each.became != Became.SAME.value]
    refused = Counter(each.code for each in judged if each.became == Became.REFUSED.value)
    return DryRun(
        session=session.name,
        since=_time(times[0]),
        until=_time(times[1]),
        inputs=inputs,
        signals=counts.total(),
        sha256=document.sha256,
        changes=changes_between(before.resolved, document.resolved),
        counts={each.value: counts[each.value] for each in Became},
        refused_by=dict(sorted(refused.items())),
        breakers=tuple(_stopped(each, recorded) for each in trial.events),
        verdicts=tuple(judged),
    )


class _Trial:
    """A machine with timers of its own: under other limits breakers come back at other times."""

    def __init__(self, machine: DecisionMachine, timers: dict[str, tuple[int, bool]]) -> None:
        self._machine = machine
        self._timers = dict(timers)
        self.events: list[BreakerEvent] = []

    def handle(self, row: JournalRow) -> Iterator[Verdict]:
        """Handle a recorded input, and before it what has come due; yield the verdicts."""
        yield from self._come_due(row.at_ns)
        if row.kind not in _LEFT_OUT:
            yield from self._handle(unpack_event(row), row.at_ns)

    def _come_due(self, now_ns: int) -> Iterator[Verdict]:
        due = sorted(
            (at_ns if makes_instant else now_ns, name, at_ns)
            for name, (at_ns, makes_instant) in self._timers.items()
            if at_ns <= now_ns
        )
        for fires_ns, name, at_ns in due:
            del self._timers[name]
            yield from self._handle(TimerFired(name, at_ns), fires_ns)

    def _handle(self, event: Event, now_ns: int) -> Iterator[Verdict]:
        effects: Sequence[Effect] = self._machine.handle(event, now_ns)
        for effect in effects:
            if isinstance(effect, SetTimer):
                self._timers[effect.name] = (effect.at_ns, effect.makes_instant)
            elif isinstance(effect, CancelTimer):
                self._timers.pop(effect.name, None)
            elif isinstance(effect, Publish) and isinstance(effect.body, Verdict):
                yield effect.body
            elif isinstance(effect, Publish) and isinstance(effect.body, BreakerEvent):
                self.events += [effect.body] if effect.body.state in _STOPPED else []


# Its own timers take the place of the recorded ones; what was skipped never reached the machine.
_LEFT_OUT = frozenset({InputKind.TIMER, InputKind.CALLED, InputKind.SKIPPED})


def _positions(recording: Recording, shard: str, window: Window) -> tuple[int, int]:
    """Return the input before the window, and its last one."""
    extent = recording.extent(shard)
    if not extent.last_n:
        raise NotRecorded(f"a journal of {shard}", "none", "the session has decided nothing yet")
    last_n = extent.last_n
    if window.until_ns is not None:
        last_n = position_at(recording, shard, window.until_ns - 1)
    since_ns = window.since_ns
    if since_ns is None:
        newest = next(iter(recording.rows(shard, extent.last_n - 1, extent.last_n))).row
        since_ns = newest.at_ns - NS_PER_DAY
    first_n = position_at(recording, shard, since_ns - 1) if since_ns > 0 else extent.first_n - 1
    if first_n >= last_n:
        newest = next(iter(recording.rows(shard, extent.last_n - 1, extent.last_n))).row
        raise NotRecorded(
            f"a window in which {shard} decided; its journal ends at {_time(newest.at_ns)}",
            f"no input from {_time(since_ns) or 'the beginning'} on",
            "ask for another window",
        )
    return first_n, last_n


def _engine_at(recording: Recording, session: Session, n: int, earliest_n: int) -> Engine:
    """Return the recorded machine after input n, from no earlier input than is allowed."""
    shard = decision_shard(session.name)
    alone = shards_of(Configuration(sessions=(session,)))
    definition = next(each for each in alone if each.shard == shard)
    core = core_version(definition.machine, definition.parameters)
    start = nearest(recording, shard, n, core)
    if start.n < earliest_n:
        raise NotRecorded(
            "a window that is answered from fewer inputs",
            f"{n - start.n} inputs from the last snapshot before it, or the beginning, and the "
            "window's own",
            "name a shorter or later one, or let `tidegate risk dry-run` read an archive",
        )
    rerun = Rerun(definition, start.state)
    for tail in recording.rows(shard, start.n, n):
        rerun.handle(tail.row)
    return rerun.finish()


class _Recorded:
    """What the shard has said since: verdicts by signal, and when breakers stopped trading."""

    def __init__(self, recording: Recording, shard: str, after_n: int) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.stops: set[tuple[str, str, int]] = set()
        for message in recording.messages(shard, after_n):
            if message.schema.endswith((".Verdict", ".BreakerEvent")):
                body = message.body
                if isinstance(body, Verdict):
                    self.verdicts[body.signal_key] = body
                elif isinstance(body, BreakerEvent) and body.state in _STOPPED:
                    self.stops.add(_place(body))


def _place(event: BreakerEvent) -> tuple[str, str, int]:
    return event.breaker, event.scope, event.at_ns


def _judged(recorded: Verdict | None, tried: Verdict) -> list[Judged]:
    """Compare two verdicts of one signal; nothing when the record does not hold its own."""
    if recorded is None:
        return []
    then, now = recorded.specification, tried.specification
    order = then or now
    return [
        Judged(
            became=_became(recorded, tried).value,
            at=_time(tried.decided_at_ns),
            strategy=tried.strategy,
            symbol=tried.symbol,
            signal_key=tried.signal_key,
            client_order_id="" if order is None else order.client_order_id,
            side="" if order is None else order.side.name,
            quantity_recorded=_quantity(then),
            quantity=_quantity(now),
            code_recorded=recorded.refusal.code if recorded.refusal else "",
            code=tried.refusal.code if tried.refusal else "",
            message=tried.refusal.message if tried.refusal else "",
        )
    ]


def _became(recorded: Verdict, tried: Verdict) -> Became:
    if recorded.decision != tried.decision:
        return Became.REFUSED if tried.refusal else Became.APPROVED
    if recorded.refusal and tried.refusal:
        same = recorded.refusal.code == tried.refusal.code
        return Became.SAME if same else Became.OTHER_REASON
    same = _quantity(recorded.specification) == _quantity(tried.specification)
    return Became.SAME if same else Became.RESIZED


def _quantity(order: OrderSpecification | None) -> str:
    return "" if order is None else plain(order.quantity)


def _stopped(event: BreakerEvent, recorded: _Recorded) -> Stopped:
    return Stopped(
        recorded=_place(event) in recorded.stops,
        at=_time(event.at_ns),
        breaker=event.breaker,
        scope=event.scope,
        state=event.state.name,
        reason=event.reason,
    )


def _time(at_ns: int) -> str:
    return format_time(at_ns) if at_ns > 0 else ""
