"""Names and keys: what identifies a signal, an order and a shard.

Everything here is derived from content, so the same decision made again carries the same key.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from tidegate_kernel.errors import IdentifierError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# Base 32 of RFC 4648 in small letters, two at a time: the first 26 characters of a digest.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_BASE32 = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_ID_BITS = 130
_ID_PREFIX = "tg-"
_ID_SHIFTS = range(_ID_BITS - 10, -1, -10)
_TOKEN_SAFE = re.compile(r"[A-Za-z0-9_-]")


MANUAL = "manual"
"""The strategy in whose name people place orders by hand; no configured one may be called so."""


def checked_name(text: str, what: str) -> str:
    """Return ``text`` if it may name a session, strategy instance, feed or account."""
    if _NAME.fullmatch(text) is None:
        message = (
            f"expected {what} to be 1 to 63 of a-z, 0-9, '-' and '_', starting with a letter or "
            f"digit, found {text!r}"
        )
        raise IdentifierError(message)
    return text


def subject_token(text: str) -> str:
    """Write a symbol or venue as one NATS subject token: ``BTC/USDT`` becomes ``BTC=2FUSDT``."""
    return "".join(
        c if _TOKEN_SAFE.match(c) else "".join(f"={byte:02X}" for byte in c.encode()) for c in text
    )


def signal_key(session: str, strategy: str, symbol: str, event_at_ns: int, ordinal: int) -> str:
    """Return the logical key of a signal."""
    return f"{session}|{strategy}|{symbol}|{event_at_ns}|{ordinal}"


def order_key(signal: str, leg: int) -> str:
    """Return the logical key of an order: its signal's key and its leg."""
    return f"{signal}|{leg}"


@lru_cache(maxsize=1024)
def client_order_id(signal: str, leg: int) -> str:
    """Derive the venue's client order id from a signal's logical key: 29 of a-z, 2-7 and '-'.

    Every venue that Tidegate knows takes at least 32 such characters. Risk, execution and its last
    hop each derive the id of one order: the newest are kept.
    """
    digest = hashlib.sha256(order_key(signal, leg).encode()).digest()
    bits = int.from_bytes(digest, "big") >> (len(digest) * 8 - _ID_BITS)
    return _ID_PREFIX + "".join([_BASE32[bits >> shift & 1023] for shift in _ID_SHIFTS])


def is_client_order_id(text: str) -> bool:
    """Tell whether an id may be one of `client_order_id`; what begins otherwise never is."""
    return text.startswith(_ID_PREFIX)
