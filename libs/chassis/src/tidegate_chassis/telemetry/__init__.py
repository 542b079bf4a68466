"""What a service says about itself: logs, metrics and traces, under names that are a contract."""

from tidegate_chassis.telemetry.logs import configure_logs
from tidegate_chassis.telemetry.metrics import PROCESS, Metrics
from tidegate_chassis.telemetry.traceparent import (
    TraceContext,
    format_traceparent,
    new_span_id,
    new_trace_id,
    parse_traceparent,
)
from tidegate_chassis.telemetry.tracing import Tracing, make_tracing

__all__ = [
    "PROCESS",
    "Metrics",
    "TraceContext",
    "Tracing",
    "configure_logs",
    "format_traceparent",
    "make_tracing",
    "new_span_id",
    "new_trace_id",
    "parse_traceparent",
]
