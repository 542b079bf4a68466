"""Secrets are taken out of whatever is about to be written down.

By the key's name (``password``, ``api_key``, ``token``, ...), by the value's type (`Secret`), and
by the value's look: passwords inside addresses and bearer tokens inside texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tidegate_chassis.security.secrets import HIDDEN, Secret

_SECRET_NAME: Final = re.compile(
    r"(?:^|[_.-])(?:passwords?|passwd|passphrase|secrets?|tokens?|credentials?|creds|authorization|"
    r"cookie|(?:api|private|secret|access|signing)[_-]?key)$",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/@:\s]*:)[^/@\s]+@", re.IGNORECASE)
_BEARER: Final = re.compile(r"(\bbearer\s+)[A-Za-z0-9._~+/=-]+", re.IGNORECASE)
_DEPTH_MAX: Final = 6


def is_secret_name(name: str) -> bool:
    """Tell whether a key by its name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def redacted_text(text: str) -> str:
    """Return a text without the passwords of addresses and without bearer tokens."""
    if "://" in text:
        text = _ADDRESS.sub(rf"\g<1>{HIDDEN}@", text)
    if "earer" in text or "EARER" in text:
        text = _BEARER.sub(rf"\g<1>{HIDDEN}", text)
    return text


def redacted(value: object, depth: int = 0) -> object:
    """Return ``value`` with every secret in it hidden."""
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, Secret) or depth > _DEPTH_MAX:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if is_secret_name(str(key)) else redacted(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, depth + 1) for item in value]
    return value
