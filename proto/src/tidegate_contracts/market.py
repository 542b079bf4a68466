# Generated from proto/tidegate/market/v1/market.proto by `make generate`; do not edit.
"""Market data: what traded where, at which price."""

from decimal import Decimal
from enum import IntEnum

import msgspec

from tidegate_kernel.money import ZERO


class AssetClass(IntEnum):
    """The kind of thing that an instrument is."""

    UNSPECIFIED = 0
    CRYPTO = 1
    EQUITY = 2
    OPTION = 3


class OptionRight(IntEnum):
    """The values of `tidegate.market.v1.OptionRight`."""

    UNSPECIFIED = 0
    CALL = 1
    PUT = 2


class FeedState(IntEnum):
    """What a feed is doing."""

    UNSPECIFIED = 0
    STARTED = 1
    STALE = 2
    RESUMED = 3
    ENDED = 4


class OpenInterval(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A time in which a venue trades."""

    opens_at_ns: int = 0
    closes_at_ns: int = 0
    """The first moment at which it is closed again."""


class OptionTerms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an option is an option on.

    Prices and quantities of options count units of the underlying.
    """

    underlying: str = ""
    """Symbol of the underlying at the same venue."""
    right: OptionRight = OptionRight.UNSPECIFIED
    strike: Decimal = ZERO
    expires_at_ns: int = 0


class OptionGreeks(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How an option's price moves, for each unit of its quantity."""

    delta: Decimal = ZERO
    """Change of the price for a change of the underlying of 1."""
    gamma: Decimal = ZERO
    """Change of delta for a change of the underlying of 1."""
    vega: Decimal = ZERO
    """Change of the price when volatility rises by one percentage point."""
    theta: Decimal = ZERO
    """Change of the price in a day."""
    at_ns: int = 0


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One tradable thing at one venue, and the units in which its market data are written."""

    feed: str = ""
    """The feed that publishes this instrument's market data."""
    venue: str = ""
    symbol: str = ""
    asset_class: AssetClass = AssetClass.UNSPECIFIED
    base_currency: str = ""
    """What the quantity counts, for example BTC or AAPL."""
    quote_currency: str = ""
    """What the price counts, for example USD."""
    price_scale: int = 0
    """Decimal places of integer prices: price = integer / 10^price_scale. 0 to 8."""
    size_scale: int = 0
    """Decimal places of integer sizes and volumes. 0 to 8."""
    tick_size: Decimal = ZERO
    """The smallest step of an order's price."""
    lot_size: Decimal = ZERO
    """The smallest step of an order's quantity."""
    min_quantity: Decimal = ZERO
    """The smallest quantity that may be ordered."""
    min_notional: Decimal = ZERO
    """The smallest quantity x price that may be ordered, in quote currency."""
    tradable: bool = False
    shortable: bool = False
    max_quantity: Decimal | None = None
    """The largest quantity that one order may have; absent when the venue has no such bound."""
    open_intervals: tuple[OpenInterval, ...] = ()
    """When the venue trades it, ascending; empty when it always does, or when nobody has said.

    Of what has a regular session and hours around it: the regular session alone.
    """
    option: OptionTerms | None = None
    """Of options."""
    greeks: OptionGreeks | None = None
    extended_intervals: tuple[OpenInterval, ...] = ()
    """When it also trades for orders that ask for extended hours, the regular session included,
    ascending; empty when there is no such time.
    """


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A closed bar of one instrument. Prices and volume are integers in the instrument's scales."""

    feed: str = ""
    venue: str = ""
    symbol: str = ""
    timeframe_ns: int = 0
    """The length of the bar."""
    start_ns: int = 0
    """Start of the bar, UTC."""
    end_ns: int = 0
    """End of the bar, UTC: the moment from which it may be known."""
    open: int = 0
    high: int = 0
    low: int = 0
    close: int = 0
    volume: int = 0
    gap_before: bool = False
    """True when at least one expected bar is missing directly before this one."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Best bid and ask of one instrument. Not chained: `sequence` is the feed's own counter."""

    feed: str = ""
    venue: str = ""
    symbol: str = ""
    sequence: int = 0
    at_ns: int = 0
    bid_price: int = 0
    bid_size: int = 0
    ask_price: int = 0
    ask_size: int = 0


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One public trade. Not chained: `sequence` is the feed's own counter."""

    feed: str = ""
    venue: str = ""
    symbol: str = ""
    sequence: int = 0
    at_ns: int = 0
    price: int = 0
    size: int = 0
    buyer_is_maker: bool = False


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A change in the state of a feed."""

    feed: str = ""
    state: FeedState = FeedState.UNSPECIFIED
    at_ns: int = 0
    bars: int = 0
    """Bars published so far."""
    rejected: int = 0
    """Bars refused by validation so far."""
    detail: str = ""


class StatedGreeks(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the source itself says of the Greeks of an option."""

    venue: str = ""
    symbol: str = ""
    greeks: OptionGreeks


class FeedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A command: the feed has read these bars, which all end at one instant.

    Journalled by the feed.
    """

    feed: str = ""
    instant_ns: int = 0
    bars: tuple[Bar, ...] = ()
    greeks: tuple[StatedGreeks, ...] = ()
    """Of options that have a bar here: their Greeks as of the instant."""


class FeedFinished(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A command: the source has no more bars."""

    feed: str = ""
    at_ns: int = 0
