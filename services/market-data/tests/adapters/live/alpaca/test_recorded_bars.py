"""Recorded assets and bars: what is unknown does not matter, what is missing is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import msgspec
import pytest
from tests.venues.alpaca.answered import answered
from tests.venues.recording_decisions import Reader
from tests.venues.recordings import (
    Json,
    Payload,
    Reading,
    check_reading,
    damaged,
    named,
    read_by,
)

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.venues.alpaca import Credentials, Endpoints
from tidegate_contracts.market import Bar, Instrument, OpenInterval, OptionGreeks, OptionRight
from tidegate_kernel.contracts import is_option
from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.live.alpaca.listings import (
    Listings,
    hours_of,
    is_pair,
)
from tidegate_market_data.adapters.live.alpaca.options import (
    contract_of,
    expired_contract,
    greeks_of,
)
from tidegate_market_data.adapters.live.alpaca.provider import AlpacaBars
from tidegate_market_data.adapters.live.alpaca.sessions import Hours
from tidegate_market_data.adapters.live.provider import ProviderFailed

Read = Callable[[Json], object]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
LAST_PAGE: dict[str, Json] = {"bars": {}, "next_page_token": None}
END_NS = 1_800_000_000_000_000_000
SHARE = {
    "symbol": "AAPL",
    "status": "active",
    "tradable": True,
    "shortable": True,
    "easy_to_borrow": True,
    "fractionable": True,
}
PAIR = {
    "symbol": "BTC/USD",
    "status": "active",
    "tradable": True,
    "price_increment": "0.01",
    "min_trade_increment": "0.0001",
    "min_order_size": "0.0002",
}
CONTRACT = {
    "symbol": "AAPL271217C00200000",
    "underlying_symbol": "AAPL",
    "status": "active",
    "tradable": True,
    "type": "call",
    "strike_price": "200",
    "expiration_date": "2027-12-17",
    "multiplier": "100",
}
DAY = {
    "date": "2026-09-18",
    "open": "09:30",
    "close": "16:00",
    "session_open": "0400",
    "session_close": "2000",
}
BAR_FIELDS = ("t", "o", "h", "l", "c", "v")
STREAMED = {"S": "AAPL", "o": 1, "h": 2.5, "l": 1, "c": 2, "v": 9}


def provider(symbols: tuple[str, ...]) -> AlpacaBars:
    """Return a feed that knows some symbols."""
    environment = Environment({"ALPACA_API_KEY": "key", "ALPACA_SECRET_KEY": "secret"}, {})
    credentials = Credentials.from_environment(environment)
    endpoints = Endpoints.from_environment({}, live=False)
    listings = Listings("feed", fractional=True)
    made = AlpacaBars(credentials, endpoints, listings, symbols)
    made._known = {symbol: listed(listings, symbol) for symbol in symbols}
    made._sessions = (OpenInterval(opens_at_ns=0, closes_at_ns=2 * END_NS),)
    return made


def listed(listings: Listings, symbol: str) -> Instrument:
    """Return a symbol as it is listed."""
    if is_option(symbol):
        return contract_of("feed", {**CONTRACT, "symbol": symbol}, ())
    if is_pair(symbol):
        return listings.pair({**PAIR, "symbol": symbol})
    return listings.share({**SHARE, "symbol": symbol}, Hours())


def asset(now: Json) -> object:
    """Read an equity, or a list of them."""
    listings = Listings("feed", fractional=True)
    return [listings.share(each, Hours()) for each in (now if isinstance(now, list) else [now])]


def bars_of(payload: Payload) -> Read:
    """Return the way to ask for the recorded bars."""
    symbols = tuple(payload.body["bars"]) or ("AAPL",)
    path = "/v1beta3/crypto/us/bars" if is_pair(symbols[0]) else "/v2/stocks/bars"
    path = "/v1beta1/options/bars" if is_option(symbols[0]) else path

    def read(now: Json) -> object:
        made = provider(symbols)
        try:
            with answered({path: [now, LAST_PAGE]}):
                return asyncio.run(made.history(symbols, 0, END_NS))
        finally:
            made.close()

    return read


def snapshots(now: Json) -> dict[str, OptionGreeks | None]:
    """Read the Greeks of options."""
    return {symbol: greeks_of(each) for symbol, each in now["snapshots"].items()}


def reading(payload: Payload) -> Reading:
    """Return how a payload is read; a symbol without bars has had no trades."""
    if payload.decision is not Reader.ALPACA_BARS:
        fields = [f"{start}{name}" for start in ("", "*.") for name in SHARE]
        return Reading(asset, ProviderFailed, fields)
    symbols = [f"bars.{symbol}" for symbol in payload.body["bars"]]
    fields = [f"{each}.*.{name}" for each in symbols for name in BAR_FIELDS]
    required = ["bars", *fields]
    return Reading(bars_of(payload), ProviderFailed, required, symbols, maps=("bars",))


@pytest.mark.parametrize("payload", read_by(Reader.ALPACA_ASSET, Reader.ALPACA_BARS))
def test_a_recorded_payload_is_read_or_told_why_not(payload: Payload) -> None:
    """No bar and no instrument is made of a payload that lacks what counts."""
    check_reading(payload.body, reading(payload))


@pytest.mark.parametrize("name", ["bars", "next_page_token"])
def test_a_page_is_whole_or_refused(name: str) -> None:
    """Without the token nobody knows whether more bars follow."""
    made = provider(("AAPL",))
    page = {key: value for key, value in LAST_PAGE.items() if key != name}
    with answered({"/v2/stocks/bars": [page]}), pytest.raises(ProviderFailed, match=name):
        asyncio.run(made.history(("AAPL",), 0, END_NS))
    made.close()


@pytest.mark.parametrize("field", sorted(PAIR))
def test_a_pair_without_a_field_is_refused(field: str) -> None:
    """Pairs are shaped like shares, with steps of their own."""
    for now in damaged(PAIR, (field,)):
        with pytest.raises(ProviderFailed, match=named((field,))):
            Listings("feed").pair(now)


@pytest.mark.parametrize("field", sorted(CONTRACT))
def test_a_contract_without_a_field_is_refused(field: str) -> None:
    """Its terms are the venue's words."""
    for now in damaged(CONTRACT, (field,)):
        with pytest.raises(ProviderFailed, match=named((field,))):
            contract_of("feed", now, ())


