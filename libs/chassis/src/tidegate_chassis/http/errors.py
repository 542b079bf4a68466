"""What a request, or the server itself, can be refused for.

::

    HttpError
    ├── ApiError      a request is refused; becomes the body ``{"error": {...}}``
    └── ListenError   the server cannot listen on its address
"""

from __future__ import annotations


class HttpError(Exception):
    """Something about HTTP went wrong; the message says what was expected, found and to do."""

    def __init__(self, expected: str, found: str, hint: str) -> None:
        """Keep the three parts apart."""
        super().__init__(f"expected {expected}, found {found}; {hint}")
        self.expected = expected
        self.found = found
        self.hint = hint


class ApiError(HttpError):
    """A request is refused: an HTTP status, a stable code, and what would have been right."""

    def __init__(self, status: int, code: str, expected: str, found: str, hint: str) -> None:
        """Refuse the request that is being handled."""
        super().__init__(expected, found, hint)
        self.status = status
        self.code = code


class ListenError(HttpError):
    """The server cannot listen on its address."""
