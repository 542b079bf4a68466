"""The process's Prometheus metrics, made from their declarations."""

from __future__ import annotations

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from tidegate_chassis.telemetry.names import ALL, Kind, Metric

_Made = Counter | Gauge | Histogram


class Metrics:
    """Counts, sets and observes declared metrics; label values in the order of the declaration."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Make every declared metric, so that each one is there from the start."""
        self.registry = registry or CollectorRegistry()
        self._made = {metric: _make(metric, self.registry) for metric in ALL}
        self._children: dict[tuple[Metric, tuple[str, ...]], _Made] = {}

    def count(self, metric: Metric, labels: tuple[str, ...] = (), amount: float = 1.0) -> None:
        """Add to a counter."""
        child = self._child(metric, labels)
        assert isinstance(child, Counter), f"expected a counter, found {metric}"
        child.inc(amount)

    def set(self, metric: Metric, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge."""
        child = self._child(metric, labels)
        assert isinstance(child, Gauge), f"expected a gauge, found {metric}"
        child.set(value)

    def observe(self, metric: Metric, value: float, labels: tuple[str, ...] = ()) -> None:
        """Add one observation to a histogram."""
        child = self._child(metric, labels)
        assert isinstance(child, Histogram), f"expected a histogram, found {metric}"
        child.observe(value)

    def value(self, metric: Metric, labels: tuple[str, ...] = ()) -> float:
        """Return a counter's or gauge's value, or a histogram's count; for tests and status."""
        suffix = "_count" if metric.kind is Kind.HISTOGRAM else ""
        named = dict(zip(metric.labels, labels, strict=True))
        return self.registry.get_sample_value(metric.name + suffix, named) or 0.0

    def render(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)

    def _child(self, metric: Metric, labels: tuple[str, ...]) -> _Made:
        key = (metric, labels)
        child = self._children.get(key)
        if child is None:
            made = self._made[metric]
            child = made.labels(*labels) if metric.labels else made
            self._children[key] = child
        return child


def _make(metric: Metric, registry: CollectorRegistry) -> _Made:
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind is Kind.GAUGE:
        return Gauge(metric.name, metric.help, metric.labels, registry=registry)
    return Histogram(
        metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets
    )


def _process_metrics() -> Metrics:
    metrics = Metrics()
    ProcessCollector(registry=metrics.registry)
    PlatformCollector(registry=metrics.registry)
    return metrics


PROCESS: Final = _process_metrics()
"""The metrics of this process: what ``/metrics`` shows."""
