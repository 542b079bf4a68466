"""What a call to an exchange can end with when it does not end with an answer.

::

    ExchangeOutcome
    ├── Refused    the exchange provably refused: an answer below 500 in its own words
    │   └── NotFound   it knows no such order
    ├── Unproven   nothing is proven: time, connection, 5xx, an answer nobody can read
    │   └── Limited    418 or 429: too many requests
    └── NotSent    the request provably never left

ccxt maps one answer to different classes, and different answers to one; so Binance's are told by
the HTTP status and its own code. Of other exchanges, whose codes nobody here has studied, a class
that can only mean "your order, as it is, no" is a proof, and every other is none.
"""

from __future__ import annotations

import json

SERVER_ERROR = 500
TOO_MANY = frozenset({418, 429})
PAUSE_S = 10.0
LIMITED = frozenset({408, 418, 425, 429})
# Binance answers these with 4xx although it may have done what was asked.
UNPROVEN_CODES = frozenset({-1000, -1001, -1003, -1006, -1007, -1008, -1016, -1034})
# USD-M contracts; other exchanges as ccxt classes what they say of a stop. Spot has only the words.
PASSED_CODES = frozenset({-2021, "OrderImmediatelyFillable"})
REJECTED_CODE, PASSED_WORDS = -2010, "would trigger immediately"
UNKNOWN_ORDER_CODES = frozenset({-2011, -2013})
REFUSALS = frozenset({"InsufficientFunds", "InvalidOrder", "BadSymbol", "PermissionDenied"})
"""Classes of ccxt with which an exchange refuses an order, those that derive from them included."""
NOT_REFUSALS = frozenset({"DuplicateOrderId", "CancelPending"})
"""Those among them that say that there is, or was, such an order."""
TAKEN_ID = "duplicate"
"""A word of reasons that ccxt classes as refusals now and then (Bybit's 110072)."""
UNKNOWN_ORDER = "OrderNotFound"
TOO_MANY_CLASSES = frozenset({"RateLimitExceeded", "DDoSProtection"})


class ExchangeOutcome(Exception):
    """A call did not end with an answer."""


class Refused(ExchangeOutcome):
    """The exchange provably refused."""

    def __init__(self, code: int | str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        # The exchange's own number, or ccxt's name of the class.
        self.code = code
        self.reason = reason

    @property
    def passed(self) -> bool:
        """Whether the trigger of a stop has been passed: by code, by words, or by ccxt's class."""
        named = self.code in PASSED_CODES
        return named or (self.code == REJECTED_CODE and PASSED_WORDS in self.reason)


class NotFound(Refused):
    """The exchange knows no such order."""


class Unproven(ExchangeOutcome):
    """Nothing is proven about the request."""


class Limited(Unproven):
    """The exchange wants fewer requests, and none for some seconds."""

    def __init__(self, status: int, seconds: float) -> None:
        super().__init__(f"HTTP {status}")
        self.seconds = seconds


class NotSent(ExchangeOutcome):
    """The request provably never left."""


def outcome_of(status: int, body: str, retry_after: str = "") -> ExchangeOutcome:
    """Return what an answer of 400 or more proves; `retry_after` is what its header says."""
    if status in TOO_MANY:
        return Limited(status, float(retry_after) if retry_after.isdigit() else PAUSE_S)
    if status >= SERVER_ERROR or status in LIMITED:
        return Unproven(f"HTTP {status}")
    try:
        document = json.loads(body)
    except ValueError:
        return Unproven(f"HTTP {status} that is not the exchange's own")
    code = document.get("code") if isinstance(document, dict) else None
    if not isinstance(code, int) or code in UNPROVEN_CODES:
        return Unproven(f"HTTP {status} with code {code}")
    kind = NotFound if code in UNKNOWN_ORDER_CODES else Refused
    return kind(code, str(document.get("msg", "")))


def outcome_by_class(error: Exception | None, status: int, retry_after: str) -> ExchangeOutcome:
    """Return what ccxt's reading of an answer proves, of an exchange other than Binance.

    ``error`` is None when ccxt found nothing wrong in an answer whose status says otherwise.
    """
    classes = {each.__name__ for each in type(error).__mro__}
    shown = f"HTTP {status}" if error is None else f"HTTP {status}: {type(error).__name__}"
    if status in TOO_MANY or TOO_MANY_CLASSES & classes:
        return Limited(status, float(retry_after) if retry_after.isdigit() else PAUSE_S)
    if status >= SERVER_ERROR or status in LIMITED:
        return Unproven(shown)
    if UNKNOWN_ORDER in classes:
        return NotFound(type(error).__name__, str(error))
    if not REFUSALS & classes or NOT_REFUSALS & classes or TAKEN_ID in str(error).lower():
        return Unproven(shown)
    return Refused(type(error).__name__, str(error))
