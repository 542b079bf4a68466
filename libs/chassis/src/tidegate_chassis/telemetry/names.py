"""The names of everything that is measured: a contract with dashboards, alerts and tests.

A metric exists only when it is declared here. Names end in their unit, or in ``_total`` for a
counter; labels are few-valued, so never a symbol, an order or a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """How a metric behaves, in Prometheus's words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One declared metric. ``buckets`` are a histogram's upper bounds."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


# From a codec's microseconds to a stalled disk's seconds.
LATENCY_BUCKETS_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.008, 0.013, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
BATCH_BUCKETS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, Kind.COUNTER, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, Kind.GAUGE, text, labels)


def _latency(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, text, labels, LATENCY_BUCKETS_S)


# The host: shards, journal, channels.
SHARD_RUNNING: Final = _gauge(
    "tidegate_shard_running", "1 while this process leads the shard and handles inputs.", "shard"
)
SHARD_TERM: Final = _gauge("tidegate_shard_term", "The term under which the shard is led.", "shard")
SHARD_INPUTS: Final = _counter(
    "tidegate_shard_inputs_total", "Inputs handled and committed.", "shard", "kind"
)
SHARD_MESSAGES: Final = _counter(
    "tidegate_shard_messages_total", "Messages decided and published.", "shard", "schema"
)
SHARD_RESTARTS: Final = _counter(
    "tidegate_shard_restarts_total", "Times that the shard was started here.", "shard"
)
COMMIT_SECONDS: Final = _latency(
    "tidegate_commit_seconds", "Time of one journal transaction.", "shard"
)
COMMIT_INPUTS: Final = Metric(
    "tidegate_commit_inputs",
    Kind.HISTOGRAM,
    "Inputs that shared one journal transaction.",
    ("shard",),
    BATCH_BUCKETS,
)
OUTBOX_ROWS: Final = _gauge(
    "tidegate_outbox_rows", "Published messages that the stream has not confirmed.", "shard"
)
OUTBOX_AGE_SECONDS: Final = _gauge(
    "tidegate_outbox_age_seconds", "Age of the oldest message not confirmed.", "shard"
)
SNAPSHOTS: Final = _counter("tidegate_snapshots_total", "Snapshots written.", "shard")
ROUNDS: Final = _counter("tidegate_rounds_total", "Rounds of instants played.", "shard")
MESSAGES_REFUSED: Final = _counter(
    "tidegate_messages_refused_total", "Messages dropped at receipt, by reason.", "reason"
)
BUS_RECONNECTS: Final = _counter("tidegate_bus_reconnects_total", "Reconnections to NATS.")
BUS_VIOLATIONS: Final = _counter(
    "tidegate_bus_violations_total", "Publications or subscriptions that NATS did not permit."
)

