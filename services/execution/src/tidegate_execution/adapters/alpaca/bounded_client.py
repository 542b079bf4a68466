"""alpaca-py's client with a time limit, exact numbers and no repeats of its own.

Left alone it waits for ever, reads numbers as floats, and sends an order again by itself when it
is answered 429 or 504. Importing this module costs seconds: only `client` does, when it must.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter
from requests.exceptions import HTTPError

HTTP_OK_MAX = 299
LIMIT_HEADER = "X-RateLimit-Limit"


class UnexpectedStatus(Exception):
    """Neither an answer nor an error: a redirect, for example."""


class BoundedClient(TradingClient):
    """The trading API: one attempt, bounded in time."""

    def __init__(
        self, keys: tuple[str, str], base_url: str, limits_s: tuple[float, float], connections: int
    ) -> None:
        """``limits_s``: to connect, and between two pieces of an answer."""
        super().__init__(*keys, url_override=base_url, raw_data=True)
        self._limits_s = limits_s
        self.on_limit: Callable[[int], None] = lambda _: None
        self._retry = 0
        self._retry_codes = []
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self._session.mount(base_url, adapter)

    def _one_request(
        self, method: str, url: str, opts: dict[str, Any], retry: int
    ) -> dict[str, Any]:
        """Make one request; numbers of the answer are decimals."""
        response = self._session.request(method, url, timeout=self._limits_s, **opts)
        told = str(response.headers.get(LIMIT_HEADER, ""))
        if told.isdigit():
            self.on_limit(int(told))
        try:
            response.raise_for_status()
        except HTTPError as error:
            raise APIError(response.text, error) from None  # type: ignore[no-untyped-call]
        if response.status_code > HTTP_OK_MAX:
            raise UnexpectedStatus(f"HTTP {response.status_code}")
        # Lists and nothing at all are answers too; alpaca-py's own annotation leaves them out.
        answer: dict[str, Any] = json.loads(response.text or "null", parse_float=Decimal)
        return answer
