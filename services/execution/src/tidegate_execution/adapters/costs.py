"""What requests cost of an account's rate budget, by venue, and the budget that is told for it.

Weights: Binance's documentation of each endpoint; Alpaca counts requests. A question about an order
is counted with the question for its executions, an account with all that is read of it. Of orders
that wait for a trigger both are asked: of an order where it waits too, of an account all that wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.venues.budget import Limit
from tidegate_contracts.execution import CancelOrder, QueryAccount, QueryOrder, SubmitOrder

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment

Costs = Mapping[type, Mapping[str, int]]
ALPACA: Final[Costs] = {
    SubmitOrder: {"requests": 1},
    CancelOrder: {"requests": 2},
    QueryOrder: {"requests": 2},
    QueryAccount: {"requests": 4},
}
A_PAGE: Final = {"requests": 1}
"""Of one more page of Alpaca's activities."""
BINANCE_SPOT: Final[Costs] = {
    SubmitOrder: {"REQUEST_WEIGHT": 1, "ORDERS": 1, "RAW_REQUESTS": 1},
    CancelOrder: {"REQUEST_WEIGHT": 1, "RAW_REQUESTS": 1},
    QueryOrder: {"REQUEST_WEIGHT": 9, "RAW_REQUESTS": 2},
    QueryAccount: {"REQUEST_WEIGHT": 100, "RAW_REQUESTS": 2},
}
BINANCE_CONTRACTS: Final[Costs] = {
    SubmitOrder: {"REQUEST_WEIGHT": 1, "ORDERS": 1},
    CancelOrder: {"REQUEST_WEIGHT": 1},
    QueryOrder: {"REQUEST_WEIGHT": 8},
    QueryAccount: {"REQUEST_WEIGHT": 120},
}
A_PAGE_OF_INCOME: Final = {"REQUEST_WEIGHT": 30}
"""Of one more page of what Binance has booked by itself."""
GUESSED: Final[Costs] = ALPACA
"""Of an exchange that nobody here has studied."""
ALPACA_LIMITS: Final = (Limit("requests", 200, 60),)
SECONDS: Final = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400}
MS_PER_MINUTE: Final = 60_000


def published(document: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return the limits of Binance's `exchangeInfo`; what cannot be read is no limit."""
    found = (each for each in document.get("rateLimits") or () if isinstance(each, Mapping))
    return tuple(_limits(found))


def _limits(found: Iterable[Mapping[str, Any]]) -> Iterable[Limit]:
    for each in found:
        length = SECONDS.get(str(each.get("interval")))
        count, most = each.get("intervalNum"), each.get("limit")
        if length and str(count).isdigit() and str(most).isdigit():
            yield Limit(str(each.get("rateLimitType")), int(str(most)), length * int(str(count)))


def guessed(milliseconds_apart: float) -> tuple[Limit, ...]:
    """Return a limit from how far apart ccxt keeps the requests of an exchange."""
    return (Limit("requests", max(int(MS_PER_MINUTE / milliseconds_apart), 1), 60),)


def name_of(venue: str, key: str) -> str:
    """Name an account: the same for all who hold its key, and the key cannot be read from it."""
    return f"{venue}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def server_of(environment: Environment) -> str | None:
    """Return where the budgets are kept: `REDIS_URL`, or the file that `REDIS_URL_FILE` names."""
    found = read_secret("REDIS_URL", environment)
    return None if found is None else found.reveal()