# Trading.
BARS: Final = _counter("tidegate_bars_total", "Bars published.", "feed")
SIGNALS: Final = _counter("tidegate_signals_total", "Signals published.", "session", "strategy")
VERDICTS: Final = _counter(
    "tidegate_verdicts_total", "Verdicts by outcome; approved has no code.", "session", "code"
)
ORDERS: Final = _counter(
    "tidegate_orders_total", "Orders that reached a state.", "session", "state"
)
FILLS: Final = _counter("tidegate_fills_total", "Fills booked.", "session")
QUALITY_FILL_RATIO: Final = _gauge(
    "tidegate_execution_fill_ratio",
    "Value executed of the value ordered, 0 to 1.",
    *("session", "venue", "strategy"),
)
QUALITY_REJECT_RATIO: Final = _gauge(
    "tidegate_execution_reject_ratio",
    "Orders that the venue rejected, of those sent.",
    *("session", "venue", "strategy"),
)
QUALITY_FILL_SECONDS: Final = _gauge(
    "tidegate_execution_fill_delay_seconds",
    "Mean time from a decision to its executions.",
    *("session", "venue", "strategy"),
)
QUALITY_SHORTFALL_RATIO: Final = _gauge(
    "tidegate_execution_shortfall_ratio",
    "Implementation shortfall, of the value ordered.",
    *("session", "venue", "strategy"),
)
QUALITY_SLIPPAGE_RATIO: Final = _gauge(
    "tidegate_execution_slippage_beyond_model_ratio",
    "Slippage of market orders less the model's, of the value executed.",
    *("session", "venue", "strategy"),
)
QUALITY_STRUCTURE_FILL_RATIO: Final = _gauge(
    "tidegate_execution_structure_fill_ratio",
    "Whole structures executed of those ordered by orders with legs, 0 to 1.",
    *("session", "venue", "strategy"),
)
QUALITY_STRUCTURE_FILL_SECONDS: Final = _gauge(
    "tidegate_execution_structure_fill_delay_seconds",
    "Mean time from a decision until a structure's last leg is executed.",
    *("session", "venue", "strategy"),
)
QUALITY_STRUCTURE_SHORTFALL: Final = _gauge(
    "tidegate_execution_structure_shortfall_account_currency",
    "Implementation shortfall in money for each structure ordered.",
    *("session", "venue", "strategy"),
)
REQUESTS_WITHHELD: Final = _counter(
    "tidegate_requests_withheld_total", "Requests that provably did not leave.", "shard", "code"
)
REQUEST_SECONDS: Final = _latency(
    "tidegate_request_seconds", "Time of a request to what is outside.", "port", "outcome"
)
EQUITY: Final = _gauge(
    "tidegate_equity_account_currency", "Equity of the account in its currency.", "session"
)
DRAWDOWN: Final = _gauge(
    "tidegate_drawdown_ratio", "Fall from the highest equity, 0 to 1.", "session"
)
ALERTS: Final = _counter("tidegate_alerts_total", "Alerts raised.", "session", "severity")
ALERT_FAILURES: Final = _counter(
    "tidegate_alert_delivery_failures_total", "Deliveries that failed.", "channel"
)

# The gate.
GATE_LEVEL: Final = _gauge(
    "tidegate_gate_level", "Level set in a scope: 1 OPEN to 5 LOCKED.", "scope"
)
GATE_EPOCH: Final = _gauge("tidegate_gate_epoch", "The last raise that is known.")
BREAKERS: Final = _counter(
    "tidegate_breakers_total",
    "Changes of breakers by the state that they reached.",
    "session",
    "breaker",
    "state",
)
HEARTBEAT_AGE_SECONDS: Final = _gauge(
    "tidegate_heartbeat_age_seconds", "Age of risk's last heartbeat.", "session"
)
CLOCK_OFFSET_SECONDS: Final = _gauge(
    "tidegate_clock_offset_seconds",
    "Our clock against risk's, its heartbeat's way included.",
    "session",
)
KILL_SECONDS: Final = _latency(
    "tidegate_kill_seconds", "From receipt of a kill until sending had stopped.", "path"
)

# Rate budgets of accounts at their venues.
VENUE_BUDGET_SHARED: Final = _gauge(
    "tidegate_venue_budget_shared",
    "1 while all processes of an account spend from one budget, 0 while each counts alone.",
    "account",
)
VENUE_BUDGET_EXHAUSTED: Final = _counter(
    "tidegate_venue_budget_exhausted_total", "Requests that the budget has kept back.", "account"
)

# HTTP and telemetry itself.
HTTP_REQUESTS: Final = _counter(
    "tidegate_http_requests_total", "Requests answered.", "method", "route", "status"
)
HTTP_REQUEST_SECONDS: Final = _latency(
    "tidegate_http_request_seconds", "Time until a request was answered.", "method", "route"
)
SPANS: Final = _counter("tidegate_spans_total", "Spans by what became of them.", "outcome")


class SpanOutcome(Enum):
    """What became of a span: the label ``outcome`` of `SPANS`."""

    EXPORTED = "exported"
    EXPIRED = "expired"
    OVERFLOWED = "overflowed"
    FAILED = "failed"


class Attribute:
    """The names of span attributes and log fields."""

    SERVICE: Final = "service.name"
    SHARD: Final = "tidegate.shard"
    SESSION: Final = "tidegate.session"
    MESSAGE_ID: Final = "tidegate.message_id"
    SUBJECT: Final = "tidegate.subject"
    PUBLISHED: Final = "tidegate.published"
    SAMPLED_BY: Final = "tidegate.sampled_by"


ALL: Final[tuple[Metric, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