def test_a_contract_is_a_lot_of_100_units() -> None:
    """It expires at four in New York; one of another size is not traded."""
    made = contract_of("feed", CONTRACT, ())
    assert made.option is not None
    assert (made.option.right, made.option.strike) == (OptionRight.CALL, Decimal(200))
    assert format_time(made.option.expires_at_ns) == "2027-12-17T21:00:00Z"
    assert made.lot_size == made.min_quantity == 100
    assert made.tradable
    other = contract_of("feed", {**CONTRACT, "multiplier": "150"}, ())
    assert other.lot_size == 150
    assert not other.tradable
    nickels = contract_of("feed", {**CONTRACT, "ppind": False}, ())
    assert str(nickels.tick_size) == "0.05"


def test_a_contract_that_is_over_stays_listed() -> None:
    """From the day after its expiry on, by New York's clocks, it is known by its symbol."""
    symbol = "AAPL271217C00200000"
    assert expired_contract(symbol, datetime(2027, 12, 18, 4, 59, tzinfo=UTC)) is None
    document = expired_contract(symbol, datetime(2027, 12, 18, 5, tzinfo=UTC))
    assert document is not None
    told, known = contract_of("feed", document, ()), contract_of("feed", CONTRACT, ())
    assert told == msgspec.structs.replace(known, tradable=False)


