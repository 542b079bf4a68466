"""What alpaca-py sees of the venue."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.instances import eventually
from tests.venues.alpaca.conftest import streaming
from tests.venues.clients import trading_client
from tests.venues.exchange.tape import PublishedBar
from tests.venues.server import TestVenue

pytestmark = [
    pytest.mark.real,
    # alpaca-py connects through the part of websockets that is to go.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SYMBOL = "BTC/USD"
BIDS, ASKS = [("100", "1")], [("101", "1"), ("102", "5")]
FEED = "/v1beta3/crypto/us"


def order(client_order_id: str, **more: object) -> dict[str, object]:
    """Return a purchase of 2 BTC at the market, or what is said otherwise."""
    common = {"symbol": SYMBOL, "qty": "2", "side": "buy", "type": "market", "time_in_force": "gtc"}
    return {**common, "client_order_id": client_order_id, **more}


def test_an_order_is_taken_filled_and_reported(
    venue: TestVenue, updates: list[dict[str, Any]]
) -> None:
    """Model classes parse every answer, and the stream tells each execution with its id."""
    from alpaca.trading.requests import MarketOrderRequest

    client = trading_client(venue)
    venue.alpaca.quote(SYMBOL, BIDS, ASKS)
    placed = client.submit_order(
        MarketOrderRequest(
            symbol=SYMBOL, qty=2, side="buy", time_in_force="gtc", client_order_id="one"
        )
    )
    found = client.get_order_by_client_id("one")
    assert (placed.id, found.filled_avg_price) == (found.id, "101.5")
    assert [(each.symbol, each.qty) for each in client.get_all_positions()] == [("BTCUSD", "1.995")]
    assert client.get_account().cash == "99797"
    activities: Any = client.get("/account/activities/FILL")
    assert [each["cum_qty"] for each in activities] == ["2", "1"]
    eventually(lambda: len(updates) == 4, "four updates")
    assert [each["event"] for each in updates] == ["pending_new", "new", "partial_fill", "fill"]
    assert updates[3]["order"]["filled_qty"] == "2"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (order("known"), 422, 40010001),
        (order("a", qty="9999"), 403, 40310000),
        (order("b", symbol="DOGE/USD"), 404, 40410000),
        (order("c", type="limit"), 422, 40010001),
        (order("d", qty="0.000001"), 422, 42210000),
        (order("e", side="hold"), 422, 40010001),
        (order("f", symbol="AAPL", qty="1", extended_hours=True), 422, 42210000),
        (order("g", type="limit", limit_price="90", extended_hours=True), 422, 42210000),
    ],
)
def test_refusals_carry_the_codes_of_the_real_venue(
    venue: TestVenue, asked: dict[str, object], status: int, code: int
) -> None:
    """A client that classifies answers finds status, code and a sentence."""
    from alpaca.common.exceptions import APIError

    client = trading_client(venue)
    venue.alpaca.quote(SYMBOL, BIDS, ASKS)
    client.post("/orders", order("known"))
    with pytest.raises(APIError) as caught:
        client.post("/orders", asked)
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_wrong_keys_are_refused(venue: TestVenue) -> None:
    """REST answers 401 to keys that are not the venue's."""
    from alpaca.common.exceptions import APIError
    from alpaca.trading.client import TradingClient

    client = TradingClient("other", "keys", paper=True, url_override=venue.http)
    with pytest.raises(APIError) as caught:
        client.get_account()
    assert caught.value.status_code == 401


def test_an_order_is_changed_and_cancelled(venue: TestVenue) -> None:
    """A replacement has an id of its own; a cancelled order cannot be cancelled again."""
    from alpaca.common.exceptions import APIError
    from alpaca.trading.requests import ReplaceOrderRequest

    client = trading_client(venue)
    venue.alpaca.quote(SYMBOL, BIDS, ASKS)
    placed: Any = client.post("/orders", order("old", type="limit", limit_price="90"))
    changed = client.replace_order_by_id(
        placed["id"], ReplaceOrderRequest(limit_price=91, client_order_id="new")
    )
    assert (str(changed.replaces), changed.limit_price) == (placed["id"], "91")
    client.cancel_order_by_id(changed.id)
    with pytest.raises(APIError) as caught:
        client.cancel_order_by_id(changed.id)
    assert caught.value.status_code == 422
    assert client.get_orders() == []


