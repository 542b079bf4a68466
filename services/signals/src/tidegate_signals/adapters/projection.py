"""What queries see: a row for each signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import Row
from tidegate_contracts.signals import Signal
from tidegate_kernel.identifiers import signal_key
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_kernel.machine import Body


def project(body: Body) -> tuple[Row, ...]:
    """Turn a signal into its row, under its logical key."""
    if not isinstance(body, Signal):
        return ()
    return (Row("signal", _key(body), signal_document(body)),)


def signal_document(signal: Signal) -> dict[str, object]:
    """Describe a signal for queries; decimals as plain strings."""
    return {
        "key": _key(signal),
        "session": signal.session,
        "strategy": signal.strategy,
        "venue": signal.venue,
        "symbol": signal.symbol,
        "at": format_time(signal.event_at_ns),
        "event_at_ns": signal.event_at_ns,
        "ordinal": signal.ordinal,
        "direction": signal.direction.name,
        "strength": signal.strength,
        "confidence": signal.confidence,
        "entry_style": signal.entry_style.name,
        "reference_price": plain(signal.reference_price),
        "limit_price": _optional(signal.limit_price),
        "trigger_price": _optional(signal.trigger_price),
        "time_in_force": signal.time_in_force.name,
        "valid_for_ns": signal.valid_for_ns,
        "post_only": signal.post_only,
        "extended_hours": signal.extended_hours,
        "algorithm": _algorithm(signal),
        "stop_distance": _optional(signal.stop_distance),
        "legs": [
            {"symbol": leg.symbol, "side": leg.side.name, "ratio": leg.ratio} for leg in signal.legs
        ],
        "model_version": signal.model_version,
        "reasons": list(signal.reasons),
    }


def _key(signal: Signal) -> str:
    return signal_key(
        signal.session, signal.strategy, signal.symbol, signal.event_at_ns, signal.ordinal
    )


def _algorithm(signal: Signal) -> dict[str, object] | None:
    algorithm = signal.algorithm
    if algorithm is None:
        return None
    return {
        "kind": algorithm.kind.name,
        "duration_ns": algorithm.duration_ns,
        "slices": algorithm.slices,
        "participation": _optional(algorithm.participation),
        "display_fraction": _optional(signal.display_fraction),
    }


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
