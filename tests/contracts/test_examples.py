"""The golden examples: bytes that older programs wrote must always be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.protobuf import json_format

from tidegate_contracts import codec

if TYPE_CHECKING:
    from pathlib import Path


def test_every_message_has_an_example(proto: Path) -> None:
    """As JSON that people read and as bytes, and nothing else lies there."""
    found = sorted(path.name for path in (proto / "examples").iterdir())
    assert found == sorted(f"{s}.{kind}" for s in codec.SCHEMAS for kind in ("binpb", "json"))


@pytest.mark.parametrize("schema", codec.SCHEMAS)
def test_examples_decode_to_what_their_json_says(proto: Path, schema: str) -> None:
    """Protobuf's own reader of JSON and our codec agree on every value and byte."""
    payload = (proto / "examples" / f"{schema}.binpb").read_bytes()
    wire = codec.wire_class(schema)()
    json_format.Parse((proto / "examples" / f"{schema}.json").read_text(), wire)
    body = codec.decode(schema, payload)
    assert wire.SerializeToString() == payload
    assert codec.encode(body) == payload


@pytest.mark.parametrize("schema", codec.SCHEMAS)
def test_examples_use_every_field(proto: Path, schema: str) -> None:
    """A field that no example shows is a field that no test reads."""
    wire = codec.wire_class(schema)()
    json_format.Parse((proto / "examples" / f"{schema}.json").read_text(), wire)
    unused = {field.name for field in wire.DESCRIPTOR.fields} - {
        field.name for field, _ in wire.ListFields()
    }
    assert unused <= ALTERNATIVES.get(schema, set())


ALTERNATIVES = {
    # An approved verdict has no refusal, a strategy asked, and nothing went wrong with the order.
    "tidegate.risk.v1.Verdict": {"refusal", "principal", "reason", "exact"},
    "tidegate.execution.v1.OrderEvent": {
        "reason_code",
        "reason",
        # The example is older than these.
        "arrival_price",
        "market_price",
        "sends",
        # It is about one symbol.
        "legs_filled",
    },
    # An entry at a limit; the example is older than stop entries and entries in slices.
    "tidegate.signals.v1.Signal": {
        "trigger_price",
        "time_in_force",
        "valid_for_ns",
        "post_only",
        "algorithm",
        "display_fraction",
        "extended_hours",
        "legs",
    },
    # An entry at a limit, and an example that is older than its stops and the later order types.
    "tidegate.execution.v1.OrderSpecification": {
        "reduce_only",
        "stop_price",
        "take_profit_price",
        "trigger_price",
        "trail_amount",
        "trail_percent",
        "expires_at_ns",
        "post_only",
        "oco_group",
        "algorithm",
        "legs",
        "extended_hours",
    },
    # Executions and orders of one symbol.
    "tidegate.execution.v1.VenueExecution": {"symbol"},
    "tidegate.execution.v1.VenueOrder": {"legs_filled"},
    "tidegate.execution.v1.VenueReport": {"legs_filled"},
    # The example is older than slicing and legs.
    "tidegate.risk.v1.PlaceOrder": {"algorithm", "legs", "extended_hours"},
    # The example is older than these fields, and a share is no option.
    "tidegate.market.v1.Instrument": {
        "max_quantity",
        "open_intervals",
        "option",
        "greeks",
        "extended_intervals",
    },
    # An entry that is sent alone.
    "tidegate.execution.v1.SubmitOrder": {"exits"},
    "tidegate.risk.v1.GateAnswer": {"accepted"},
    # A reconciled account has nothing to explain.
    "tidegate.execution.v1.Reconciliation": {"reason"},
    # The examples are older than these fields, and their bytes stay what they were.
    "tidegate.risk.v1.GateEvent": {"requested_level", "breaker_session"},
    "tidegate.risk.v1.RequestLowering": {"seen_epoch"},
    "tidegate.alerts.v1.AlertDelivered": {"delivered"},
    # The examples are older than what a venue books by itself.
    "tidegate.execution.v1.QueryAccount": {"entries_since_ns"},
    "tidegate.execution.v1.VenueAccount": {"entries"},
    "tidegate.execution.v1.AdjustAccount": {"entry_id"},
    # The example is older than account entries.
    "tidegate.portfolio.v1.AccountSnapshot": {"transfers"},
}
