"""What the paper venue is told once: its account, its fees and how pessimistic it is."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from tidegate_execution.core.paper.carry.parameters import CarryRules
from tidegate_kernel.money import ZERO


class IntrabarPath(StrEnum):
    """In which order a bar is taken to have reached its high and its low."""

    # Of each order the price first that is worse for its account: a sell sees the low first.
    PESSIMISTIC = "pessimistic"
    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"
    # What lies nearer to the open; the low if both are as near.
    NEAREST_FIRST = "nearest_first"


class QueueModel(StrEnum):
    """What stands ahead of a limit order that rests."""

    # Nothing: a bar that trades through the limit fills all of it.
    NONE = "none"
    # A bar fills what it traded beyond the limit, its volume spread evenly over its range.
    VOLUME = "volume"


class SlippageModel(StrEnum):
    """What is added to the fixed slippage: see `slippage`."""

    FIXED = "fixed"
    SPREAD = "spread"
    VOLATILITY = "volatility"
    SQUARE_ROOT = "square_root"


class MatchingRules(msgspec.Struct, frozen=True):
    """How orders fill from bars."""

    # What takes liquidity fills at the market's price, worsened by this and by what a model adds.
    slippage_bps: Decimal = ZERO
    slippage_model: SlippageModel = SlippageModel.FIXED
    # The share of spread or volatility, or the square root's Y.
    slippage_factor: Decimal = ZERO
    # From the order's cause to its arrival at the venue.
    latency_ns: int = 0
    # False: a resting limit must be traded through; True: a touch fills it.
    touch_fills: bool = False
    # At most this share of a bar's volume fills; 0 = no bound.
    volume_share: Decimal = ZERO
    intrabar_path: IntrabarPath = IntrabarPath.PESSIMISTIC
    queue: QueueModel = QueueModel.NONE


class FeeTier(msgspec.Struct, frozen=True):
    """Rates from a volume of 30 days on, in the account's currency; below 0 is a rebate."""

    volume_from: Decimal
    maker_bps: Decimal
    taker_bps: Decimal


class FeeSchedule(msgspec.Struct, frozen=True):
    """What an execution costs: a share of its notional, plus amounts per unit and contract."""

    fee_bps: Decimal = ZERO
    fee_per_unit: Decimal = ZERO
    # Of options, whose lot is one contract.
    fee_per_contract: Decimal = ZERO
    # None: `fee_bps`.
    maker_bps: Decimal | None = None
    taker_bps: Decimal | None = None
    # Ascending by volume; below the first the rates above count.
    tiers: tuple[FeeTier, ...] = ()
    # The least that an order costs which is executed at all.
    order_fee_min: Decimal = ZERO


class PaperVenueParameters(msgspec.Struct, frozen=True):
    """Everything that the paper venue of one session is told."""

    session: str
    currency: str
    cash: Decimal
    rules: MatchingRules = MatchingRules()
    fees: FeeSchedule = FeeSchedule()
    # True: cash may fall below zero; nothing is refused for lack of it.
    negative_cash_allowed: bool = False
    # Share of the value of all shorts that must be free besides what buys them back; 0 = no check.
    short_margin: Decimal = ZERO
    # True: an id counts for ever (Alpaca). False: only while its order is open (Binance).
    ids_unique_for_ever: bool = True
    carry: CarryRules = CarryRules()
    # An order that arrives late by the wall's time still fills from these.
    bars_remembered: int = 32
    closed_orders_kept: int = 5_000
