"""One trace runs from the bar to the ledger entry, over real OTLP."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

from tidegate_contracts.subjects import SERVICES

from .conftest import TRACE_ONE_IN

if TYPE_CHECKING:
    from tests.instances import Instance

    from tidegate_chassis.testing.collector import CollectedSpan

    from .conftest import Watched

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("traced"),
]

BAR = ("market-data", "market-data publish Bar")
WAY = (
    BAR,
    ("signals", "signals handle Bar"),
    ("risk", "risk handle Signal"),
    ("execution", "execution handle Verdict"),
    ("execution", "execution handle VenueReport"),
    ("portfolio", "portfolio handle Fill"),
)
"""The spans from a bar to the ledger entry, each the parent of the next."""


@pytest.fixture(scope="module")
def traces(traced: Watched) -> dict[str, list[CollectedSpan]]:
    """Give every span of the session, by trace."""
    instance = traced.instance
    fills = instance.published("execution/demo", "Fill")
    assert fills > 0

    def complete(spans: list[CollectedSpan]) -> bool:
        return not _missing(spans, fills, instance.published("signals/demo/0", "Signal"))

    patience_s = time.monotonic() + 90
    while not complete(spans := traced.collector.spans):
        assert time.monotonic() < patience_s, _what_happened(instance, spans, fills)
        time.sleep(0.2)
    found: dict[str, list[CollectedSpan]] = defaultdict(list)
    for span in spans:
        found[span.trace_id].append(span)
    return found


def _missing(spans: list[CollectedSpan], fills: int, signals: int) -> list[str]:
    """Say what has not arrived yet of every fill, every signal, and whatever began them.

    Each service exports in batches of its own, so a child may arrive before its parent.
    """
    known = {span.span_id for span in spans}
    counted = Counter(span.name for span in spans)
    missing = [
        f"{wanted} of '{name}', found {counted[name]}"
        for name, wanted in ((WAY[-1][1], fills), ("signals handle Bar", signals))
        if counted[name] < wanted
    ]
    return missing + [
        f"the parent of {span}"
        for span in spans
        if (span.service, span.name) in WAY
        and span.parent_span_id
        and span.parent_span_id not in known
    ]


def _what_happened(instance: Instance, spans: list[CollectedSpan], fills: int) -> str:
    """Say what is missing, and what the services themselves know of lost spans."""
    missing = _missing(spans, fills, instance.published("signals/demo/0", "Signal"))
    lines = [f"expected {line}" for line in missing[:5]]
    for service in SERVICES:
        metrics = instance.metrics(service).splitlines()
        lines += [f"{service}: {line}" for line in metrics if line.startswith("tidegate_spans")]
        logged = [line for line in instance.log_lines(service) if '"warning"' in line]
        lines += [f"{service}: {line}" for line in logged[-3:]]
    return "\n".join(lines)


def _way_to(span: CollectedSpan, by_id: dict[str, CollectedSpan]) -> tuple[tuple[str, str], ...]:
    way = [(span.service, span.name)]
    while span.parent_span_id:
        span = by_id[span.parent_span_id]
        way.append((span.service, span.name))
    return tuple(reversed(way))


def test_every_fill_is_traced_back_to_the_bar_that_caused_it(
    traces: dict[str, list[CollectedSpan]],
) -> None:
    """Bar, signal, verdict, order, fill and booking are parent and child across five services."""
    booked = 0
    for spans in traces.values():
        by_id = {span.span_id: span for span in spans}
        for span in spans:
            if (span.service, span.name) == WAY[-1]:
                assert _way_to(span, by_id) == WAY
                assert "LedgerEntry" in span.attributes["tidegate.published"]
                booked += 1
    assert booked > 0


def test_parents_begin_before_their_children(traces: dict[str, list[CollectedSpan]]) -> None:
    """On one machine with one clock, no effect comes before its cause."""
    for spans in traces.values():
        by_id = {span.span_id: span for span in spans}
        for span in spans:
            parent = by_id.get(span.parent_span_id, span)
            assert parent.start_ns <= span.end_ns, (parent, span)


def test_a_bar_that_causes_a_signal_is_always_kept(
    traced: Watched, traces: dict[str, list[CollectedSpan]]
) -> None:
    """Every signal's trace has arrived, with the bar that began it."""
    signals = traced.instance.published("signals/demo/0", "Signal")
    began = [
        spans for spans in traces.values() if any(s.name == "signals handle Bar" for s in spans)
    ]
    assert sum(s.name == "signals handle Bar" for spans in began for s in spans) == signals
    assert all(any((s.service, s.name) == BAR for s in spans) for spans in began)


def test_bars_that_cause_nothing_are_sampled(
    traced: Watched, traces: dict[str, list[CollectedSpan]]
) -> None:
    """Of the bars that caused no signal, fill or order about one in N is kept, chosen by its id."""
    bars = traced.instance.published("market-data/replay-demo", "Bar")
    eventful = {
        trace
        for trace, spans in traces.items()
        if any(s.service in {"signals", "execution"} for s in spans)
    }
    idle = {
        trace
        for trace, spans in traces.items()
        if trace not in eventful and any((s.service, s.name) == BAR for s in spans)
    }
    assert idle
    assert all(int(trace[16:], 16) % TRACE_ONE_IN == 0 for trace in idle)
    assert len(idle) < (bars - len(eventful)) / 2
