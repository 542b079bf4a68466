"""What Binance's own answers must have, because ccxt makes something of what is missing.

Of an order without `executedQty` it says that nothing is executed, of a trade without `commission`
that it was free, of a short position without `notional` that it is long, nothing of a position
without `entryPrice`, and of an account without its list that nothing is held. So what ccxt has read
is believed only when the fields that it reads were there. Other exchanges' answers are not known
here: of them ccxt is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from tidegate_chassis.venues.exchanges import BINANCE
from tidegate_execution.adapters.ccxt.outcomes import Unproven

PLACED: Final = ("symbol", "orderId")
ORDER: Final = (
    *PLACED,
    "clientOrderId",
    "origQty",
    "executedQty",
    "status",
    "type",
    "side",
    "updateTime",
)
PLACED_TO_WAIT: Final = ("symbol", "algoId")
WAITING: Final = (
    *PLACED_TO_WAIT,
    "clientAlgoId",
    "orderType",
    "side",
    "quantity",
    "algoStatus",
    "actualOrderId",
    "updateTime",
)
_TRADE: Final = (*PLACED, "id", "price", "qty", "commission", "commissionAsset", "time")
SPOT_TRADE: Final = (*_TRADE, "isMaker")
CONTRACT_TRADE: Final = (*_TRADE, "maker")
SPOT_BALANCE: Final = ("asset", "free", "locked")
CONTRACT_BALANCE: Final = ("asset", "marginBalance")
POSITION: Final = ("symbol", "positionAmt", "notional", "entryPrice")
POSITIONS: Final = "/positionRisk"
SPOT_REPORT: Final = ("s", "c", "C", "i")
CONTRACT_REPORT: Final = ("s", "c", "i")
WAITING_REPORT: Final = ("s", "caid", "aid")


def require(exchange: str, found: Mapping[str, object], names: tuple[str, ...]) -> None:
    """Raise `Unproven`, naming the first that is missing in what ccxt has read an answer from."""
    if exchange.startswith(BINANCE):
        require_fields(found.get("info"), names, "an answer")


def require_balances(exchange: str, balance: Mapping[str, object], *, contracts: bool) -> None:
    """Raise `Unproven` unless the account has its list, and each of the list what is read."""
    if not exchange.startswith(BINANCE):
        return
    information = balance.get("info")
    listed, names = ("assets", CONTRACT_BALANCE) if contracts else ("balances", SPOT_BALANCE)
    require_fields(information, (listed,), "the account")
    assert isinstance(information, Mapping), "it has the list"
    found = information[listed]
    if not isinstance(found, list):
        raise Unproven(f"expected {listed} of the account as a list, found {type(found).__name__}")
    for each in found:
        require_fields(each, names, listed)


def require_positions(exchange: str, url: str, answer: object) -> None:
    """Raise `Unproven` unless every position is whole, before ccxt leaves some of them out."""
    if exchange.startswith(BINANCE) and urlsplit(url).path.endswith(POSITIONS):
        if not isinstance(answer, list):
            raise Unproven(f"expected positions as a list, found {type(answer).__name__}")
        for each in answer:
            require_fields(each, POSITION, "a position")


def require_report(exchange: str, message: Mapping[str, object]) -> None:
    """Raise `Unproven` unless a message of the private stream says of which order it is."""
    if not exchange.startswith(BINANCE):
        return
    if message.get("e") == "ORDER_TRADE_UPDATE":
        require_fields(message.get("o"), CONTRACT_REPORT, "o of an update")
    elif message.get("e") == "ALGO_UPDATE":
        require_fields(message.get("o"), WAITING_REPORT, "o of an update")
    elif message.get("e") == "executionReport":
        require_fields(message, SPOT_REPORT, "an update")


def require_fields(document: object, names: tuple[str, ...], what: str) -> None:
    """Raise `Unproven`, naming the first that is missing or null."""
    if not isinstance(document, Mapping):
        raise Unproven(f"expected {what} as an object, found {type(document).__name__}")
    for name in names:
        if document.get(name) is None:
            raise Unproven(f"expected {name} in {what}, found none")
