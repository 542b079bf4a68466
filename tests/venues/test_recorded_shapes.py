"""The venue writes what was recorded of the real ones: every recorded field is there."""

import gzip
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.venues.alpaca import shapes as alpaca
from tests.venues.binance import shapes as binance
from tests.venues.exchange.exchange import Exchange
from tests.venues.exchange.habits import ALPACA, BINANCE_SPOT, BINANCE_USDM, Habits
from tests.venues.exchange.orders import Side, Ticket, Update

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "fixtures"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not here")
Opening = Callable[[Habits], tuple[Exchange, list[Update]]]
SYMBOL = "BTC/USD"
# Deprecated by the venues, or only in what test suites made up.
NOT_WRITTEN = {
    "daytrade_count",
    "daytrading_buying_power",
    "pattern_day_trader",
    "commission",
    "usd",
    "last_close_pct_change",
    "last_price",
    "commissionRates",
    "brokered",
    "requireSelfTradePrevention",
    "preventSor",
    "tradeGroupId",
}


def recorded(name: str) -> Any:
    """Return a recording."""
    path = RECORDED / name
    return json.loads(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_text()
    )


def lacking(found: Mapping[str, object], expected: Mapping[str, object]) -> set[str]:
    """Return the recorded fields that are not written."""
    return set(expected) - set(found) - NOT_WRITTEN


@pytest.fixture
def filled(opened: Opening) -> Callable[[Habits], tuple[Exchange, list[Update]]]:
    """Return a way to open an exchange with one filled order."""

    def open_filled(habits: Habits) -> tuple[Exchange, list[Update]]:
        exchange, told = opened(habits)
        exchange.quote(SYMBOL, [("100", "9")], [("101", "9")])
        exchange.submit(Ticket(SYMBOL, Side.BUY, Decimal(2), client_order_id="a"))
        return exchange, told

    return open_filled


def test_trade_updates_have_every_recorded_field(filled: Opening) -> None:
    """Envelope, event and order are those of the recorded session."""
    exchange, told = filled(ALPACA)
    messages = recorded("alpaca_trade_updates_20260918.json")["messages"][2:]
    listing = exchange.market(SYMBOL).listing
    for message, update in zip(messages, (told[0], told[1], told[2]), strict=True):
        written: Any = alpaca.update_document(update, listing)
        assert written["data"]["event"] == message["data"]["event"]
        assert not lacking(written["data"], message["data"])
        assert not lacking(written["data"]["order"], message["data"]["order"])


def test_alpacas_answers_have_every_recorded_field(filled: Opening) -> None:
    """Account, position, order and asset are those of the client's own test suite."""
    exchange, _ = filled(ALPACA)
    listing = exchange.market(SYMBOL).listing
    written = {
        "/v2/account": alpaca.account_document(exchange),
        "/v2/positions": alpaca.position_document(exchange, SYMBOL),
        "/v2/orders": alpaca.order_document(exchange.find_client("a"), listing),
        "/v2/assets/{symbol}": alpaca.asset_document(listing),
    }
    checked = 0
    for item in recorded("alpaca_py_response_payloads.json.gz")["items"]:
        path = item["url"].removeprefix("{TRADING_PAPER}")
        body = item["json"][0] if isinstance(item["json"], list) else item["json"]
        if path in written and item["method"] in ("GET", "POST") and body:
            assert not lacking(written[path], body), path
            checked += 1
    assert checked >= len(written)


@pytest.mark.parametrize(
    ("habits", "file", "name"),
    [
        (BINANCE_SPOT, "binance_spot_payloads.json.gz", "http_json/order_response.json"),
        (BINANCE_SPOT, "binance_spot_payloads.json.gz", "http_json/account_response.json"),
        (BINANCE_SPOT, "binance_spot_payloads.json.gz", "http_json/account_trades_response.json"),
        (BINANCE_SPOT, "binance_spot_payloads.json.gz", "http_json/new_order_full_response.json"),
        (
            BINANCE_SPOT,
            "binance_spot_payloads.json.gz",
            "user_data_json/execution_report_trade.json",
        ),
        (BINANCE_USDM, "binance_usdm_payloads.json.gz", "http_json/order_response.json"),
        (BINANCE_USDM, "binance_usdm_payloads.json.gz", "http_json/position_risk.json"),
        (BINANCE_USDM, "binance_usdm_payloads.json.gz", "user_data_json/order_update_trade.json"),
    ],
)
def test_binances_answers_have_every_recorded_field(
    filled: Opening, habits: Habits, file: str, name: str
) -> None:
    """Orders, accounts, trades and reports carry what Binance's own carry."""
    exchange, told = filled(habits)
    order = exchange.find_client("a")
    execution = order.executions[0]
    exchange.account.number = "1"
    spot = habits is BINANCE_SPOT
    written: dict[str, Callable[[], object]] = {
        "order_response": lambda: (
            binance.spot_order(order) if spot else binance.contract_order(order)
        ),
        "account_response": lambda: binance.spot_account(exchange),
        "account_trades_response": lambda: binance.spot_trade(order, execution),
        "new_order_full_response": lambda: binance.spot_placed(order),
        "execution_report_trade": lambda: binance.execution_report(told[-1]),
        "position_risk": lambda: binance.contract_positions(exchange)[0],
        "order_update_trade": lambda: binance.order_trade_update(told[-1])["o"],
    }
    body = recorded(file)[name]
    body = body[0] if isinstance(body, list) else body
    expected = body.get("o") if name.endswith("order_update_trade.json") else body
    found = written[Path(name).stem]()
    assert isinstance(found, dict)
    assert lacking(found, expected) <= {"AP", "cr", "maxNotionalValue"}
