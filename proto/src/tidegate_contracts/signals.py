# Generated from proto/tidegate/signals/v1/signals.proto by `make generate`; do not edit.
"""Signals: what a strategy wants to hold."""

from decimal import Decimal
from enum import IntEnum

import msgspec

from tidegate_contracts.execution import ExecutionAlgorithm, OrderLeg, TimeInForce
from tidegate_kernel.money import ZERO


class Direction(IntEnum):
    """The position that a strategy wants."""

    UNSPECIFIED = 0
    LONG = 1
    FLAT = 2
    SHORT = 3


class EntryStyle(IntEnum):
    """How a resulting order should be placed."""

    UNSPECIFIED = 0
    """Never said, and refused by risk for whatever opens a position."""
    MARKET = 1
    LIMIT = 2
    STOP = 3
    """At the market from the moment at which it trades at the trigger or beyond it."""
    STOP_LIMIT = 4
    """With a limit from that moment."""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy's wish for one symbol, or for several options on it at once.

    Its logical key is (session, strategy, symbol, event_at_ns, ordinal).
    """

    session: str = ""
    strategy: str = ""
    """The strategy instance, unique in its session."""
    feed: str = ""
    venue: str = ""
    symbol: str = ""
    event_at_ns: int = 0
    """Event time of the bar that caused the signal (its end), UTC."""
    ordinal: int = 0
    """Counts several signals of one strategy, symbol and event time, from 0."""
    direction: Direction = Direction.UNSPECIFIED
    strength: float = 0.0
    """Strength of conviction in (0, 1], rounded to 6 decimals."""
    confidence: float = 0.0
    """Calibrated confidence in [0, 1], rounded to 6 decimals; 1 when the strategy states none."""
    horizon_ns: int = 0
    """How long the signal is meant to hold; 0 when open-ended."""
    entry_style: EntryStyle = EntryStyle.UNSPECIFIED
    reference_price: Decimal = ZERO
    """The price on which the decision was made, in quote currency."""
    limit_price: Decimal | None = None
    """For limit and stop-limit entries: the wanted limit price.

    Of a stop-limit it lies at the trigger or beyond it, above for LONG and below for SHORT. With
    legs: the net price of a structure, of any sign.
    """
    stop_distance: Decimal | None = None
    """Distance from the reference price to the protective stop; absent when the strategy has none.
    """
    model_version: str = ""
    """Name and parameters' hash of what produced the signal."""
    reasons: tuple[str, ...] = ()
    """Why, in words and numbers, most important first."""
    trigger_price: Decimal | None = None
    """For stop and stop-limit entries: where the order begins to work, beyond the reference price:
    above it for LONG, below it for SHORT.
    """
    time_in_force: TimeInForce = TimeInForce.UNSPECIFIED
    """How long the order may work; unspecified: until it is cancelled."""
    valid_for_ns: int = 0
    """Of GTD: how long after `event_at_ns` what is left of the order expires; 0 otherwise."""
    post_only: bool = False
    """Of limit entries: rejected rather than filled at once as a taker."""
    algorithm: ExecutionAlgorithm | None = None
    """Of entries at the market or at a limit: how execution cuts the order into slices; absent: it is
    sent whole. It has no display_quantity, for the order's size is not known yet.
    """
    display_fraction: Decimal | None = None
    """Of ICEBERG: the share of the order that is open at a time, above 0 and below 1."""
    extended_hours: bool = False
    """Of limit entries: the order also works before and after the regular session.

    Of FLAT: outside of the regular session it closes with such an order too, at a limit.
    """
    legs: tuple[OrderLeg, ...] = ()
    """Of a structure of options on the symbol: what one of it holds.

    LONG opens it and FLAT closes it, both with the legs as they are held; whoever sells a structure
    turns its legs around.
    """
