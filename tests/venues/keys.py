"""The key pair that a venue knows, and how clients show that they have it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """One key and its secret."""

    key: str = "TESTKEY0001"
    secret: str = "not-a-secret-of-anybody"

    def fit_headers(self, headers: Mapping[str, str]) -> bool:
        """Tell whether Alpaca's headers carry both."""
        return self.fit(headers.get("apca-api-key-id", ""), headers.get("apca-api-secret-key", ""))

    def fit(self, key: str, secret: str) -> bool:
        """Tell whether both are right."""
        return key == self.key and secret == self.secret

    def signs(self, payload: str, signature: str) -> bool:
        """Tell whether Binance's signature (HMAC-SHA256, hexadecimal) fits a payload."""
        expected = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature)
