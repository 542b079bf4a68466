"""Which traces are kept: decided at the end, when it is known what a trace came to.

1. A trace chosen by rate is kept from its first span; the choice follows from the trace id alone,
   so every process chooses the same ones.
2. Spans of other traces wait here, for a while and up to a count. (A replayed feed runs ahead of
   the instant that is played: its bars may turn out to matter seconds later.)
3. As soon as any process says "keep" (the trace caused something), what waits is given out, and
   what comes later passes at once.
4. What nobody asked for in time is forgotten.

Nothing here reads a clock or sends anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tidegate_chassis.telemetry.names import SpanOutcome


class Link(msgspec.Struct, frozen=True, gc=False):
    """Another span that a span has to do with, in any trace."""

    trace_id: bytes
    span_id: bytes


class Span(msgspec.Struct, frozen=True):
    """A finished span. ``parent_span_id`` is empty for the first span of a trace."""

    name: str
    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    start_ns: int
    end_ns: int
    attributes: dict[str, str | int | float | bool]
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class SamplingLimits:
    """How long and how many. ``one_in`` 1 keeps every trace, 0 none by rate."""

    one_in: int = 1_000
    wait_ns: int = 30_000_000_000
    spans_max: int = 20_000
    kept_ns: int = 60_000_000_000
    kept_max: int = 20_000


class _Waiting(msgspec.Struct):
    since_ns: int
    spans: list[Span]


class TailSampler:
    """Holds the spans of undecided traces, oldest trace first."""

    def __init__(self, limits: SamplingLimits) -> None:
        """Hold nothing."""
        self._limits = limits
        self._waiting: dict[bytes, _Waiting] = {}
        self._waiting_count = 0
        self._kept_since: dict[bytes, int] = {}
        self.forgotten = {SpanOutcome.EXPIRED: 0, SpanOutcome.OVERFLOWED: 0}

    @property
    def waiting_count(self) -> int:
        """The number of spans whose trace is undecided."""
        return self._waiting_count

    def is_chosen(self, trace_id: bytes) -> bool:
        """Tell whether the rate chooses this trace, in every process alike."""
        one_in = self._limits.one_in
        return one_in > 0 and int.from_bytes(trace_id[8:]) % one_in == 0

    def offer(self, span: Span, now_ns: int) -> bool:
        """Take a span; True when its trace is kept and the span has to go out now."""
        trace_id = span.trace_id
        if trace_id in self._kept_since or self.is_chosen(trace_id):
            return True
        waiting = self._waiting.get(trace_id)
        if waiting is None:
            self._waiting[trace_id] = waiting = _Waiting(now_ns, [])
        waiting.spans.append(span)
        self._waiting_count += 1
        self._forget(now_ns)
        return False

    def keep(self, trace_id: bytes, now_ns: int) -> list[Span] | None:
        """Keep a trace: its waiting spans, or None when it was decided before."""
        if trace_id in self._kept_since:
            return None
        self._kept_since[trace_id] = now_ns
        self._forget_kept(now_ns)
        waiting = self._waiting.pop(trace_id, None)
        if waiting is None:
            return []
        self._waiting_count -= len(waiting.spans)
        return waiting.spans

    def _forget(self, now_ns: int) -> None:
        limits = self._limits
        while self._waiting:
            trace_id, oldest = next(iter(self._waiting.items()))
            too_old = now_ns - oldest.since_ns > limits.wait_ns
            if not too_old and self._waiting_count <= limits.spans_max:
                return
            del self._waiting[trace_id]
            self._waiting_count -= len(oldest.spans)
            outcome = SpanOutcome.EXPIRED if too_old else SpanOutcome.OVERFLOWED
            self.forgotten[outcome] += len(oldest.spans)

    def _forget_kept(self, now_ns: int) -> None:
        limits = self._limits
        while self._kept_since:
            trace_id, since_ns = next(iter(self._kept_since.items()))
            too_old = now_ns - since_ns > limits.kept_ns
            if not too_old and len(self._kept_since) <= limits.kept_max:
                return
            del self._kept_since[trace_id]
