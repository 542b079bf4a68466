"""What queries see: instruments and feeds as rows; bars stay in memory, they are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import Row
from tidegate_contracts.market import FeedStatus, Instrument
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body


def project(body: Body) -> tuple[Row, ...]:
    """Turn an instrument or a feed's status into its row."""
    if isinstance(body, Instrument):
        key = f"{body.feed}|{body.venue}|{body.symbol}"
        return (Row("instrument", key, instrument_document(body)),)
    if isinstance(body, FeedStatus):
        return (Row("feed", body.feed, _status_document(body)),)
    return ()


def instrument_document(instrument: Instrument) -> dict[str, object]:
    """Describe an instrument for queries; decimals as plain strings."""
    return {
        "feed": instrument.feed,
        "venue": instrument.venue,
        "symbol": instrument.symbol,
        "asset_class": instrument.asset_class.name,
        "base_currency": instrument.base_currency,
        "quote_currency": instrument.quote_currency,
        "price_scale": instrument.price_scale,
        "size_scale": instrument.size_scale,
        "tick_size": plain(instrument.tick_size),
        "lot_size": plain(instrument.lot_size),
        "min_quantity": plain(instrument.min_quantity),
        "min_notional": plain(instrument.min_notional),
        "tradable": instrument.tradable,
        "shortable": instrument.shortable,
    }


def _status_document(status: FeedStatus) -> dict[str, object]:
    return {
        "feed": status.feed,
        "state": status.state.name,
        "at": format_time(status.at_ns),
        "at_ns": status.at_ns,
        "bars": status.bars,
        "rejected": status.rejected,
        "detail": status.detail,
    }
