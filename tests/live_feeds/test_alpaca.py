"""Alpaca's bars through alpaca-py, from a venue on loopback that drops, mutes and refuses."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.live_feeds.hosting import AtVenue, Work
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.models import FeedConfiguration
from tidegate_contracts.market import AssetClass, FeedState
from tidegate_market_data.adapters.live.provider import NotListed

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
BTC = "BTC/USD"
FEED = FeedConfiguration(kind="alpaca", warmup_bars=20)
CRYPTO = "/v1beta3/crypto/us"
CALL = "AAPL271217C00200000"


def at_alpaca(venue: TestVenue, symbols: str = BTC, feed: FeedConfiguration = FEED) -> AtVenue:
    """Return a feed of Alpaca's."""
    return AtVenue(venue, "alpaca", feed, symbols)


async def until_listening(at: AtVenue, path: str = CRYPTO) -> None:
    """Wait until the venue knows a subscription."""
    hub = at.venue.feeds[path]
    await asyncio.to_thread(eventually, lambda: any(each.topics for each in hub.lines), "a line")


async def test_a_feed_begins_with_the_past_and_goes_on_live(venue: TestVenue, work: Work) -> None:
    """As many past bars as are asked for; what is streamed comes after them, once."""
    at = at_alpaca(venue, feed=FeedConfiguration(kind="alpaca", warmup_bars=3))
    for back in range(9, 0, -1):
        at.publish(BTC, back, silent=True)
    work(at)
    await at.host.until(lambda: 1 in at.backs(BTC))
    await until_listening(at)
    at.publish(BTC, 0)
    await at.host.until(lambda: 0 in at.backs(BTC))
    # Asked for when the next minute has begun, the past begins a bar later.
    assert at.backs(BTC) in ([2, 1, 0], [1, 0])
    bar = at.host.bars[-1]
    assert (bar.open, bar.high, bar.low, bar.close) == (100_00, 101_00, 99_00, 100_50)
    assert not any(each.gap_before for each in at.host.bars)
    assert at.feed.reason == ""


async def test_instruments_are_the_venues(venue: TestVenue) -> None:
    """Ticks and lots of pairs; whole shares that may be sold short, or fractions that may not."""
    at = at_alpaca(venue, f"{BTC} AAPL")
    pair, share = await at.provider.instruments()
    assert (pair.asset_class, pair.base_currency, pair.quote_currency) == (
        AssetClass.CRYPTO,
        "BTC",
        "USD",
    )
    assert (pair.tick_size, pair.price_scale) == (Decimal("0.01"), 2)
    assert (pair.lot_size, pair.size_scale) == (Decimal("0.00001"), 5)
    assert (share.asset_class, share.lot_size, share.shortable) == (
        AssetClass.EQUITY,
        Decimal(1),
        True,
    )
    assert len(share.open_intervals) == len(share.extended_intervals) >= 5
    for regular, around in zip(share.open_intervals, share.extended_intervals, strict=True):
        assert around.opens_at_ns < regular.opens_at_ns
        assert around.closes_at_ns > regular.closes_at_ns
    fractional = FeedConfiguration(kind="alpaca", fractional=True)
    other = at_alpaca(venue, "AAPL", fractional)
    (fraction,) = await other.provider.instruments()
    assert (fraction.lot_size, fraction.shortable) == (Decimal("0.000001"), False)
    for each in (at, other):
        each.feed.close()


async def test_crypto_and_equities_come_over_connections_of_their_own(
    venue: TestVenue, work: Work
) -> None:
    """One each; both symbols of an instant are published."""
    venue.alpaca.open_always = True
    at = at_alpaca(venue, f"{BTC} AAPL")
    work(at)
    await until_listening(at)
    await until_listening(at, "/v2/iex")
    for symbol in (BTC, "AAPL"):
        at.publish(symbol, 0)
    await at.host.until(lambda: len(at.host.bars) == 2)
    assert at.backs(BTC) == at.backs("AAPL") == [0]


async def test_what_was_missed_while_away_is_filled(venue: TestVenue, work: Work) -> None:
    """The stream drops; nothing is replayed; history is asked when it listens again."""
    at = at_alpaca(venue)
    at.publish(BTC, 4, silent=True)
    work(at)
    await at.host.until(lambda: at.backs(BTC))
    await until_listening(at)
    venue.drop_streams()
    for back in (3, 2):
        at.publish(BTC, back, silent=True)
    await at.host.until(lambda: len(at.backs(BTC)) >= 3)
    assert at.backs(BTC) == [4, 3, 2][-len(at.backs(BTC)) :]


