"""ccxt's client at the right addresses, telling what the exchange really answered.

Importing ccxt costs seconds: only opening a venue does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidegate_chassis.venues.errors import Misconfigured
from tidegate_chassis.venues.exchanges import BINANCE
from tidegate_execution.adapters.ccxt.completeness import (
    require_positions,
    require_report,
)
from tidegate_execution.adapters.ccxt.outcomes import Unproven, outcome_by_class, outcome_of

if TYPE_CHECKING:
    from tidegate_chassis.venues.exchanges import Access

Client = Any
"""One of ccxt.pro's exchanges; the package has no types."""
ANSWERED_BADLY = 400
URL, HEADERS, BODY, PARSED = 1, 3, 4, 5
ORDERS = "orders"
"""What ccxt calls that which `watch_orders` waits for."""


def client_of(access: Access) -> Client:
    """Return a client that is not connected; `Misconfigured` if the addresses do not fit."""
    from ccxt import pro

    if access.exchange not in pro.exchanges:
        raise Misconfigured(f"expected an exchange of ccxt.pro, found {access.exchange}")
    made = _telling(getattr(pro, access.exchange))(access.settings())
    # ccxt would queue an order behind a comparison of the account, for seconds.
    made.enableRateLimit = False
    access.lead(made)
    access.require_keys(made.requiredCredentials)
    return made


def _telling(exchange: type[Any]) -> type[Any]:
    from ccxt import BaseError

    is_binance = exchange.__name__.startswith(BINANCE)

    class Telling(exchange):  # type: ignore[misc]
        """Raises what an answer proves, before ccxt makes a class of its own of it."""

        def handle_errors(self, code: int, *rest: object) -> object:
            # The rest: reason, url, method, headers, body, and what ccxt has made of it.
            body, wait = str(rest[BODY] or ""), _retry_after(rest[HEADERS])
            if code >= ANSWERED_BADLY and is_binance:
                raise outcome_of(code, body, wait)
            try:
                answer: object = super().handle_errors(code, *rest)
            except BaseError as error:
                if is_binance:
                    raise Unproven(f"HTTP {code}: {type(error).__name__}") from None
                raise outcome_by_class(error, code, wait) from None
            if code >= ANSWERED_BADLY:
                raise outcome_by_class(None, code, wait)
            require_positions(str(self.id), str(rest[URL]), rest[PARSED])
            return answer

        def handle_order_update(self, client: Any, message: Any) -> None:  # noqa: ANN401 - ccxt's
            """Let who watches orders fail over a message that names none: all is then asked for."""
            try:
                require_report(str(self.id), message)
            except Unproven as error:
                client.reject(error, ORDERS)
            else:
                super().handle_order_update(client, message)

    return Telling


def _retry_after(headers: object) -> str:
    found = headers if isinstance(headers, Mapping) else {}
    return next((str(found[name]) for name in found if name.lower() == "retry-after"), "")
