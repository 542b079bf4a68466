"""What a call to Alpaca can end with when it does not end with an answer.

::

    AlpacaError
    ├── Refused         the venue provably refused: status, code and message are its own
    ├── Unproven        nothing is proven: time, connection, 429, 5xx, or an answer nobody can read
    │   └── Unreadable  an answer lacks a field, or a field is not what it should be
    └── NotSent         the request provably never left
"""

from __future__ import annotations


class AlpacaError(Exception):
    """A call to Alpaca did not end with an answer."""


class Refused(AlpacaError):
    """The venue provably refused."""

    def __init__(self, status: int, code: int, reason: str) -> None:
        super().__init__(f"{status} {code}: {reason}")
        self.status = status
        self.code = code
        self.reason = reason


class Unproven(AlpacaError):
    """Nothing is proven about the request."""


class Limited(Unproven):
    """The venue wants fewer requests, and none for some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__("HTTP 429")
        self.seconds = seconds


class Unreadable(Unproven):
    """An answer lacks a field, or a field is not what it should be."""


class NotSent(AlpacaError):
    """The request provably never left."""
