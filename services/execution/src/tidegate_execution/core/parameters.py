"""What the execution machine is told once: its session, its caps, its venue's habits."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_execution.core.capabilities import VenueKind, venue_kind_of
from tidegate_kernel.time import NS_PER_SECOND

PAPER = "paper"
"""The venue inside; every other is asked what it has booked by itself."""


class VenueModel(msgspec.Struct, frozen=True):
    """How a venue treats client order ids: what decides how an UNKNOWN order is resolved."""

    # True: an id counts for ever, so sending it again can never make a second order (Alpaca,
    # paper). False: only among open orders, so after a fill it would (Binance): never resend.
    ids_unique_for_ever: bool
    # "Not found" ends an order only this long after it was sent: the venue's receive window plus
    # the clock margin, or, where nothing that was sent carries a time, what a request may take.
    not_found_conclusive_after_ns: int
    # For so long after it was sent the id is asked for again and again although the order has
    # ended: where nothing carries a time, what a sleeper holds may still arrive.
    watched_for_ns: int = 0

    @property
    def proves_absence(self) -> bool:
        """Tell whether what was not found in time can never arrive: only what is refused late."""
        return not self.ids_unique_for_ever and self.watched_for_ns == 0


PAPER_VENUE_MODEL = VenueModel(ids_unique_for_ever=True, not_found_conclusive_after_ns=0)


class HardCaps(msgspec.Struct, frozen=True):
    """Absolute bounds on one risk-increasing order. Risk cannot read or write them."""

    order_quantity_max: Decimal
    # In the account's currency.
    order_notional_max: Decimal


class RateBudget(msgspec.Struct, frozen=True):
    """At most so many risk-increasing orders in any window; cancels and exits are not counted."""

    orders_max: int
    window_ns: int


class ExecutionParameters(msgspec.Struct, frozen=True):
    """Everything that the machine of one session is told."""

    session: str
    account: str
    # Lockstep sessions withhold nothing for a missing reconciliation: restarts change nothing.
    lockstep: bool
    # True when session time is the wall's time, so that a request can carry `send_by_ns`.
    session_clock_is_wall: bool
    caps: HardCaps
    rate: RateBudget
    venue_model: VenueModel = PAPER_VENUE_MODEL
    # `paper`, `alpaca` or `ccxt`; of the last, whether it is a spot market, and of which exchange.
    venue: str = PAPER
    spot: bool = True
    exchange: str = ""
    # What is placed when an entry fills: `none`, `stop`, or `bracket`; see `exits`.
    protective_exits: str = "none"
    # Which entries are sent with them, where the venue takes both: `never`, or `market`.
    native_entries: str = "never"
    # Session time; a replay at speed N multiplies the wall's 30 s by N.
    reconcile_every_ns: int = 30 * NS_PER_SECOND
    retry_after_ns: int = NS_PER_SECOND
    retry_after_max_ns: int = 30 * NS_PER_SECOND
    send_within_ns: int = 2 * NS_PER_SECOND
    sends_max: int = 3
    closed_orders_kept: int = 5_000

    def venue_kind_of(self, symbol: str) -> VenueKind:
        """Return what kind of venue a symbol is traded at; see `capabilities`."""
        return venue_kind_of(self.venue, spot=self.spot, symbol=symbol, exchange=self.exchange)

    @property
    def shard(self) -> str:
        """The name of the shard that this machine is."""
        return f"execution/{self.session}"
