"""What an asset of Alpaca is as an instrument, and when its market is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tidegate_contracts.market import AssetClass, Instrument, OpenInterval
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_market_data.adapters.live.alpaca.sessions import Hours
from tidegate_market_data.adapters.live.provider import ProviderFailed
from tidegate_market_data.adapters.live.values import number_of, places_of, step_of

Document = Mapping[str, object]
VENUE = "alpaca"
EXCHANGE_ZONE = ZoneInfo("America/New_York")
SHARE_PRICE_PLACES = 4
SHARE_TICK = Decimal("0.01")
FRACTION = Decimal("0.000001")
MIN_NOTIONAL = Decimal(1)
FRACTIONS_AROUND = "fractional_eh_enabled"
"""The attribute of an asset whose fractions are traded before and after the regular session too."""


def is_pair(symbol: str) -> bool:
    """Tell whether a symbol is crypto: pairs have a slash, equities have none."""
    return "/" in symbol


@dataclass(frozen=True)
class Listings:
    """Makes the instruments of one feed."""

    feed: str
    # Whether equities are ordered in fractions of a share, which cannot be sold short.
    fractional: bool = False

    def pair(self, asset: Document) -> Instrument:
        """Return a crypto pair."""
        symbol = text_of(asset, "symbol")
        base, _, quote = symbol.partition("/")
        tick = step_of(asset.get("price_increment"), "price_increment")
        lot = step_of(asset.get("min_trade_increment"), "min_trade_increment")
        least = number_of(asset.get("min_order_size"), "min_order_size")
        return Instrument(
            feed=self.feed,
            venue=VENUE,
            symbol=symbol,
            asset_class=AssetClass.CRYPTO,
            base_currency=base,
            quote_currency=quote,
            price_scale=places_of(tick),
            size_scale=places_of(lot),
            tick_size=tick,
            lot_size=lot,
            min_quantity=max(least, lot),
            min_notional=MIN_NOTIONAL,
            tradable=is_tradable(asset),
            shortable=False,
        )

    def share(self, asset: Document, hours: Hours) -> Instrument:
        """Return a US equity. Fractions are ordered only where the venue takes them."""
        symbol = text_of(asset, "symbol")
        fractional = _told(asset, "fractionable") and self.fractional
        lot = FRACTION if fractional else Decimal(1)
        around = not fractional or FRACTIONS_AROUND in _attributes(asset)
        borrowed = all([_told(asset, "shortable"), _told(asset, "easy_to_borrow")])
        return Instrument(
            feed=self.feed,
            venue=VENUE,
            symbol=symbol,
            asset_class=AssetClass.EQUITY,
            base_currency=symbol,
            quote_currency="USD",
            price_scale=SHARE_PRICE_PLACES,
            size_scale=places_of(FRACTION),
            tick_size=SHARE_TICK,
            lot_size=lot,
            min_quantity=lot,
            min_notional=MIN_NOTIONAL if fractional else Decimal(0),
            tradable=is_tradable(asset),
            shortable=borrowed and not fractional,
            open_intervals=hours.regular,
            extended_intervals=hours.extended if around else (),
        )


def hours_of(days: Sequence[Document]) -> Hours:
    """Return the hours of the calendar's days; a day may say that it has none around them."""
    around = [day for day in days if "session_open" in day or "session_close" in day]
    return Hours(
        tuple(_interval(day, "open", "close") for day in days),
        tuple(_interval(day, "session_open", "session_close") for day in around),
    )


def _interval(day: Document, opens: str, closes: str) -> OpenInterval:
    return OpenInterval(opens_at_ns=_moment_ns(day, opens), closes_at_ns=_moment_ns(day, closes))


def _moment_ns(day: Document, name: str) -> int:
    text = f"{text_of(day, 'date')}T{text_of(day, name)}"
    try:
        return moment_ns(text)
    except ProviderFailed:
        raise ProviderFailed(f"expected a day's {name} as a time, found {text!r}") from None


def moment_ns(text: str) -> int:
    """Return a moment by New York's clocks, as ``2027-12-17T16:00``."""
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=EXCHANGE_ZONE)
    except ValueError:
        raise ProviderFailed(f"expected a date and a time, found {text!r}") from None
    return int(moment.timestamp()) * NS_PER_SECOND


def is_tradable(asset: Document) -> bool:
    """Tell whether the venue takes orders of it now."""
    active = text_of(asset, "status") == "active"
    return _told(asset, "tradable") and active


def _told(document: Document, name: str) -> bool:
    value = document.get(name)
    if not isinstance(value, bool):
        raise ProviderFailed(f"expected {name} as true or false, found {type(value).__name__}")
    return value


def _attributes(asset: Document) -> Sequence[object]:
    """Return what else the venue says of an asset; nothing is said of most."""
    told = asset.get("attributes")
    return told if isinstance(told, list) else ()


def text_of(document: Document, name: str) -> str:
    """Return a text that must be there."""
    value = document.get(name)
    if not isinstance(value, str):
        raise ProviderFailed(f"expected {name} as text, found {type(value).__name__}")
    return value
