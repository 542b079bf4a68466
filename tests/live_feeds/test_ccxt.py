"""Binance's bars through ccxt.pro, from a venue on loopback: spot and USD-M."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.instances import eventually
from tests.live_feeds.hosting import AtVenue, Work
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.models import FeedConfiguration
from tidegate_contracts.market import AssetClass
from tidegate_market_data.adapters.live.provider import NotListed

pytestmark = pytest.mark.real
LISTED = "BTCUSDT"
KINDS = {"spot": "BTC/USDT", "usdm": "BTC/USDT:USDT"}


def at_binance(venue: TestVenue, kind: str, symbol: str = "", warmup_bars: int = 20) -> AtVenue:
    """Return a feed of Binance's testnet."""
    feed = FeedConfiguration.model_validate(
        {
            "kind": "ccxt",
            "exchange": "binance",
            "market": kind,
            "testnet": True,
            "warmup_bars": warmup_bars,
        }
    )
    return AtVenue(venue, kind, feed, symbol or KINDS[kind])


async def until_listening(at: AtVenue) -> None:
    """Wait until the venue knows a subscription."""
    hub = at.venue.usdm_streams if at.place == "usdm" else at.venue.spot_streams
    await asyncio.to_thread(eventually, lambda: any(each.topics for each in hub.lines), "a line")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_feed_begins_with_the_past_and_goes_on_live(
    venue: TestVenue, work: Work, kind: str
) -> None:
    """A candle that Binance calls closed is published at once, after what history holds."""
    at = at_binance(venue, kind, warmup_bars=3)
    for back in range(9, 0, -1):
        at.publish(LISTED, back, silent=True)
    work(at)
    await until_listening(at)
    await at.host.until(lambda: 1 in at.backs(KINDS[kind]))
    at.publish(LISTED, 0)
    await at.host.until(lambda: 0 in at.backs(KINDS[kind]))
    # Asked for when the next minute has begun, the past begins a bar later.
    assert at.backs(KINDS[kind]) in ([2, 1, 0], [1, 0])
    assert not any(each.gap_before for each in at.host.bars)
    (listed,) = at.host.instruments
    assert (listed.venue, listed.asset_class) == ("binance", AssetClass.CRYPTO)
    assert (listed.base_currency, listed.quote_currency) == ("BTC", "USDT")
    assert listed.shortable == (kind == "usdm")
    assert listed.lot_size == Decimal("0.001" if kind == "usdm" else "0.00001")


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_missed_while_away_is_filled(
    venue: TestVenue, work: Work, kind: str
) -> None:
    """The stream drops; history is asked when it listens again."""
    at = at_binance(venue, kind)
    at.publish(LISTED, 4, silent=True)
    work(at)
    await at.host.until(lambda: at.backs(KINDS[kind]))
    await until_listening(at)
    venue.drop_streams()
    for back in (3, 2):
        at.publish(LISTED, back, silent=True)
    await at.host.until(lambda: len(at.backs(KINDS[kind])) == 3)
    assert at.backs(KINDS[kind]) == [4, 3, 2]


async def test_an_unknown_symbol_is_named(venue: TestVenue) -> None:
    """With how ccxt writes symbols."""
    at = at_binance(venue, "usdm", "BTC/USDT")
    with pytest.raises(NotListed, match="BTC/USDT:USDT"):
        await at.provider.instruments()
    at.feed.close()
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*left)
