"""The header of W3C Trace Context."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.telemetry import (
    TraceContext,
    format_traceparent,
    new_span_id,
    new_trace_id,
    parse_traceparent,
)

NOT_ZERO_16 = st.binary(min_size=16, max_size=16).filter(any)
NOT_ZERO_8 = st.binary(min_size=8, max_size=8).filter(any)
EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@given(NOT_ZERO_16, NOT_ZERO_8, st.booleans())
def test_what_is_written_is_read(trace_id: bytes, span_id: bytes, sampled: bool) -> None:  # noqa: FBT001 - given by hypothesis
    """Any context survives the header."""
    context = TraceContext(trace_id, span_id, sampled)
    assert parse_traceparent(format_traceparent(context)) == context


def test_the_example_of_the_specification_is_read() -> None:
    """W3C Trace Context, section 3.2.3."""
    context = parse_traceparent(EXAMPLE)
    assert context is not None
    assert context.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert context.span_id.hex() == "00f067aa0ba902b7"
    assert context.is_sampled


def test_a_later_version_with_more_fields_is_read() -> None:
    """Section 4.3: unknown versions are parsed by their first four fields."""
    assert parse_traceparent(EXAMPLE.replace("00-", "cc-", 1) + "-what") is not None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        EXAMPLE[:-1],
        EXAMPLE + "-what",
        EXAMPLE.upper(),
        EXAMPLE.replace("00-", "ff-", 1),
        EXAMPLE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        EXAMPLE.replace("00f067aa0ba902b7", "0" * 16),
        EXAMPLE.replace("4bf9", "4b-9"),
        EXAMPLE.replace("4bf9", "4bg9"),
    ],
)
def test_an_invalid_header_is_none(text: str | None) -> None:
    """What W3C calls invalid starts no trace and raises nothing."""
    assert parse_traceparent(text) is None


@given(st.text(max_size=70))
def test_no_text_raises(text: str) -> None:
    """A stranger's header cannot stop a service."""
    parse_traceparent(text)


def test_ids_follow_from_the_message() -> None:
    """A second run after a crash gives a message the same trace and span."""
    assert new_trace_id("market-data/demo:1:7.0") == new_trace_id("market-data/demo:1:7.0")
    assert new_trace_id("a") != new_trace_id("b")
    assert len(new_trace_id("a")) == 16
    assert len(new_span_id("a")) == 8
