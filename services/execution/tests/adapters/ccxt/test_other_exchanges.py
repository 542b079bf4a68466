"""What answers of exchanges other than Binance prove, through ccxt's own reading of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tidegate_chassis.security.secrets import Secret
from tidegate_chassis.venues.errors import Misconfigured
from tidegate_chassis.venues.exchanges import CREDENTIALS, Access
from tidegate_execution.adapters.ccxt.client import client_of
from tidegate_execution.adapters.ccxt.outcomes import (
    ExchangeOutcome,
    Limited,
    NotFound,
    Refused,
    Unproven,
)

KEYS = {word: Secret("0x01") for word in CREDENTIALS}


@cache
def client(exchange: str) -> Any:  # noqa: ANN401 - ccxt has no types
    """Return a client of real money that is not connected."""
    return client_of(Access(exchange, "spot", testnet=False, credentials=KEYS))


def outcome(exchange: str, status: int, body: object) -> ExchangeOutcome | None:
    """Return what an answer ends a call with."""
    text = json.dumps(body)
    try:
        client(exchange).handle_errors(status, "", "", "POST", {}, text, body, {}, "")
    except ExchangeOutcome as found:
        return found
    return None


def bybit(code: int, message: str = "") -> dict[str, object]:
    """Return an answer of Bybit, which says 200 to everything."""
    return {"retCode": code, "retMsg": message, "result": {}}


def okx(code: str) -> dict[str, object]:
    """Return an answer of OKX about one order."""
    return {"code": "1", "msg": "", "data": [{"sCode": code, "sMsg": "no"}]}


@pytest.mark.parametrize(
    ("exchange", "status", "body", "kind"),
    [
        ("bybit", 200, bybit(0), None),
        ("bybit", 200, bybit(110_007, "not enough for new order"), Refused),
        ("bybit", 200, bybit(110_001, "order not exists"), NotFound),
        ("bybit", 200, bybit(10_006, "too many visits"), Limited),
        ("bybit", 200, bybit(10_016, "internal server error"), Unproven),
        # ccxt says InvalidOrder of it, and yet there is an order of that id.
        ("bybit", 200, bybit(110_072, "OrderLinkedID is duplicate"), Unproven),
        ("bybit", 200, bybit(987_654, "never heard of"), Unproven),
        ("bybit", 400, {}, Unproven),
        ("bybit", 504, {}, Unproven),
        ("bybit", 429, {}, Limited),
        ("okx", 200, okx("51008"), Refused),
        ("okx", 200, okx("51603"), NotFound),
        ("okx", 503, {"code": "50001", "msg": "unavailable"}, Unproven),
        ("kraken", 200, {"error": ["EOrder:Insufficient funds"]}, Refused),
        ("kraken", 200, {"error": ["EService:Unavailable"]}, Unproven),
        ("kraken", 200, {"error": ["EAPI:Rate limit exceeded"]}, Limited),
    ],
)
def test_only_a_refusal_of_the_order_itself_is_a_proof(
    exchange: str, status: int, body: object, kind: type[ExchangeOutcome] | None
) -> None:
    """What else went wrong leaves the order unknown, and it is asked for."""
    assert type(outcome(exchange, status, body)) is (type(None) if kind is None else kind)


def test_a_refusal_names_the_class_and_shows_the_exchanges_words() -> None:
    """Codes of other exchanges are of many shapes."""
    found = outcome("bybit", 200, bybit(110_007, "not enough for new order"))
    assert isinstance(found, Refused)
    assert found.code == "InsufficientFunds"
    assert "not enough for new order" in found.reason


@pytest.mark.parametrize("exchange", ["okx", "myokx", "weex"])
def test_a_testnet_that_a_header_tells_from_real_money_is_refused(exchange: str) -> None:
    """Paper sessions reach hosts without real money, and nothing else."""
    access = Access(exchange, "spot", testnet=True, credentials=KEYS)
    with pytest.raises(Misconfigured, match="whose testnet is at a host of its real money"):
        client_of(access)


@pytest.mark.parametrize("exchange", ["bybit", "gate", "hyperliquid", "bingx"])
def test_a_testnet_is_ccxts_own(exchange: str) -> None:
    """Its addresses, and whatever else ccxt changes for it."""
    made = client_of(Access(exchange, "spot", testnet=True, credentials=KEYS))
    assert made.urls["api"] == made.urls["test"]
    assert made.isSandboxModeEnabled


def test_what_an_exchange_needs_is_asked_for_by_name() -> None:
    """KuCoin knows us by a password too."""
    access = Access("kucoin", "spot", testnet=False, credentials={"apiKey": KEYS["apiKey"]})
    with pytest.raises(Misconfigured, match="found no KUCOIN_API_SECRET, no KUCOIN_API_PASSWORD"):
        client_of(access)
