from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from tidegate_chassis.recorded.errors import NotRecorded
from tidegate_contracts import codec
from tidegate_contracts.execution import Fill, OrderEvent
from tidegate_kernel.money import plain
from tidegate_lab.replay.explain import BARS_SHOWN, Explainer
from tidegate_lab.testing import SESSION, MemoryRecording, record, toy_configuration

if TYPE_CHECKING:
    from pathlib import Path

EXECUTION = f"execution/{SESSION}"


def _orders(recording: MemoryRecording) -> list[OrderEvent]:
    bodies = (message.body for message in recording.said[EXECUTION])
    return [body for body in bodies if isinstance(body, OrderEvent)]


def test_an_order_is_explained_from_its_fills_back_to_its_bars(recording: MemoryRecording) -> None:
    """Every link is there, and each quotes the one before it."""
    order = _orders(recording)[0].specification
    fill = next(
        message.body
        for message in recording.said[EXECUTION]
        if isinstance(message.body, Fill) and message.body.client_order_id == order.client_order_id
    )
    found = Explainer(recording, SESSION).explain(order.client_order_id)
    assert [each["price"] for each in found.fills] == [plain(fill.price)]
    assert found.fills[0]["bar"]["symbol"] == order.symbol
    assert {e["reason"] for e in found.fills[0]["ledger"]} >= {"TRADE", "FEE"}
    assert found.order is not None
    states = [event["state"] for event in found.order["events"]]
    assert states == ["PENDING", "SUBMITTING", "WORKING", "FILLED"]
    assert found.verdict is not None
    numbers = {each["name"]: each["value"] for each in found.verdict["numbers"]}
    assert numbers["quantity"] == plain(order.quantity)
    assert found.signal is not None
    assert found.signal["reasons"]
    assert found.signal["reference_price"] == found.bars[-1]["close"] == numbers["price"]
    assert found.features is not None
    assert found.features["state"]["target"] == found.signal["direction"]
    assert len(found.bars) == BARS_SHOWN
    assert [cause.name for cause in found.causes] == ["Verdict", "Signal", "Bar", "FeedBatch"]


def test_a_unique_beginning_and_the_signals_key_mean_the_same_order(
    recording: MemoryRecording,
) -> None:
    """People copy what they see."""
    event = _orders(recording)[0]
    explainer = Explainer(recording, SESSION)
    whole = explainer.explain(event.specification.client_order_id)
    assert explainer.explain(event.specification.client_order_id[:12]) == whole
    assert explainer.explain(event.signal_key) == whole


def test_a_beginning_of_several_orders_is_refused(recording: MemoryRecording) -> None:
    """The error lists some of them."""
    order_id = _orders(recording)[0].specification.client_order_id
    with pytest.raises(NotRecorded, match=order_id):
        Explainer(recording, SESSION).explain("tg-")


@pytest.mark.parametrize("name", ["tg-nothing", "", "toy|trend|AAA|1|0"])
def test_an_unknown_order_is_an_error(recording: MemoryRecording, name: str) -> None:
    """It says what may be named."""
    with pytest.raises(NotRecorded, match="a client order id"):
        Explainer(recording, SESSION).explain(name)


def test_an_order_of_the_gate_has_neither_signal_nor_verdict(recording: MemoryRecording) -> None:
    """A flattening has no strategy's wish behind it: what is left is who caused the order."""
    said = recording.said[EXECUTION]
    place = next(i for i, message in enumerate(said) if isinstance(message.body, OrderEvent))
    body = msgspec.structs.replace(said[place].body, signal_key="")
    said[place] = msgspec.structs.replace(said[place], payload=codec.encode(body))
    order_id = _orders(recording)[0].specification.client_order_id
    found = Explainer(recording, SESSION).explain(order_id)
    assert (found.signal_key, found.verdict, found.signal, found.features) == ("", None, None, None)
    assert found.order is not None
    assert found.causes


def test_a_refused_signal_is_explained_up_to_its_refusal(tmp_path: Path) -> None:
    """There is no order; the verdict has the code and its numbers."""
    configuration = toy_configuration(tmp_path)
    session = configuration.sessions[0].model_copy(update={"limits": {"open_positions_max": 1}})
    recording = record(configuration.model_copy(update={"sessions": (session,)}))
    verdicts = [message.body for message in recording.said[f"risk/{SESSION}"]]
    refused = next(v for v in verdicts if v.refusal is not None)  # type: ignore[attr-defined]
    found = Explainer(recording, SESSION).explain(refused.signal_key)  # type: ignore[attr-defined]
    assert (found.order, found.fills, found.client_order_id) == (None, [], "")
    assert found.verdict is not None
    assert found.verdict["refusal"]["code"] == "OPEN_POSITIONS"
    assert found.bars
    assert [cause.name for cause in found.causes] == ["Signal", "Bar", "FeedBatch"]
