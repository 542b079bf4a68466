"""Spans of inputs, recorded after the fact.

A bar begins a trace whose id follows from the bar's message id. Most bars cause nothing: only
what is chosen by rate, or turns out to have caused a signal, is kept (see
`tidegate_chassis.telemetry`). The span of an input is named after the service and the message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.telemetry import new_span_id, new_trace_id

if TYPE_CHECKING:
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.shard import Shard
    from tidegate_chassis.telemetry.tracing import Tracing


class Tracer:
    """Traces the inputs of one process."""

    def __init__(self, service: str, tracing: Tracing | None) -> None:
        """Without ``tracing`` nothing is recorded and no context is carried."""
        self._service = service
        self._tracing = tracing
        # The context in which an order was decided, by its signal's key: a later fill belongs to
        # the trace of the bar that caused the order, not of the bar that filled it.
        self._orders: dict[str, str] = {}

    def traceparent(self, shard: Shard, taken: Taken, message_id: str) -> str:
        """Return the context that a message carries on."""
        if self._tracing is None:
            return ""
        parent = self._parent(shard, taken)
        if not parent:
            return _traceparent(new_trace_id(message_id), new_span_id(message_id))
        carried = _traceparent(bytes.fromhex(parent[3:35]), _input_span(shard, taken))
        for message in taken.outgoing:
            key = getattr(message.body, "signal_key", "")
            if key and key not in self._orders:
                self._remember(key, carried)
        return carried

    def _remember(self, key: str, traceparent: str) -> None:
        self._orders[key] = traceparent
        if len(self._orders) > ORDERS_KEPT:
            del self._orders[next(iter(self._orders))]

    def _parent(self, shard: Shard, taken: Taken) -> str:
        """Return the context that an input continues: its order's, if that began earlier."""
        for message in taken.outgoing:
            known = self._orders.get(getattr(message.body, "signal_key", ""))
            if known and known[36:52] != _input_span(shard, taken).hex():
                return known
        return taken.input.traceparent

    def inputs(self, shard: Shard, takens: list[Taken], started_ns: int, committed_ns: int) -> None:
        """Record the spans of inputs that caused something."""
        if self._tracing is None:
            return
        for taken in takens:
            if not taken.outgoing:
                continue
            parent = self._parent(shard, taken)
            if parent:
                self._handled(shard, taken, parent, (started_ns, committed_ns))
            else:
                self._began(shard, taken, (started_ns, committed_ns))

    def _began(self, shard: Shard, taken: Taken, times: tuple[int, int]) -> None:
        assert self._tracing is not None
        for message in taken.outgoing:
            message_id = f"{shard.definition.shard}:{shard.term}:{message.n}.{message.index}"
            self._tracing.record_span(
                f"{self._service} publish {_short(message.schema)}",
                new_trace_id(message_id),
                new_span_id(message_id),
                b"",
                *times,
                {"tidegate.shard": shard.definition.shard, "tidegate.subject": message.subject},
            )

    def _handled(self, shard: Shard, taken: Taken, parent: str, times: tuple[int, int]) -> None:
        assert self._tracing is not None
        cause = taken.input
        trace = bytes.fromhex(parent[3:35])
        received_ns = min(cause.received_ns or times[0], times[0])
        self._tracing.record_span(
            f"{self._service} handle {type(cause.event).__name__}",
            trace,
            _input_span(shard, taken),
            bytes.fromhex(parent[36:52]),
            received_ns,
            times[1],
            {
                "tidegate.shard": shard.definition.shard,
                "tidegate.message_id": cause.message_id,
                "tidegate.waited_ns": times[0] - received_ns,
                "tidegate.commit_ns": shard.commit_ns,
                "tidegate.published": ",".join(_short(m.schema) for m in taken.outgoing),
            },
        )
        if any(message.schema not in ROUTINE for message in taken.outgoing):
            self._tracing.keep(trace)


ORDERS_KEPT = 10_000
ROUTINE = frozenset(
    f"tidegate.portfolio.v1.{name}" for name in ("Position", "AccountSnapshot", "Performance")
)
"""What a bar brings about by its price alone: marks. They make no trace worth keeping."""


def _input_span(shard: Shard, taken: Taken) -> bytes:
    return new_span_id(f"{shard.definition.shard}:{taken.row.n}")


def _traceparent(trace: bytes, span: bytes) -> str:
    return f"00-{trace.hex()}-{span.hex()}-00"


def _short(schema: str) -> str:
    return schema.rpartition(".")[2]
