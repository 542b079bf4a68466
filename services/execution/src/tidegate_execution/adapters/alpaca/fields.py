"""Numbers and times of the venue's answers, exact, or an error that names the field.

Alpaca writes numbers as texts; where it writes them bare, they were read as decimals. A float
here means that somebody parsed the answer before us: it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from tidegate_execution.adapters.alpaca.failures import Unreadable

Document = Mapping[str, object]
NS_PER_SECOND = 1_000_000_000
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)")


def document_of(value: object, what: str) -> Document:
    """Return an object of an answer."""
    if not isinstance(value, dict):
        raise Unreadable(f"expected {what} as an object, found {type(value).__name__}")
    return value


def documents_of(value: object, what: str) -> list[Document]:
    """Return a list of objects of an answer."""
    if not isinstance(value, list):
        raise Unreadable(f"expected {what} as a list, found {type(value).__name__}")
    return [document_of(each, what) for each in value]


def text_of(document: Document, name: str) -> str:
    """Return a text that must be there."""
    value = document.get(name)
    if not isinstance(value, str):
        raise Unreadable(f"expected {name} as text, found {type(value).__name__}")
    return value


def decimal_of(document: Document, name: str) -> Decimal:
    """Return a number that must be there."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable(f"expected {name} as an exact number, found {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unreadable(f"expected {name} as a number, found {value!r}") from None
    if not number.is_finite():
        raise Unreadable(f"expected {name} as a finite number, found {value!r}")
    return number


def decimal_or_none(document: Document, name: str) -> Decimal | None:
    """Return a number that may be null or absent."""
    return None if document.get(name) is None else decimal_of(document, name)


def time_ns_of(document: Document, name: str) -> int:
    """Return a time that must be there, to the nanosecond."""
    text = text_of(document, name)
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unreadable(f"expected {name} as an RFC 3339 time, found {text!r}")
    seconds, fraction, zone = match.groups()
    whole = int(datetime.fromisoformat(seconds + zone).timestamp())
    return whole * NS_PER_SECOND + int((fraction or "0").ljust(9, "0"))
