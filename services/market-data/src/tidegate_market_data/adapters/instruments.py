"""What a file's symbol is: its kind, its currencies and the units of its prices and sizes.

The configuration may say it (`instruments:` of a feed). What it leaves out comes from the file,
which says nothing of that but the symbol. `BTC/USDT` and `BTCUSDT` (any pair that ends in a
known stable quote currency) are crypto pairs; a symbol of the OCC's, `AAPL271217C00200000`, is an
option, whose lot is a contract of 100 units; everything else is an equity in USD. Else the tick and
the lot are the smallest steps that the file's scales can write.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from tidegate_contracts.market import AssetClass, Instrument, OptionRight, OptionTerms
from tidegate_kernel.contracts import CONTRACT_UNITS, OptionSymbol, option_of
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import InstrumentConfiguration

_STABLE_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD")
_BASE_LENGTH_MIN = 2
_NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = time(16)


def instrument_of(
    feed: str, venue: str, symbol: str, price_scale: int, size_scale: int
) -> Instrument:
    """Describe a symbol of a file."""
    asset_class, base, quote = _kind(symbol)
    option = option_of(symbol)
    lot = Decimal(1).scaleb(-size_scale) if option is None else CONTRACT_UNITS
    return Instrument(
        feed=feed,
        venue=venue,
        symbol=symbol,
        asset_class=asset_class,
        base_currency=base,
        quote_currency=quote,
        price_scale=price_scale,
        size_scale=size_scale,
        tick_size=Decimal(1).scaleb(-price_scale),
        lot_size=lot,
        min_quantity=lot,
        min_notional=Decimal(0),
        tradable=True,
        shortable=asset_class is not AssetClass.CRYPTO,
        option=None if option is None else _terms_of(option),
    )


def _terms_of(option: OptionSymbol) -> OptionTerms:
    """Return an option's terms; it expires when New York's market closes that day."""
    expires = datetime.combine(option.expires_on, _CLOSE, _NEW_YORK)
    return OptionTerms(
        underlying=option.underlying,
        right=OptionRight.CALL if option.is_call else OptionRight.PUT,
        strike=option.strike,
        expires_at_ns=int(expires.timestamp()) * NS_PER_SECOND,
    )


def as_described(instrument: Instrument, described: InstrumentConfiguration | None) -> Instrument:
    """Return the instrument with everything that the configuration says of it."""
    if described is None:
        return instrument
    said = described.model_dump(exclude_none=True, exclude={"symbol", "asset_class"})
    if "lot_size" in said:
        said.setdefault("min_quantity", said["lot_size"])
    if described.asset_class is not None:
        said["asset_class"] = AssetClass[described.asset_class.upper()]
        said.setdefault("shortable", said["asset_class"] is AssetClass.EQUITY)
    return msgspec.structs.replace(instrument, **said)


def _kind(symbol: str) -> tuple[AssetClass, str, str]:
    option = option_of(symbol)
    if option is not None:
        return AssetClass.OPTION, option.underlying, "USD"
    base, slash, quote = symbol.partition("/")
    if slash and base and quote:
        return AssetClass.CRYPTO, base, quote
    for quote in _STABLE_QUOTES:
        base = symbol.removesuffix(quote).rstrip("-_")
        if base != symbol and len(base) >= _BASE_LENGTH_MIN:
            return AssetClass.CRYPTO, base, quote
    return AssetClass.EQUITY, symbol, "USD"
