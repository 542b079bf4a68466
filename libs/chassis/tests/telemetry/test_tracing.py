"""Traces over real OTLP to a collector that decodes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate_chassis.embedded.ports import free_port
from tidegate_chassis.telemetry import PROCESS, Tracing, make_tracing, names, new_trace_id
from tidegate_chassis.telemetry.sampling import Link, SamplingLimits

if TYPE_CHECKING:
    from tidegate_chassis.testing.collector import SpanCollector

NEVER_BY_RATE = SamplingLimits(one_in=0)
ROOT, CHILD = b"rootroot", b"childchi"


@dataclass
class Settings:
    """What `make_tracing` asks of a process's settings."""

    otlp_endpoint: str | None
    trace_one_in: int = 1000


@contextmanager
def tracing(
    service: str, endpoint: str, limits: SamplingLimits = NEVER_BY_RATE
) -> Iterator[Tracing]:
    """Give a tracing that is closed afterwards."""
    made = Tracing(service, endpoint, limits)
    yield made
    made.close()


def record(where: Tracing, trace: bytes, span: bytes = ROOT, parent: bytes = b"") -> None:
    """Record one span."""
    where.record_span("handle Bar", trace, span, parent, 10, 20, {"tidegate.shard": "risk/demo"})


def test_a_kept_trace_spans_two_processes(collector: SpanCollector) -> None:
    """One keeps and announces; the other, told so, gives out its part; the edge is there."""
    trace = new_trace_id("bar")
    with (
        tracing("market-data", collector.endpoint) as feed,
        tracing("signals", collector.endpoint) as signals,
    ):
        signals.announce = lambda trace_id: feed.keep(trace_id, announce=False)
        record(feed, trace, ROOT)
        record(signals, trace, CHILD, parent=ROOT)
        signals.keep(trace)
        spans = collector.wait_for(lambda arrived: len(arrived) == 2)
    assert collector.edges(trace.hex()) == {("market-data", "signals")}
    assert {span.trace_id for span in spans} == {trace.hex()}
    assert spans[0].attributes == {"tidegate.shard": "risk/demo"}
    assert (spans[0].start_ns, spans[0].end_ns) == (10, 20)


def test_a_trace_that_caused_nothing_is_not_sent(collector: SpanCollector) -> None:
    """Only the kept one of two traces arrives."""
    with tracing("signals", collector.endpoint) as signals:
        record(signals, new_trace_id("nothing"))
        record(signals, new_trace_id("something"))
        signals.keep(new_trace_id("something"))
        assert signals.flush()
    assert [span.trace_id for span in collector.spans] == [new_trace_id("something").hex()]


def test_a_trace_chosen_by_rate_is_sent_and_not_announced(collector: SpanCollector) -> None:
    """Every process chooses it by itself, so there is nothing to say."""
    announced: list[bytes] = []
    with tracing("signals", collector.endpoint, SamplingLimits(one_in=1)) as signals:
        signals.announce = announced.append
        record(signals, new_trace_id("bar"))
        signals.keep(new_trace_id("bar"))
        collector.wait_for(lambda arrived: len(arrived) == 1)
    assert announced == []


def test_a_trace_is_announced_once(collector: SpanCollector) -> None:
    """Keeping again, or being told by another, says nothing more."""
    announced: list[bytes] = []
    one, two = new_trace_id("one"), new_trace_id("two")
    with tracing("signals", collector.endpoint) as signals:
        signals.announce = announced.append
        signals.keep(one)
        signals.keep(one)
        signals.keep(two, announce=False)
        signals.keep(two)
    assert announced == [one]


def test_links_arrive(collector: SpanCollector) -> None:
    """A span may point at other traces that it depends on."""
    other = Link(new_trace_id("other"), CHILD)
    with tracing("risk", collector.endpoint, SamplingLimits(one_in=1)) as risk:
        risk.record_span("decide", new_trace_id("bar"), ROOT, b"", 1, 2, {"n": 7}, [other])
        [span] = collector.wait_for(lambda arrived: len(arrived) == 1)
    assert span.links == ((other.trace_id.hex(), CHILD.hex()),)
    assert span.attributes == {"n": 7}


def test_closing_sends_what_is_kept(collector: SpanCollector) -> None:
    """The last spans before a process ends are not lost."""
    with tracing("risk", collector.endpoint, SamplingLimits(one_in=1)) as risk:
        for n in range(1000):
            record(risk, new_trace_id(str(n)))
    assert len(collector.spans) == 1000


def test_an_overloaded_collector_is_asked_again(collector: SpanCollector) -> None:
    """A 503 is passing: the spans arrive at a later attempt."""
    collector.refuse_next(1)
    with tracing("risk", collector.endpoint, SamplingLimits(one_in=1)) as risk:
        record(risk, new_trace_id("bar"))
        collector.wait_for(lambda arrived: len(arrived) == 1)


def test_an_absent_collector_costs_the_caller_nothing() -> None:
    """Recording never blocks: spans beyond the queue are dropped and counted."""
    before = PROCESS.value(names.SPANS, ("overflowed",))
    endpoint = f"http://127.0.0.1:{free_port()}"
    with tracing("risk", endpoint, SamplingLimits(one_in=1)) as risk:
        started_s = time.perf_counter()
        for n in range(12_000):
            record(risk, n.to_bytes(16, "big"))
        assert time.perf_counter() - started_s < 5
    assert PROCESS.value(names.SPANS, ("overflowed",)) > before


def test_without_an_endpoint_there_is_no_tracing() -> None:
    """Nothing is started, and a Tracing without an endpoint ignores every call."""
    assert make_tracing("risk", Settings(None)) is None
    idle = Tracing("risk", None)
    record(idle, new_trace_id("bar"))
    idle.keep(new_trace_id("bar"))
    assert idle.flush()
    idle.close()


def test_the_setting_gives_the_rate(collector: SpanCollector) -> None:
    """`trace_one_in` 1 keeps everything."""
    made = make_tracing("risk", Settings(collector.endpoint, 1))
    assert made is not None
    record(made, new_trace_id("bar"))
    made.close()
    assert len(collector.spans) == 1
