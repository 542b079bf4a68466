"""Who reads which recorded payload, or why nobody of ours does.

A payload that no line fits, or two, fails `test_recordings`: somebody has to decide.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final


class Reader(Enum):
    """An adapter, and what it reads."""

    ALPACA_ORDER = "execution/alpaca: an order, asked for and among the open ones"
    ALPACA_ACCOUNT = "execution/alpaca: the account"
    ALPACA_POSITIONS = "execution/alpaca: what is held"
    ALPACA_ACTIVITY = "execution/alpaca: a fill among the activities"
    ALPACA_BOOKING = "execution/alpaca: what is no trade among the activities"
    ALPACA_UPDATE = "execution/alpaca: a fill in the private stream"
    ALPACA_NOTICE = "execution/alpaca: a message of the private stream that reports nothing"
    ALPACA_ASSET = "market-data/alpaca: an equity"
    ALPACA_BARS = "market-data/alpaca: past bars"
    ALPACA_SNAPSHOTS = "market-data/alpaca: the Greeks of options"
    BINANCE_ORDER = "execution/ccxt: an order"
    BINANCE_ORDERS = "execution/ccxt: the open orders"
    BINANCE_PLACED = "execution/ccxt: the answer to a new order"
    BINANCE_TRADES = "execution/ccxt: the executions of an order"
    BINANCE_ACCOUNT = "execution/ccxt: the account"
    BINANCE_HEARD = "execution/ccxt: a message of the private stream"
    CONTRACT_ORDER = "execution/ccxt: an order of contracts"
    CONTRACT_ACCOUNT = "execution/ccxt: the account of contracts"
    CONTRACT_POSITIONS = "execution/ccxt: the contracts that are held"
    CONTRACT_HEARD = "execution/ccxt: a message of the private stream of contracts"
    BINANCE_MARKETS = "market-data/ccxt: what can be traded"
    BINANCE_LISTING = "market-data/ccxt: all that can be traded"
    BINANCE_CANDLES = "market-data/ccxt: past candles"
    BINANCE_CANDLE = "market-data/ccxt: a message of the stream of candles"


EXERCISE = "options are exercised at their expiry, and not by us before"
NO_MULTIPLIER = "made by hand: a contract that does not say how much it delivers, and is refused"
CHAINS = "contracts are configured by their symbols, not searched for by their underlying"
BROKER = "the broker's own interface: a broker's customers, not an account that trades"
BOOKS = "bars are read, not quotes, single trades or order books"
LATEST = "bars come from history and from the stream; the newest alone are not asked for"
PERSON = "an account's settings and lists are a person's business"
CORPORATE = "splits and dividends are not read from the venue yet"
CLOSES = "positions are closed by orders of ours, never by the venue's closing of all"
NOT_A_MARKET = "not traded: perpetuals, fixed income, currencies and indices of Alpaca"
CONTROL = "the client's own business: connecting and subscribing"
RINGS = "orders ring; balances are compared by asking for the account"
BINARY = "describes a binary capture that is not here"
UNREADABLE = "was taken from a test that made no JSON of it"
COINBASE = "the protocol that Coinbase has ended; ccxt speaks the present one"
CONTRADICTS = "made by hand: a stop order without a stop price is none, and is refused"
NO_ANSWER = "nothing is read of the answer: that it came is all"

_PY = "alpaca_py_response_payloads.json.gz"
_TRADING = "alpaca_openapi_trading-api.json.gz"
_DATA = "alpaca_openapi_market-data-api.json.gz"
_PAPER = re.escape("{TRADING_PAPER}/v2")
_SPOT = "binance_spot_payloads.json.gz"
_USDM = "binance_usdm_payloads.json.gz"
_ROWS: Final[tuple[tuple[str, Reader | str], ...]] = (
    # --- Alpaca: the client's own tests
    (rf"{_PY} (\d|[1-5]\d|60) .*", BROKER),
    (rf"{_PY} \d+ GET .*/v1/corporate-actions", CORPORATE),
    (rf"{_PY} \d+ GET .*/v1beta1/news", "news are not read yet"),
    (rf"{_PY} \d+ GET .*/v1beta1/options/snapshots", Reader.ALPACA_SNAPSHOTS),
    (rf"{_PY} \d+ GET .*/v1beta1/options/snapshots/.*", CHAINS),
    (rf"{_PY} \d+ GET .*/v1beta1/options/(trades|quotes)(/latest)?", BOOKS),
    (rf"{_PY} \d+ GET .*/v1beta1/screener/.*", "symbols are configured, not screened for"),
    (rf"{_PY} \d+ GET .*/(v1beta3/crypto/us|v2/stocks|v1beta1/options)/bars", Reader.ALPACA_BARS),
    (rf"{_PY} \d+ GET .*/latest/bars|{_PY} \d+ GET .*/bars/latest", LATEST),
    (
        rf"{_PY} \d+ GET .*/(crypto/us|stocks)/((latest/)?(trades|quotes)(/latest)?|snapshots)",
        BOOKS,
    ),
    (rf"{_PY} \d+ GET {_PAPER}/account", Reader.ALPACA_ACCOUNT),
    (rf"{_PY} \d+ (GET|PATCH) {_PAPER}/account/configurations", PERSON),
    (rf"{_PY} \d+ GET {_PAPER}/assets(/.*)?", Reader.ALPACA_ASSET),
    (rf"{_PY} \d+ GET {_PAPER}/corporate_actions/.*", CORPORATE),
    (rf"{_PY} \d+ GET {_PAPER}/options/contracts(/.*)?", NO_MULTIPLIER),
    (rf"{_PY} \d+ GET {_PAPER}/orders", CONTRADICTS),
    (rf"{_PY} \d+ POST {_PAPER}/orders", Reader.ALPACA_ORDER),
    (rf"{_PY} \d+ (GET|PATCH) {_PAPER}/orders[/:].*", Reader.ALPACA_ORDER),
    (rf"{_PY} \d+ DELETE {_PAPER}/orders(/.*)?", NO_ANSWER),
    (rf"{_PY} \d+ GET {_PAPER}/positions", Reader.ALPACA_POSITIONS),
    (rf"{_PY} \d+ GET {_PAPER}/positions/.*", UNREADABLE),
    (rf"{_PY} \d+ DELETE {_PAPER}/positions(/.*)?", CLOSES),
    (rf"{_PY} \d+ POST {_PAPER}/positions/.*/exercise", EXERCISE),
    # --- Alpaca: the examples of its own description
    (rf"{_DATA} GET /v1beta1/options/bars bars", Reader.ALPACA_BARS),
    (rf"{_DATA} GET /v1beta1/options/snapshots snapshots", Reader.ALPACA_SNAPSHOTS),
    (rf"{_DATA} GET /v1beta1/options/snapshots/{{underlying_symbol}} snapshots", CHAINS),
    (rf"{_DATA} GET /v1beta1/options/(trades|quotes)(/latest)? (trades|quotes)", BOOKS),
    (rf"{_DATA} GET /v1beta1/(crypto-perps|fixed_income|forex|indices)/.*", NOT_A_MARKET),
    (rf"{_DATA} GET /v1beta1/(news|screener/.*) .*", "news are not read yet, nothing is screened"),
    (rf"{_DATA} GET /v1beta3/crypto/{{loc}}/bars bars", Reader.ALPACA_BARS),
    (rf"{_DATA} GET /v2/stocks/bars bars", Reader.ALPACA_BARS),
    (rf"{_DATA} GET /v2/stocks/{{symbol}}/bars bars", "several symbols are asked for at once"),
    (rf"{_DATA} GET /(v1beta3|v2)/.*(latest/bars|bars/latest) bars?", LATEST),
    (rf"{_DATA} GET /(v1beta3|v2)/.* (auctions?|orderbooks|quotes?|trades?|snapshots?)", BOOKS),
    (rf"{_TRADING} GET /v2/account example", Reader.ALPACA_ACCOUNT),
    (rf"{_TRADING} (GET|POST|PATCH) /v2/orders(/\S+)? .*", Reader.ALPACA_ORDER),
    (rf"{_TRADING} schema Account example-1", Reader.ALPACA_ACCOUNT),
    (rf"{_TRADING} schema Assets example-1", Reader.ALPACA_ASSET),
    (rf"{_TRADING} schema Position example-\d", Reader.ALPACA_POSITIONS),
    (rf"{_TRADING} schema TradingActivities example-1", Reader.ALPACA_ACTIVITY),
    (rf"{_TRADING} (GET /v2/watchlists|schema Watchlist\w*) example-1", PERSON),
    (rf"{_TRADING} schema (AccountConfigurations|PortfolioHistory) .*", PERSON),
    (rf"{_TRADING} schema (AccountStatus|ActivityType|AssetClass) .*", "a word, not an answer"),
    (rf"{_TRADING} schema AdvancedInstructions .*", "a part of a request that we never make"),
    (rf"{_TRADING} schema NonTradeActivities .*", Reader.ALPACA_BOOKING),
    (rf"{_TRADING} schema (CanceledOrderResponse|PositionClosedReponse) .*", CLOSES),
    # --- Alpaca: a recorded private stream
    (r"alpaca_trade_updates_20260918.json \d (authorization|listening)", CONTROL),
    (r"alpaca_trade_updates_20260918.json \d trade_updates fill", Reader.ALPACA_UPDATE),
    (r"alpaca_trade_updates_20260918.json \d trade_updates (pending_)?new", Reader.ALPACA_NOTICE),
    # --- Binance
    (r"binance_depth_snapshots_20211011.txt.gz .*", BOOKS),
    (r"binance_exchangeInfo_20211011.txt.gz .*exchangeInfo", Reader.BINANCE_MARKETS),
    (r"binance_exchangeInfo_20211011.txt.gz .*exchangeInfo whole", Reader.BINANCE_LISTING),
    (rf"{_SPOT} http_json/account_response.json", Reader.BINANCE_ACCOUNT),
    (rf"{_SPOT} http_json/account_trades_response.json", Reader.BINANCE_TRADES),
    (rf"{_SPOT} http_json/(all|open)_orders_response.json", Reader.BINANCE_ORDERS),
    (rf"{_SPOT} http_json/cancel_(open_orders|order)_response.json", NO_ANSWER),
    (rf"{_SPOT} http_json/(avg_price|book_ticker|depth|ticker_\w+|trades)_response.json", BOOKS),
    (
        rf"{_SPOT} http_json/exchange_info_response.json",
        "an example whose markets have no filters: no tick, no lot",
    ),
    (rf"{_SPOT} http_json/klines_response.json", Reader.BINANCE_CANDLES),
    (rf"{_SPOT} http_json/new_order_full_response.json", Reader.BINANCE_PLACED),
    (rf"{_SPOT} http_json/order_response.json", Reader.BINANCE_ORDER),
    (rf"{_SPOT} http_json/(ping|server_time)_response.json", CONTROL),
    (rf"{_SPOT} user_data_json/(account_position|balance_update)(_wrapped)?.json", RINGS),
    (rf"{_SPOT} user_data_json/execution_report_\w+.json", Reader.BINANCE_HEARD),
    (rf"{_SPOT} user_data_json/list_status_wrapped.json", "exchanges' lists of orders: never sent"),
    (rf"{_SPOT} user_data_sbe/.*", BINARY),
    (rf"{_USDM} http_json/account_info_v2.json", Reader.CONTRACT_ACCOUNT),
    (rf"{_USDM} http_json/balance.json", "the account is asked for whole"),
    (rf"{_USDM} http_json/open_algo_orders.json", "waiting orders of contracts are never sent"),
    (rf"{_USDM} http_json/order_response.json", Reader.CONTRACT_ORDER),
    (rf"{_USDM} http_json/position_risk.json", Reader.CONTRACT_POSITIONS),
    (rf"{_USDM} market_data_json/kline_stream_\w+.json", Reader.BINANCE_CANDLE),
    (rf"{_USDM} market_data_json/(?!kline)\w+.json", BOOKS),
    (rf"{_USDM} user_data_json/order_update_\w+.json", Reader.CONTRACT_HEARD),
    (rf"{_USDM} user_data_json/account_update(_bnfcr)?.json", RINGS),
    (rf"{_USDM} user_data_json/algo_update_\w+.json", "waiting orders of contracts are never sent"),
    (rf"{_USDM} user_data_json/trade_lite.json", "the full report of the same trade rings"),
    (r"binance_ws_20211011.txt.gz \w+@kline_1m", Reader.BINANCE_CANDLE),
    (r"binance_ws_20211011.txt.gz \w+@(depth@100ms|bookTicker|aggTrade)", BOOKS),
    (r"coinbase_pro_ws_20210417.txt.gz \w+", COINBASE),
)
DECISIONS: Final = tuple((re.compile(pattern), made) for pattern, made in _ROWS)
