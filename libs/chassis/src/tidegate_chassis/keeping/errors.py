"""What keeps a backup from being taken or put back.

::

    KeepingError
    ├── BackupDamaged     the file is not what it was when it was written
    ├── TargetNotEmpty    something is there already; nothing is overwritten
    └── NotTaken          databases or streams did not give what a backup needs
"""

from __future__ import annotations


class KeepingError(Exception):
    """A backup cannot be taken or put back; nothing of a secret is in the message."""

    def __init__(self, expected: str, found: str, hint: str = "") -> None:
        """Keep the three parts apart, so that a command can print them as JSON."""
        super().__init__(f"expected {expected}, found {found}" + (f"; {hint}" if hint else ""))
        self.expected = expected
        self.found = found
        self.hint = hint


class BackupDamaged(KeepingError):
    """The file is not what it was when it was written."""


class TargetNotEmpty(KeepingError):
    """Something is there already; nothing is overwritten."""


class NotTaken(KeepingError):
    """Databases or streams did not give what a backup needs."""
