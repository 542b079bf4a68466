"""`exchangeInfo`: what can be traded, its filters and the rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.binance.shapes import milliseconds

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.listings import Listing

Document = dict[str, object]
# A hundred times what Binance grants: tests ask fast.
RATE_LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 600_000},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 5_000},
]


def exchange_info(exchange: Exchange, *, contracts: bool) -> Document:
    """Return the whole document."""
    symbols = [
        _contract(market.listing) if contracts else _spot(market.listing)
        for market in exchange.markets.values()
    ]
    return {
        "timezone": "UTC",
        "serverTime": milliseconds(exchange.clock()),
        "rateLimits": RATE_LIMITS,
        "exchangeFilters": [],
        "assets": [],
        "symbols": symbols,
    }


def _spot(listing: Listing) -> Document:
    types = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"]
    return {
        "symbol": listing.symbol,
        "status": "TRADING",
        "baseAsset": listing.base,
        "baseAssetPrecision": 8,
        "quoteAsset": listing.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": types,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": False,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(listing, "NOTIONAL", "minNotional"),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _contract(listing: Listing) -> Document:
    types = ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TRAILING_STOP_MARKET"]
    return {
        "symbol": listing.symbol,
        "pair": listing.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.quote,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "orderTypes": types,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "filters": _filters(listing, "MIN_NOTIONAL", "notional"),
    }


def _filters(listing: Listing, notional_filter: str, notional: str) -> list[Document]:
    lots = {"minQty": str(listing.min_quantity), "maxQty": "9000", "stepSize": str(listing.lot)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01",
            "maxPrice": "1000000",
            "tickSize": str(listing.tick),
        },
        {"filterType": "LOT_SIZE", **lots},
        {"filterType": "MARKET_LOT_SIZE", **lots},
        {"filterType": notional_filter, notional: str(listing.min_notional), "applyToMarket": True},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200, "limit": 200},
    ]
