# Generated from proto/tidegate/signals/v1/signals.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.signals`."""

from typing import Any

from tidegate_contracts._wire.checks import (
    Codec,
    Members,
    decimal_of,
    decimal_or_zero,
    decimal_text,
    finite,
)
from tidegate_contracts._wire.execution import (
    read_execution_algorithm,
    read_order_leg,
    write_execution_algorithm,
    write_order_leg,
)
from tidegate_contracts.execution import TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle, Signal

_DIRECTION = Members(Direction)
_ENTRY_STYLE = Members(EntryStyle)
_TIME_IN_FORCE = Members(TimeInForce)


def write_signal(wire: Any, body: Signal) -> None:
    """Fill a wire message from a `Signal`."""
    wire.session = body.session
    wire.strategy = body.strategy
    wire.feed = body.feed
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.event_at_ns = body.event_at_ns
    wire.ordinal = body.ordinal
    wire.direction = body.direction
    wire.strength = finite(body.strength, "strength")
    wire.confidence = finite(body.confidence, "confidence")
    wire.horizon_ns = body.horizon_ns
    wire.entry_style = body.entry_style
    wire.reference_price = decimal_text(body.reference_price, "reference_price")
    if body.limit_price is not None:
        wire.limit_price = decimal_text(body.limit_price, "limit_price")
    if body.stop_distance is not None:
        wire.stop_distance = decimal_text(body.stop_distance, "stop_distance")
    wire.model_version = body.model_version
    wire.reasons.extend(body.reasons)
    if body.trigger_price is not None:
        wire.trigger_price = decimal_text(body.trigger_price, "trigger_price")
    wire.time_in_force = body.time_in_force
    wire.valid_for_ns = body.valid_for_ns
    wire.post_only = body.post_only
    if body.algorithm is not None:
        wire.algorithm.SetInParent()
        write_execution_algorithm(wire.algorithm, body.algorithm)
    if body.display_fraction is not None:
        wire.display_fraction = decimal_text(body.display_fraction, "display_fraction")
    wire.extended_hours = body.extended_hours
    for order_leg in body.legs:
        write_order_leg(wire.legs.add(), order_leg)


def read_signal(wire: Any) -> Signal:
    """Make a `Signal` from a wire message."""
    return Signal(
        session=wire.session,
        strategy=wire.strategy,
        feed=wire.feed,
        venue=wire.venue,
        symbol=wire.symbol,
        event_at_ns=wire.event_at_ns,
        ordinal=wire.ordinal,
        direction=_DIRECTION[wire.direction],
        strength=finite(wire.strength, "strength"),
        confidence=finite(wire.confidence, "confidence"),
        horizon_ns=wire.horizon_ns,
        entry_style=_ENTRY_STYLE[wire.entry_style],
        reference_price=decimal_or_zero(wire.reference_price, "reference_price"),
        limit_price=decimal_of(wire.limit_price, "limit_price")
        if wire.HasField("limit_price")
        else None,
        stop_distance=decimal_of(wire.stop_distance, "stop_distance")
        if wire.HasField("stop_distance")
        else None,
        model_version=wire.model_version,
        reasons=tuple(wire.reasons),
        trigger_price=decimal_of(wire.trigger_price, "trigger_price")
        if wire.HasField("trigger_price")
        else None,
        time_in_force=_TIME_IN_FORCE[wire.time_in_force],
        valid_for_ns=wire.valid_for_ns,
        post_only=wire.post_only,
        algorithm=read_execution_algorithm(wire.algorithm) if wire.HasField("algorithm") else None,
        display_fraction=decimal_of(wire.display_fraction, "display_fraction")
        if wire.HasField("display_fraction")
        else None,
        extended_hours=wire.extended_hours,
        legs=tuple([read_order_leg(item) for item in wire.legs]),
    )


CODECS: tuple[Codec, ...] = (
    Codec(Signal, "tidegate.signals.v1.Signal", write_signal, read_signal),
)
