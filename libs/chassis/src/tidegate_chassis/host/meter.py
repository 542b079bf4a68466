"""Counting what a shard has committed. Names are declared in `tidegate_chassis.telemetry.names`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.alerts import Alert, AlertState
from tidegate_contracts.execution import Fill, OrderEvent
from tidegate_contracts.market import Bar
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import BreakerEvent, GateAction, GateEvent, Verdict
from tidegate_contracts.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body

NS_PER_SECOND = 1e9


def committed(shard: Shard, takens: list[Taken], started_ns: int, committed_ns: int) -> None:
    """Count one transaction."""
    name = (shard.definition.shard,)
    PROCESS.observe(names.COMMIT_SECONDS, (committed_ns - started_ns) / NS_PER_SECOND, name)
    PROCESS.observe(names.COMMIT_INPUTS, len(takens), name)
    kinds = Counter(taken.input.kind for taken in takens)
    for kind, count in kinds.items():
        PROCESS.count(names.SHARD_INPUTS, (*name, kind.name.lower()), count)
    schemas: Counter[str] = Counter()
    for taken in takens:
        for message in taken.outgoing:
            schemas[message.schema] += 1
            said(message.body)
    for schema, count in schemas.items():
        PROCESS.count(names.SHARD_MESSAGES, (*name, schema), count)


def opened(shard: Shard) -> None:
    """Count that a shard leads."""
    PROCESS.count(names.SHARD_RESTARTS, (shard.definition.shard,))


def snapshot(shard: Shard) -> None:
    """Count a snapshot that was written."""
    PROCESS.count(names.SNAPSHOTS, (shard.definition.shard,))


def state(shards: Iterable[Shard]) -> None:
    """Set what is true now; called every second."""
    for shard in shards:
        name = (shard.definition.shard,)
        PROCESS.set(names.SHARD_RUNNING, float(shard.running), name)
        if shard.running:
            PROCESS.set(names.SHARD_TERM, shard.term, name)
            PROCESS.set(names.OUTBOX_ROWS, shard.outbox.open_count, name)
            PROCESS.set(names.OUTBOX_AGE_SECONDS, shard.outbox.oldest_s(), name)


def said(body: Body) -> None:
    """Count a message that was committed."""
    count = _COUNTERS.get(type(body))
    if count is not None:
        count(body)


def _bar(body: Bar) -> None:
    PROCESS.count(names.BARS, (body.feed,))


def _signal(body: Signal) -> None:
    PROCESS.count(names.SIGNALS, (body.session, body.strategy))


def _verdict(body: Verdict) -> None:
    code = "" if body.refusal is None else body.refusal.code
    PROCESS.count(names.VERDICTS, (body.session, code))


def _order(body: OrderEvent) -> None:
    PROCESS.count(names.ORDERS, (body.session, body.state.name.lower()))


def _fill(body: Fill) -> None:
    PROCESS.count(names.FILLS, (body.session,))


def _account(body: AccountSnapshot) -> None:
    PROCESS.set(names.EQUITY, float(body.equity), (body.session,))
    PROCESS.set(names.DRAWDOWN, float(body.drawdown), (body.session,))


def _gate(body: GateEvent) -> None:
    PROCESS.set(names.GATE_LEVEL, float(body.level), (body.scope,))
    if body.action in {GateAction.RAISED, GateAction.LATCH_FOLDED}:
        PROCESS.set(names.GATE_EPOCH, float(body.gate_epoch))


def _alert(body: Alert) -> None:
    if body.state is AlertState.RAISED:
        PROCESS.count(names.ALERTS, (body.session, body.severity.name.lower()))


def _breaker(body: BreakerEvent) -> None:
    PROCESS.count(names.BREAKERS, (body.session, body.breaker, body.state.name.lower()))


_COUNTERS: dict[type[Body], Callable[..., None]] = {
    Bar: _bar,
    Signal: _signal,
    Verdict: _verdict,
    OrderEvent: _order,
    Fill: _fill,
    AccountSnapshot: _account,
    GateEvent: _gate,
    BreakerEvent: _breaker,
    Alert: _alert,
}
