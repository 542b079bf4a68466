"""What can be wrong with a recording, or with a question about it.

::

    ReplayError
    ├── RecordingUnreadable   the recording is not there, was changed, or holds too little
    └── NotRecorded           the recording holds nothing of that name
"""

from __future__ import annotations


class ReplayError(Exception):
    """A recording cannot answer; the message says what was expected, found and to do."""

    def __init__(self, expected: str, found: str, hint: str = "") -> None:
        """Keep the three parts apart, so that a command can print them as JSON."""
        super().__init__(f"expected {expected}, found {found}" + (f"; {hint}" if hint else ""))
        self.expected = expected
        self.found = found
        self.hint = hint


class RecordingUnreadable(ReplayError):
    """The recording is not there, was changed, or holds too little."""


class NotRecorded(ReplayError):
    """The recording holds nothing of that name."""
