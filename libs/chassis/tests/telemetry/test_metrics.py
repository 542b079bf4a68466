"""Metrics and their names."""

from __future__ import annotations

import re

import pytest

from tidegate_chassis.telemetry import PROCESS, Metrics, names
from tidegate_chassis.telemetry.names import ALL, Kind, Metric

UNITS = ("_seconds", "_rows", "_inputs", "_ratio", "_account_currency")
WITHOUT_UNIT = {
    "tidegate_shard_running",
    "tidegate_shard_term",
    "tidegate_gate_level",
    "tidegate_venue_budget_shared",
    "tidegate_gate_epoch",
}
TOO_MANY_VALUED = {"symbol", "order", "path", "trace_id", "message_id", "signal"}


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_name_says_what_is_measured_and_in_what(metric: Metric) -> None:
    """Counters end in _total, others in their unit; labels are few-valued; help is a sentence."""
    assert re.fullmatch(r"tidegate_[a-z_]+", metric.name)
    if metric.kind is Kind.COUNTER:
        assert metric.name.endswith("_total")
    else:
        assert metric.name.endswith(UNITS) or metric.name in WITHOUT_UNIT
    assert not TOO_MANY_VALUED & set(metric.labels) or metric is names.KILL_SECONDS
    assert metric.help.endswith(".")
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_every_name_is_declared_once() -> None:
    """Two metrics never share a name."""
    assert len({metric.name for metric in ALL}) == len(ALL)
    assert len(ALL) > 30


def test_each_kind_is_measured_and_shown() -> None:
    """A counter adds, a gauge is set, a histogram counts, and all three are in the text."""
    metrics = Metrics()
    metrics.count(names.SHARD_INPUTS, ("risk/demo", "message"))
    metrics.count(names.SHARD_INPUTS, ("risk/demo", "message"), 2)
    metrics.set(names.OUTBOX_ROWS, 7, ("risk/demo",))
    metrics.observe(names.COMMIT_SECONDS, 0.002, ("risk/demo",))
    assert metrics.value(names.SHARD_INPUTS, ("risk/demo", "message")) == 3
    assert metrics.value(names.OUTBOX_ROWS, ("risk/demo",)) == 7
    assert metrics.value(names.COMMIT_SECONDS, ("risk/demo",)) == 1
    text = metrics.render().decode()
    assert 'tidegate_shard_inputs_total{kind="message",shard="risk/demo"} 3.0' in text
    assert 'tidegate_outbox_rows{shard="risk/demo"} 7.0' in text
    assert "tidegate_commit_seconds_bucket" in text


def test_a_metric_is_used_as_its_kind() -> None:
    """Setting a counter is a programmer's error."""
    metrics = Metrics()
    with pytest.raises(AssertionError, match="expected a gauge"):
        metrics.set(names.SNAPSHOTS, 1, ("risk/demo",))


def test_labels_must_be_complete() -> None:
    """A missing label is a programmer's error."""
    with pytest.raises(ValueError, match="label"):
        Metrics().count(names.SHARD_INPUTS, ("risk/demo",))


def test_the_process_tells_its_memory_and_files() -> None:
    """The usual process metrics are there too."""
    assert "process_resident_memory_bytes" in PROCESS.render().decode()
