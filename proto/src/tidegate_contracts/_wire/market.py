# Generated from proto/tidegate/market/v1/market.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.market`."""

from typing import Any

from tidegate_contracts._wire.checks import (
    Codec,
    Members,
    decimal_of,
    decimal_or_zero,
    decimal_text,
    present,
)
from tidegate_contracts.market import (
    AssetClass,
    Bar,
    FeedBatch,
    FeedFinished,
    FeedState,
    FeedStatus,
    Instrument,
    OpenInterval,
    OptionGreeks,
    OptionRight,
    OptionTerms,
    Quote,
    StatedGreeks,
    Trade,
)

_ASSET_CLASS = Members(AssetClass)
_FEED_STATE = Members(FeedState)
_OPTION_RIGHT = Members(OptionRight)


def write_open_interval(wire: Any, body: OpenInterval) -> None:
    """Fill a wire message from a `OpenInterval`."""
    wire.opens_at_ns = body.opens_at_ns
    wire.closes_at_ns = body.closes_at_ns


def read_open_interval(wire: Any) -> OpenInterval:
    """Make a `OpenInterval` from a wire message."""
    return OpenInterval(
        opens_at_ns=wire.opens_at_ns,
        closes_at_ns=wire.closes_at_ns,
    )


def write_option_terms(wire: Any, body: OptionTerms) -> None:
    """Fill a wire message from a `OptionTerms`."""
    wire.underlying = body.underlying
    wire.right = body.right
    wire.strike = decimal_text(body.strike, "strike")
    wire.expires_at_ns = body.expires_at_ns


def read_option_terms(wire: Any) -> OptionTerms:
    """Make a `OptionTerms` from a wire message."""
    return OptionTerms(
        underlying=wire.underlying,
        right=_OPTION_RIGHT[wire.right],
        strike=decimal_or_zero(wire.strike, "strike"),
        expires_at_ns=wire.expires_at_ns,
    )


def write_option_greeks(wire: Any, body: OptionGreeks) -> None:
    """Fill a wire message from a `OptionGreeks`."""
    wire.delta = decimal_text(body.delta, "delta")
    wire.gamma = decimal_text(body.gamma, "gamma")
    wire.vega = decimal_text(body.vega, "vega")
    wire.theta = decimal_text(body.theta, "theta")
    wire.at_ns = body.at_ns


def read_option_greeks(wire: Any) -> OptionGreeks:
    """Make a `OptionGreeks` from a wire message."""
    return OptionGreeks(
        delta=decimal_or_zero(wire.delta, "delta"),
        gamma=decimal_or_zero(wire.gamma, "gamma"),
        vega=decimal_or_zero(wire.vega, "vega"),
        theta=decimal_or_zero(wire.theta, "theta"),
        at_ns=wire.at_ns,
    )


def write_instrument(wire: Any, body: Instrument) -> None:
    """Fill a wire message from a `Instrument`."""
    wire.feed = body.feed
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.asset_class = body.asset_class
    wire.base_currency = body.base_currency
    wire.quote_currency = body.quote_currency
    wire.price_scale = body.price_scale
    wire.size_scale = body.size_scale
    wire.tick_size = decimal_text(body.tick_size, "tick_size")
    wire.lot_size = decimal_text(body.lot_size, "lot_size")
    wire.min_quantity = decimal_text(body.min_quantity, "min_quantity")
    wire.min_notional = decimal_text(body.min_notional, "min_notional")
    wire.tradable = body.tradable
    wire.shortable = body.shortable
    if body.max_quantity is not None:
        wire.max_quantity = decimal_text(body.max_quantity, "max_quantity")
    for open_interval in body.open_intervals:
        write_open_interval(wire.open_intervals.add(), open_interval)
    if body.option is not None:
        wire.option.SetInParent()
        write_option_terms(wire.option, body.option)
    if body.greeks is not None:
        wire.greeks.SetInParent()
        write_option_greeks(wire.greeks, body.greeks)
    for open_interval in body.extended_intervals:
        write_open_interval(wire.extended_intervals.add(), open_interval)


def read_instrument(wire: Any) -> Instrument:
    """Make a `Instrument` from a wire message."""
    return Instrument(
        feed=wire.feed,
        venue=wire.venue,
        symbol=wire.symbol,
        asset_class=_ASSET_CLASS[wire.asset_class],
        base_currency=wire.base_currency,
        quote_currency=wire.quote_currency,
        price_scale=wire.price_scale,
        size_scale=wire.size_scale,
        tick_size=decimal_or_zero(wire.tick_size, "tick_size"),
        lot_size=decimal_or_zero(wire.lot_size, "lot_size"),
        min_quantity=decimal_or_zero(wire.min_quantity, "min_quantity"),
        min_notional=decimal_or_zero(wire.min_notional, "min_notional"),
        tradable=wire.tradable,
        shortable=wire.shortable,
        max_quantity=decimal_of(wire.max_quantity, "max_quantity")
        if wire.HasField("max_quantity")
        else None,
        open_intervals=tuple([read_open_interval(item) for item in wire.open_intervals]),
        option=read_option_terms(wire.option) if wire.HasField("option") else None,
        greeks=read_option_greeks(wire.greeks) if wire.HasField("greeks") else None,
        extended_intervals=tuple([read_open_interval(item) for item in wire.extended_intervals]),
    )


def write_bar(wire: Any, body: Bar) -> None:
    """Fill a wire message from a `Bar`."""
    wire.feed = body.feed
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.timeframe_ns = body.timeframe_ns
    wire.start_ns = body.start_ns
    wire.end_ns = body.end_ns
    wire.open = body.open
    wire.high = body.high
    wire.low = body.low
    wire.close = body.close
    wire.volume = body.volume
    wire.gap_before = body.gap_before