def test_what_can_be_traded_is_listed(venue: TestVenue) -> None:
    """Assets, contracts, clock and calendar parse."""
    from alpaca.trading.enums import AssetClass
    from alpaca.trading.requests import GetAssetsRequest, GetOptionContractsRequest

    client = trading_client(venue)
    assets = client.get_all_assets(GetAssetsRequest(asset_class=AssetClass.CRYPTO))
    assert [each.symbol for each in assets] == [SYMBOL, "ETH/USD"]
    contracts = client.get_option_contracts(GetOptionContractsRequest(underlying_symbols=["AAPL"]))
    assert [each.strike_price for each in contracts.option_contracts] == [200, 210, 190]
    assert client.get_clock().is_open
    assert len(client.get_calendar()) <= 1


def test_bars_come_as_messagepack_and_as_history(venue: TestVenue) -> None:
    """The stream sends a closed bar; what it did not send is in the history."""
    from alpaca.data.historical import CryptoHistoricalDataClient
    from alpaca.data.live import CryptoDataStream
    from alpaca.data.requests import CryptoBarsRequest
    from alpaca.data.timeframe import TimeFrame

    got: list[Any] = []

    async def keep(message: Any) -> None:
        got.append(message)

    keys = (venue.keys.key, venue.keys.secret)
    stream = CryptoDataStream(*keys, url_override=f"{venue.ws}{FEED}")
    stream.subscribe_bars(keep, SYMBOL)
    start_ns = 1_700_000_040_000_000_000
    with streaming(stream, venue.feeds[FEED]):
        prices = ("100", "102", "99", "101")
        venue.publish("alpaca", PublishedBar.of(SYMBOL, start_ns, prices), silent=True)
        venue.publish("alpaca", PublishedBar.of(SYMBOL, start_ns + 60 * 10**9, prices, "3"))
        eventually(lambda: got, "a bar")
    assert (got[0].open, got[0].close, got[0].volume) == (100, 101, 3)
    client = CryptoHistoricalDataClient(*keys, url_override=venue.http)
    since = datetime(2023, 11, 1, tzinfo=UTC)
    request = CryptoBarsRequest(symbol_or_symbols=SYMBOL, timeframe=TimeFrame.Minute, start=since)
    found: Any = client.get_crypto_bars(request)
    assert len(found.data[SYMBOL]) == 2


def test_a_feed_takes_one_connection(venue: TestVenue) -> None:
    """The second connection is told so and closed."""
    import msgpack
    from websockets.sync.client import connect

    headers = {"Content-Type": "application/msgpack"}
    with connect(f"{venue.ws}{FEED}", additional_headers=headers) as first:
        first.recv()
        eventually(lambda: venue.feeds[FEED].lines, "a line")
        with connect(f"{venue.ws}{FEED}", additional_headers=headers) as second:
            second.recv()
            told = msgpack.unpackb(second.recv())
    assert told == [{"T": "error", "code": 406, "msg": "connection limit exceeded"}]


def test_a_dropped_stream_comes_back_and_nothing_is_replayed(
    venue: TestVenue, updates: list[dict[str, Any]]
) -> None:
    """The client reconnects by itself, and what happened in between it never hears."""
    venue.alpaca.quote(SYMBOL, BIDS, ASKS)
    venue.plan.set(drop_after_updates=3)
    trading_client(venue).post("/orders", order("one"))
    eventually(
        lambda: venue.updates.connections == 2 and venue.updates.lines[0].topics, "the stream"
    )
    assert [each["event"] for each in updates] == ["pending_new", "new"]
