"""Spans of inputs: whose child each is, and which traces are worth keeping."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tidegate_chassis.host.engine import Bookkeeping, Engine, Taken
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_chassis.host.tracer import Tracer
from tidegate_chassis.telemetry.sampling import SamplingLimits
from tidegate_chassis.telemetry.tracing import Tracing
from tidegate_contracts.execution import Fill, OrderEvent, OrderSpecification
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_kernel.machine import Publish

from .toys import Toy, ToyParameters, bar_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.shard import Shard
    from tidegate_chassis.testing.collector import CollectedSpan, SpanCollector
    from tidegate_kernel.machine import Body, Effect, Event

BAR_CONTEXT = f"00-{'ab' * 16}-{'cd' * 8}-00"
KEY = "toy/trend/AAA/1/0"
ORDER = OrderEvent(
    session="toy", strategy="trend", signal_key=KEY, specification=OrderSpecification(symbol="AAA")
)
FILL = Fill(session="toy", strategy="trend", signal_key=KEY, symbol="AAA")


class Echo(Toy):
    """Publishes whatever a test has laid out for the next input."""

    answer: Sequence[Body] = ()

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Publish it."""
        return [Publish(body) for body in self.answer]


class Scene:
    """One shard whose inputs are traced and sent to a collector."""

    def __init__(self, collector: SpanCollector) -> None:
        self._machine = Echo(ToyParameters(), 0)
        self._engine = Engine("portfolio/toy", self._machine, Bookkeeping(), frozenset())
        definition = SimpleNamespace(shard="portfolio/toy")
        self._shard = cast("Shard", SimpleNamespace(definition=definition, term=1, commit_ns=0))
        self.tracing = Tracing("portfolio", collector.endpoint, SamplingLimits(one_in=0))
        self._tracer = Tracer("portfolio", self.tracing)

    def take(self, *published: Body, context: str = BAR_CONTEXT) -> tuple[Taken, str]:
        """Handle one bar that brings these messages about; return it and the context it gives."""
        self._machine.answer = published
        item = Input(InputKind.MESSAGE, bar_at(1), traceparent=context)
        taken = self._engine.take(item, 1)
        carried = self._tracer.traceparent(self._shard, taken, f"portfolio/toy:1:{taken.row.n}.0")
        self._tracer.inputs(self._shard, [taken], 1, 2)
        return taken, carried


@pytest.fixture
def scene(collector: SpanCollector) -> Any:  # noqa: ANN401 - a generator of one
    """Give a scene whose export ends with the test."""
    made = Scene(collector)
    yield made
    made.tracing.close()


def _arrived(scene: Scene, collector: SpanCollector) -> list[CollectedSpan]:
    assert scene.tracing.flush()
    return collector.spans


def test_an_order_continues_the_trace_of_its_cause(scene: Scene, collector: SpanCollector) -> None:
    """The input that decides it is a child of its cause, not of itself."""
    scene.take(ORDER)
    (span,) = _arrived(scene, collector)
    assert (span.trace_id, span.parent_span_id) == ("ab" * 16, "cd" * 8)


def test_a_later_fill_belongs_to_its_orders_trace(scene: Scene, collector: SpanCollector) -> None:
    """Whatever bar filled it: the parent is the input that decided the order."""
    _, carried = scene.take(ORDER)
    scene.take(FILL, context=f"00-{'11' * 16}-{'22' * 8}-00")
    decided, filled = _arrived(scene, collector)
    assert filled.trace_id == decided.trace_id
    assert filled.parent_span_id == decided.span_id == carried[36:52]


def test_marks_alone_keep_no_trace(scene: Scene, collector: SpanCollector) -> None:
    """An account that was marked to a price is nothing that somebody will look for."""
    scene.take(AccountSnapshot(session="toy", account="toy"))
    assert _arrived(scene, collector) == []
    scene.take(AccountSnapshot(session="toy", account="toy"), ORDER)
    assert len(_arrived(scene, collector)) == 2