async def test_bars_between_are_asked_for_before_a_later_one(venue: TestVenue, work: Work) -> None:
    """They are published first, and then nothing is missing."""
    at = at_alpaca(venue)
    at.publish(BTC, 3, silent=True)
    work(at)
    await at.host.until(lambda: at.backs(BTC))
    await until_listening(at)
    at.feed.look_every_ns = 10**18
    at.publish(BTC, 2, silent=True)
    at.publish(BTC, 0)
    await at.host.until(lambda: 0 in at.backs(BTC))
    assert at.backs(BTC)[-3:] in ([3, 2, 0], [2, 0])
    assert not at.host.bars[-1].gap_before


async def test_a_gap_is_marked_when_history_does_not_answer(venue: TestVenue, work: Work) -> None:
    """The bar goes on, marked, and the feed says that it is stale."""
    at = at_alpaca(venue)
    at.publish(BTC, 2, silent=True)
    work(at)
    await at.host.until(lambda: at.backs(BTC))
    await until_listening(at)
    venue.plan.set(requests_lost=99, only="/bars")
    at.publish(BTC, 0)
    await at.host.until(lambda: 0 in at.backs(BTC))
    assert at.host.bars[-1].gap_before
    assert FeedState.STALE in at.host.states


async def test_a_mute_stream_is_found_out_and_connected_anew(venue: TestVenue, work: Work) -> None:
    """It is connected and says nothing, while history goes on."""
    at = at_alpaca(venue)
    at.publish(BTC, 9, silent=True)
    at.feed.look_every_ns = 1
    work(at)
    # Until the past has come: the next bar must not be found with it.
    await at.host.until(lambda: at.backs(BTC))
    await until_listening(at)
    venue.plan.set(streams_mute=True)
    at.publish(BTC, 8)
    await at.host.until(lambda: FeedState.STALE in at.host.states)
    assert at.backs(BTC)[-1] == 8
    venue.plan.clear()
    await until_listening(at)
    at.publish(BTC, 7)
    await at.host.until(lambda: 7 in at.backs(BTC))


async def test_an_unknown_symbol_is_named(venue: TestVenue, work: Work) -> None:
    """Nothing is streamed before everything that is wanted is known."""
    at = at_alpaca(venue, "BTC/USD NOSUCH")
    with pytest.raises(NotListed, match="NOSUCH"):
        await at.provider.instruments()
    work(at)
    await asyncio.to_thread(eventually, lambda: "NOSUCH" in at.feed.reason, "the reason")
    assert at.host.said == []


async def test_wrong_keys_are_said_without_showing_them(venue: TestVenue, work: Work) -> None:
    """The venue refuses; the reason names its answer and no key."""
    at = at_alpaca(venue)
    venue.keys.__dict__["secret"] = "another-one"
    work(at)
    await asyncio.to_thread(eventually, lambda: "401" in at.feed.reason, "the reason")
    assert "not-a-secret" not in at.feed.reason + repr(at.provider)


async def test_options_have_greeks_and_their_bars_are_asked_for(
    venue: TestVenue, work: Work
) -> None:
    """Alpaca streams no bars of them; what a contract counts once counts a hundred units."""
    venue.alpaca.quote(CALL, [("5", "9")], [("5.1", "9")])
    at = at_alpaca(venue, CALL, FeedConfiguration(kind="alpaca", warmup_bars=3))
    at.publish(CALL, 1, silent=True)
    work(at)
    await at.host.until(lambda: at.backs(CALL) == [1])
    (listed,) = at.host.instruments
    assert listed.asset_class == AssetClass.OPTION
    assert listed.option is not None
    assert (listed.option.underlying, listed.option.strike) == ("AAPL", Decimal(200))
    assert listed.greeks is not None
    assert (listed.greeks.delta, listed.greeks.theta) == (Decimal("0.5"), Decimal("-0.05"))
    at.publish(CALL, 0, silent=True)
    at.feed._asked_ns = 0
    at.feed._instruments_s = 0
    await at.host.until(lambda: at.backs(CALL) == [1, 0])
    await at.host.until(lambda: len(at.host.instruments) == 2)
    assert [each.volume for each in at.host.bars] == [700, 700]
    assert not any(each.gap_before for each in at.host.bars)
