# Generated from proto/tidegate/market/v1/market.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.market`."""

from typing import Any

from tidegate_contracts._wire.checks import Codec, Members, decimal_or_zero, decimal_text
from tidegate_contracts.market import (
    AssetClass,
    Bar,
    FeedBatch,
    FeedFinished,
    FeedState,
    FeedStatus,
    Instrument,
    Quote,
    Trade,
)

_ASSET_CLASS = Members(AssetClass)
_FEED_STATE = Members(FeedState)


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


def write_feed_batch(wire: Any, body: FeedBatch) -> None:
    """Fill a wire message from a `FeedBatch`."""
    wire.feed = body.feed
    wire.instant_ns = body.instant_ns
    for bar in body.bars:
        write_bar(wire.bars.add(), bar)


def read_feed_batch(wire: Any) -> FeedBatch:
    """Make a `FeedBatch` from a wire message."""
    return FeedBatch(
        feed=wire.feed,
        instant_ns=wire.instant_ns,
        bars=tuple([read_bar(item) for item in wire.bars]),
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
    Codec(Instrument, "tidegate.market.v1.Instrument", write_instrument, read_instrument),
    Codec(Bar, "tidegate.market.v1.Bar", write_bar, read_bar),
    Codec(Quote, "tidegate.market.v1.Quote", write_quote, read_quote),
    Codec(Trade, "tidegate.market.v1.Trade", write_trade, read_trade),
    Codec(FeedStatus, "tidegate.market.v1.FeedStatus", write_feed_status, read_feed_status),
    Codec(FeedBatch, "tidegate.market.v1.FeedBatch", write_feed_batch, read_feed_batch),
    Codec(FeedFinished, "tidegate.market.v1.FeedFinished", write_feed_finished, read_feed_finished),
)
