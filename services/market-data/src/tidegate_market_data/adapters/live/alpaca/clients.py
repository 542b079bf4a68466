"""alpaca-py's REST clients with a time limit, exact numbers and no repeats of their own.

Importing this module costs seconds: only `provider` does, in its threads.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from alpaca.common.rest import RESTClient
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.historical.option import OptionHistoricalDataClient
from alpaca.trading.client import TradingClient

from tidegate_market_data.adapters.live.provider import ProviderFailed

# To connect, and between two pieces of an answer.
LIMITS_S = (3.0, 10.0)


class _Bounded(RESTClient):
    """One attempt, bounded in time; numbers of the answer are decimals."""

    def _one_request(
        self, method: str, url: str, opts: dict[str, Any], retry: int
    ) -> dict[str, Any]:
        response = self._session.request(method, url, timeout=LIMITS_S, **opts)
        response.raise_for_status()
        answer: dict[str, Any] = json.loads(response.text or "null", parse_float=Decimal)
        return answer


class Assets(_Bounded, TradingClient):
    """Assets, option contracts and the calendar."""


class _Paged(_Bounded):
    """An answer without bars is no answer, and one without a token may not be the last page."""

    def _one_request(
        self, method: str, url: str, opts: dict[str, Any], retry: int
    ) -> dict[str, Any]:
        answer: object = super()._one_request(method, url, opts, retry)
        if not isinstance(answer, dict) or not isinstance(answer.get("bars"), dict):
            raise ProviderFailed("expected bars as an object in an answer, found none")
        if "next_page_token" not in answer:
            raise ProviderFailed("expected next_page_token in an answer, found none")
        return answer


class CryptoHistory(_Paged, CryptoHistoricalDataClient):
    """Past bars of crypto."""


class StockHistory(_Paged, StockHistoricalDataClient):
    """Past bars of US equities."""


class OptionHistory(_Paged, OptionHistoricalDataClient):
    """Past bars of options."""


class OptionSnapshots(_Bounded, OptionHistoricalDataClient):
    """What options are quoted at, and their Greeks."""
