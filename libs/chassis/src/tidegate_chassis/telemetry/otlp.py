"""Our spans as OpenTelemetry's, written by its real OTLP exporter.

No global tracer provider is set: libraries that trace by themselves stay quiet.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link as OtelLink, SpanContext, TraceFlags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.telemetry.sampling import Span

_SCOPE = InstrumentationScope("tidegate")
# Failures are counted and told once by us, not once per batch.
logging.getLogger("opentelemetry.exporter.otlp").setLevel(logging.CRITICAL)


class OtlpWriter:
    """Writes batches of spans to one collector."""

    def __init__(self, service: str, instance: str, url: str, timeout_s: float) -> None:
        """Name the resource that all spans belong to; nothing is sent yet."""
        self._resource = Resource(
            {
                "service.name": service,
                "service.namespace": "tidegate",
                "service.instance.id": instance,
            }
        )
        self._exporter = OTLPSpanExporter(endpoint=url, timeout=timeout_s)

    def write(self, spans: Sequence[Span]) -> bool:
        """Send a batch; tell whether the collector took it."""
        result = self._exporter.export([self._readable(span) for span in spans])
        return result is SpanExportResult.SUCCESS

    def close(self) -> None:
        """Give up waiting for the collector."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _readable(self, span: Span) -> ReadableSpan:
        parent = span.parent_span_id
        return ReadableSpan(
            name=span.name,
            context=_context(span.trace_id, span.span_id),
            parent=_context(span.trace_id, parent) if parent else None,
            resource=self._resource,
            attributes=span.attributes,
            links=[OtelLink(_context(link.trace_id, link.span_id)) for link in span.links],
            start_time=span.start_ns,
            end_time=span.end_ns,
            instrumentation_scope=_SCOPE,
        )


def _context(trace_id: bytes, span_id: bytes) -> SpanContext:
    return SpanContext(
        int.from_bytes(trace_id),
        int.from_bytes(span_id),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
