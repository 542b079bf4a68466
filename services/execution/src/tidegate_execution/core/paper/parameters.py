"""What the paper venue is told once: its account, its fees and how pessimistic it is."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from tidegate_kernel.money import ZERO


class IntrabarPath(StrEnum):
    """In which order a bar is taken to have reached its high and its low."""

    # Of each order the price first that is worse for its account: a sell sees the low first.
    PESSIMISTIC = "pessimistic"
    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"
    # What lies nearer to the open; the low if both are as near.
    NEAREST_FIRST = "nearest_first"


class MatchingRules(msgspec.Struct, frozen=True):
    """How orders fill from bars."""

    # Market orders fill at the open, worsened by this.
    slippage_bps: Decimal = ZERO
    # From the order's cause to its arrival at the venue.
    latency_ns: int = 0
    # False: a resting limit must be traded through; True: a touch fills it.
    touch_fills: bool = False
    # At most this share of a bar's volume fills; 0 = no bound.
    volume_share: Decimal = ZERO
    intrabar_path: IntrabarPath = IntrabarPath.PESSIMISTIC


class FeeSchedule(msgspec.Struct, frozen=True):
    """What an execution costs: a share of its notional, plus an amount per unit."""

    fee_bps: Decimal = ZERO
    fee_per_unit: Decimal = ZERO


class PaperVenueParameters(msgspec.Struct, frozen=True):
    """Everything that the paper venue of one session is told."""

    session: str
    currency: str
    cash: Decimal
    rules: MatchingRules = MatchingRules()
    fees: FeeSchedule = FeeSchedule()
    # True: cash may fall below zero; nothing is refused for lack of it.
    negative_cash_allowed: bool = False
    # True: an id counts for ever (Alpaca). False: only while its order is open (Binance).
    ids_unique_for_ever: bool = True
    # An order that arrives late by the wall's time still fills from these.
    bars_remembered: int = 32
    closed_orders_kept: int = 5_000
