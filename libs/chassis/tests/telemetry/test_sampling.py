"""Which traces are kept."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tidegate_chassis.telemetry import new_trace_id
from tidegate_chassis.telemetry.names import SpanOutcome
from tidegate_chassis.telemetry.sampling import SamplingLimits, Span, TailSampler

NEVER_BY_RATE = SamplingLimits(one_in=0, wait_ns=100, spans_max=10, kept_ns=1000, kept_max=5)


def span(trace: bytes, name: str = "handle") -> Span:
    """Make a span of a trace."""
    return Span(name, trace, b"12345678", b"", 1, 2, {})


def test_spans_wait_until_their_trace_is_kept() -> None:
    """What waited is given out once; what comes later passes at once."""
    sampler = TailSampler(NEVER_BY_RATE)
    trace = new_trace_id("bar")
    assert not sampler.offer(span(trace, "one"), 0)
    assert not sampler.offer(span(trace, "two"), 1)
    kept = sampler.keep(trace, 2)
    assert kept is not None
    assert [s.name for s in kept] == ["one", "two"]
    assert sampler.keep(trace, 3) is None
    assert sampler.offer(span(trace, "three"), 4)
    assert sampler.waiting_count == 0


def test_a_trace_may_be_kept_before_its_first_span() -> None:
    """The announcement can be faster than the message."""
    sampler = TailSampler(NEVER_BY_RATE)
    trace = new_trace_id("bar")
    assert sampler.keep(trace, 0) == []
    assert sampler.offer(span(trace), 1)


def test_what_nobody_keeps_in_time_is_forgotten() -> None:
    """After the wait the spans are gone and counted."""
    sampler = TailSampler(NEVER_BY_RATE)
    old, new = new_trace_id("old"), new_trace_id("new")
    sampler.offer(span(old), 0)
    sampler.offer(span(new), 101)
    assert sampler.keep(old, 102) == []
    assert sampler.forgotten[SpanOutcome.EXPIRED] == 1


@given(st.lists(st.integers(0, 30), max_size=200))
def test_the_number_of_waiting_spans_is_bounded(traces: list[int]) -> None:
    """However many traces and spans come, no more than the limit wait, and each is accounted."""
    sampler = TailSampler(NEVER_BY_RATE)
    for at_ns, trace in enumerate(traces):
        sampler.offer(span(new_trace_id(str(trace))), at_ns)
        assert sampler.waiting_count <= NEVER_BY_RATE.spans_max
    assert sampler.waiting_count + sum(sampler.forgotten.values()) == len(traces)


@given(st.lists(st.integers(0, 50), max_size=100))
def test_the_number_of_remembered_decisions_is_bounded(traces: list[int]) -> None:
    """Old decisions are forgotten; the newest is always known."""
    sampler = TailSampler(NEVER_BY_RATE)
    for at_ns, trace in enumerate(traces):
        trace_id = new_trace_id(str(trace))
        sampler.keep(trace_id, at_ns)
        assert sampler.offer(span(trace_id), at_ns)
        assert len(sampler._kept_since) <= NEVER_BY_RATE.kept_max


def test_the_rate_chooses_the_same_traces_everywhere() -> None:
    """Two processes agree, and about one in a thousand is chosen."""
    one, other = TailSampler(SamplingLimits(one_in=1000)), TailSampler(SamplingLimits(one_in=1000))
    traces = [new_trace_id(str(n)) for n in range(50_000)]
    chosen = [trace for trace in traces if one.is_chosen(trace)]
    assert chosen == [trace for trace in traces if other.is_chosen(trace)]
    assert 25 <= len(chosen) <= 80


def test_rate_one_keeps_every_trace() -> None:
    """Nothing waits when everything is wanted."""
    sampler = TailSampler(SamplingLimits(one_in=1))
    assert sampler.offer(span(new_trace_id("bar")), 0)
