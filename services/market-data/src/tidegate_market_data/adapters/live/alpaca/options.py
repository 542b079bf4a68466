"""What an option contract of Alpaca is as an instrument, and its Greeks.

Prices and quantities count units of the underlying: Alpaca's contract of 100 is a lot of 100, and a
bar's volume of 3 contracts is 300. A contract of another size is listed and never tradable, for
orders are sent in contracts of 100. The terms are the venue's own words, not the symbol's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tidegate_contracts.market import (
    AssetClass,
    Instrument,
    OpenInterval,
    OptionGreeks,
    OptionRight,
    OptionTerms,
)
from tidegate_kernel.contracts import CONTRACT_UNITS, option_of
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import parse_time
from tidegate_market_data.adapters.live.alpaca.listings import (
    EXCHANGE_ZONE,
    SHARE_PRICE_PLACES,
    VENUE,
    Document,
    is_tradable,
    moment_ns,
    text_of,
)
from tidegate_market_data.adapters.live.provider import ProviderFailed
from tidegate_market_data.adapters.live.values import number_of, step_of

CLOSES_AT = "16:00"
"""New York: when an option is worth what its underlying makes of it."""
TICK = Decimal("0.01")
TICK_WITHOUT_PENNIES = Decimal("0.05")
GREEK_PLACES = Decimal("1e-8")
NAMES = ("delta", "gamma", "vega", "theta")
RIGHTS = {"call": OptionRight.CALL, "put": OptionRight.PUT}
FEEDS = {"iex": "indicative", "sip": "opra"}
"""Alpaca's option feed that belongs to a plan with a tape of shares."""


def contract_of(feed: str, listed: Document, intervals: Sequence[OpenInterval]) -> Instrument:
    """Return an option as an instrument without Greeks, from its contract's document."""
    lot = step_of(listed.get("multiplier"), "multiplier")
    right = RIGHTS.get(text_of(listed, "type"))
    if right is None:
        raise ProviderFailed(f"expected type as call or put, found {listed.get('type')!r}")
    underlying = text_of(listed, "underlying_symbol")
    return Instrument(
        feed=feed,
        venue=VENUE,
        symbol=text_of(listed, "symbol"),
        asset_class=AssetClass.OPTION,
        base_currency=underlying,
        quote_currency="USD",
        price_scale=SHARE_PRICE_PLACES,
        size_scale=0,
        # The venue says of some contracts that they are not quoted in cents.
        tick_size=TICK_WITHOUT_PENNIES if listed.get("ppind") is False else TICK,
        lot_size=lot,
        min_quantity=lot,
        min_notional=Decimal(0),
        tradable=is_tradable(listed) and lot == CONTRACT_UNITS,
        # Risk wants what is sold to be covered by what is held.
        shortable=True,
        open_intervals=tuple(intervals),
        option=OptionTerms(
            underlying=underlying,
            right=right,
            strike=step_of(listed.get("strike_price"), "strike_price"),
            expires_at_ns=moment_ns(f"{text_of(listed, 'expiration_date')}T{CLOSES_AT}"),
        ),
    )


def expired_contract(symbol: str, now: datetime) -> Document | None:
    """Return the document of a contract that has expired, by its symbol; None if it has not."""
    option = option_of(symbol)
    if option is None or option.expires_on >= now.astimezone(EXCHANGE_ZONE).date():
        return None
    return {
        "symbol": symbol,
        "underlying_symbol": option.underlying,
        "status": "inactive",
        "tradable": False,
        "type": "call" if option.is_call else "put",
        "strike_price": str(option.strike),
        "expiration_date": str(option.expires_on),
        "multiplier": str(CONTRACT_UNITS),
    }


def greeks_of(snapshot: object) -> OptionGreeks | None:
    """Return an option's Greeks as of its newest quote; None while the venue computes none."""
    if not isinstance(snapshot, Mapping):
        return None
    greeks, quote = snapshot.get("greeks"), snapshot.get("latestQuote")
    if not isinstance(greeks, Mapping) or not isinstance(quote, Mapping):
        return None
    values = {name: number_of(greeks.get(name), name).quantize(GREEK_PLACES) for name in NAMES}
    try:
        at_ns = parse_time(str(quote.get("t")))[0]
    except TimeError:
        raise ProviderFailed(f"expected t as a quote's time, found {quote.get('t')!r}") from None
    return OptionGreeks(**values, at_ns=at_ns)
