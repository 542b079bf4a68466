"""What can go wrong before the first query.

::

    DatabaseError
    ├── UnreachableError   no server answers there, or it turns us away
    └── MigrationError     a migration failed, or dbmate could not be run
"""

from __future__ import annotations


class DatabaseError(Exception):
    """The database cannot be used; the message never holds a password."""

    def __init__(self, expected: str, found: str, hint: str) -> None:
        """Keep the three parts apart, so that a command can print them as JSON."""
        super().__init__(f"expected {expected}, found {found}; {hint}")
        self.expected = expected
        self.found = found
        self.hint = hint


class UnreachableError(DatabaseError):
    """No server answers there, or it turns us away."""


class MigrationError(DatabaseError):
    """A migration failed, or dbmate could not be run."""