def read_bar(wire: Any) -> Bar:
    """Make a `Bar` from a wire message."""
    return Bar(
        feed=wire.feed,
        venue=wire.venue,
        symbol=wire.symbol,
        timeframe_ns=wire.timeframe_ns,
        start_ns=wire.start_ns,
        end_ns=wire.end_ns,
        open=wire.open,
        high=wire.high,
        low=wire.low,
        close=wire.close,
        volume=wire.volume,
        gap_before=wire.gap_before,
    )


def write_quote(wire: Any, body: Quote) -> None:
    """Fill a wire message from a `Quote`."""
    wire.feed = body.feed
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.sequence = body.sequence
    wire.at_ns = body.at_ns
    wire.bid_price = body.bid_price
    wire.bid_size = body.bid_size
    wire.ask_price = body.ask_price
    wire.ask_size = body.ask_size


def read_quote(wire: Any) -> Quote:
    """Make a `Quote` from a wire message."""
    return Quote(
        feed=wire.feed,
        venue=wire.venue,
        symbol=wire.symbol,
        sequence=wire.sequence,
        at_ns=wire.at_ns,
        bid_price=wire.bid_price,
        bid_size=wire.bid_size,
        ask_price=wire.ask_price,
        ask_size=wire.ask_size,
    )


def write_trade(wire: Any, body: Trade) -> None:
    """Fill a wire message from a `Trade`."""
    wire.feed = body.feed
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.sequence = body.sequence
    wire.at_ns = body.at_ns
    wire.price = body.price
    wire.size = body.size
    wire.buyer_is_maker = body.buyer_is_maker


def read_trade(wire: Any) -> Trade:
    """Make a `Trade` from a wire message."""
    return Trade(
        feed=wire.feed,
        venue=wire.venue,
        symbol=wire.symbol,
        sequence=wire.sequence,
        at_ns=wire.at_ns,
        price=wire.price,
        size=wire.size,
        buyer_is_maker=wire.buyer_is_maker,
    )


def write_feed_status(wire: Any, body: FeedStatus) -> None:
    """Fill a wire message from a `FeedStatus`."""
    wire.feed = body.feed
    wire.state = body.state
    wire.at_ns = body.at_ns
    wire.bars = body.bars
    wire.rejected = body.rejected
    wire.detail = body.detail


def read_feed_status(wire: Any) -> FeedStatus:
    """Make a `FeedStatus` from a wire message."""
    return FeedStatus(
        feed=wire.feed,
        state=_FEED_STATE[wire.state],
        at_ns=wire.at_ns,
        bars=wire.bars,
        rejected=wire.rejected,
        detail=wire.detail,
    )


def write_stated_greeks(wire: Any, body: StatedGreeks) -> None:
    """Fill a wire message from a `StatedGreeks`."""
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.greeks.SetInParent()
    write_option_greeks(wire.greeks, body.greeks)


def read_stated_greeks(wire: Any) -> StatedGreeks:
    """Make a `StatedGreeks` from a wire message."""
    return StatedGreeks(
        venue=wire.venue,
        symbol=wire.symbol,
        greeks=read_option_greeks(present(wire, "greeks")),
    )


def write_feed_batch(wire: Any, body: FeedBatch) -> None:
    """Fill a wire message from a `FeedBatch`."""
    wire.feed = body.feed
    wire.instant_ns = body.instant_ns
    for bar in body.bars:
        write_bar(wire.bars.add(), bar)
    for stated_greeks in body.greeks:
        write_stated_greeks(wire.greeks.add(), stated_greeks)


def read_feed_batch(wire: Any) -> FeedBatch:
    """Make a `FeedBatch` from a wire message."""
    return FeedBatch(
        feed=wire.feed,
        instant_ns=wire.instant_ns,
        bars=tuple([read_bar(item) for item in wire.bars]),
        greeks=tuple([read_stated_greeks(item) for item in wire.greeks]),
    )


def write_feed_finished(wire: Any, body: FeedFinished) -> None:
    """Fill a wire message from a `FeedFinished`."""
    wire.feed = body.feed
    wire.at_ns = body.at_ns


def read_feed_finished(wire: Any) -> FeedFinished:
    """Make a `FeedFinished` from a wire message."""
    return FeedFinished(
        feed=wire.feed,
        at_ns=wire.at_ns,
    )


CODECS: tuple[Codec, ...] = (
    Codec(OpenInterval, "tidegate.market.v1.OpenInterval", write_open_interval, read_open_interval),
    Codec(OptionTerms, "tidegate.market.v1.OptionTerms", write_option_terms, read_option_terms),
    Codec(OptionGreeks, "tidegate.market.v1.OptionGreeks", write_option_greeks, read_option_greeks),
    Codec(Instrument, "tidegate.market.v1.Instrument", write_instrument, read_instrument),
    Codec(Bar, "tidegate.market.v1.Bar", write_bar, read_bar),
    Codec(Quote, "tidegate.market.v1.Quote", write_quote, read_quote),
    Codec(Trade, "tidegate.market.v1.Trade", write_trade, read_trade),
    Codec(FeedStatus, "tidegate.market.v1.FeedStatus", write_feed_status, read_feed_status),
    Codec(StatedGreeks, "tidegate.market.v1.StatedGreeks", write_stated_greeks, read_stated_greeks),
    Codec(FeedBatch, "tidegate.market.v1.FeedBatch", write_feed_batch, read_feed_batch),
    Codec(FeedFinished, "tidegate.market.v1.FeedFinished", write_feed_finished, read_feed_finished),
)