@pytest.mark.parametrize("payload", read_by(Reader.ALPACA_SNAPSHOTS))
def test_recorded_greeks_are_read_whole_or_not_at_all(payload: Payload) -> None:
    """The venue computes none of some; a part of them, or one of no time, is refused."""
    known = snapshots(payload.body)
    assert set(known) == set(payload.body["snapshots"])
    for symbol, told in payload.body["snapshots"].items():
        assert (known[symbol] is not None) == ("greeks" in told)
        for name in ("delta", "gamma", "vega", "theta") if "greeks" in told else ():
            for now in damaged(told, ("greeks", name)):
                with pytest.raises(ProviderFailed, match=name):
                    greeks_of(now)
        for now in damaged(told, ("latestQuote", "t")) if "greeks" in told else ():
            with pytest.raises(ProviderFailed, match="expected t"):
                greeks_of(now)


@pytest.mark.parametrize("field", sorted(DAY))
def test_a_day_without_a_field_is_refused(field: str) -> None:
    """Hours that are not known are no hours."""
    for now in damaged(DAY, (field,)):
        with pytest.raises(ProviderFailed, match=named((field,))):
            hours_of([now])


def test_a_day_has_regular_hours_and_longer_ones_around_them() -> None:
    """By New York's clocks; of a day that names no longer hours there are none."""
    regular, extended = hours_of([DAY])
    (opens, closes), (begins, ends) = (
        (each.opens_at_ns, each.closes_at_ns) for each in (*regular, *extended)
    )
    assert (opens - begins, closes - opens, ends - closes) == (
        330 * 60 * 10**9,
        390 * 60 * 10**9,
        240 * 60 * 10**9,
    )
    short = {name: DAY[name] for name in ("date", "open", "close")}
    assert hours_of([short]) == Hours(regular, ())


@pytest.mark.parametrize(("attributes", "known"), [([], False), (["fractional_eh_enabled"], True)])
def test_fractions_trade_around_the_session_only_where_the_venue_says_so(
    attributes: list[str], *, known: bool
) -> None:
    """Whole shares always do; nothing else about the hours differs."""
    hours, asset = hours_of([DAY]), {**SHARE, "symbol": "AAPL", "attributes": attributes}
    fraction = Listings("alpaca", fractional=True).share(asset, hours)
    whole = Listings("alpaca").share(asset, hours)
    assert fraction.extended_intervals == (hours.extended if known else ())
    assert whole.extended_intervals == hours.extended
    assert whole.open_intervals == fraction.open_intervals == hours.regular


@pytest.mark.parametrize("field", ["t", *STREAMED])
def test_a_streamed_bar_without_a_field_is_refused(field: str) -> None:
    """It is warned of, and history has it later."""
    made = provider(("AAPL",))
    whole: dict[str, Json] = {**STREAMED, "t": SimpleNamespace(to_unix_nano=lambda: END_NS)}
    assert isinstance(made._streamed(whole), Bar)
    for now in ({key: whole[key] for key in whole if key != field}, {**whole, field: None}):
        with pytest.raises(ProviderFailed, match=named((field,))):
            made._streamed(now)
    made.close()


@pytest.mark.parametrize(("extended", "given"), [(False, [570]), (True, [569, 570])])
def test_bars_around_the_session_are_given_where_they_are_asked_for(
    given: list[int], *, extended: bool
) -> None:
    """A minute before the opening and the first one after it; minutes of the day in New York."""
    made = provider(("AAPL",))
    hours = hours_of([DAY])
    made._sessions = hours.extended if extended else hours.regular
    midnight_ns = hours.regular[0].opens_at_ns - 570 * 60 * 10**9
    raw = [
        {**STREAMED, "t": format_time(midnight_ns + minute * 60 * 10**9)} for minute in (569, 570)
    ]
    page: Json = {"bars": {"AAPL": raw}, "next_page_token": None}
    with answered({"/v2/stocks/bars": [page]}):
        bars = asyncio.run(made.history(("AAPL",), 0, END_NS))
    assert [(bar.start_ns - midnight_ns) // (60 * 10**9) for bar in bars] == given
    made.close()
