"""What the statistics cannot be computed from.

::

    StatisticsError    too few observations, or a matrix of the wrong shape
"""

from __future__ import annotations


class StatisticsError(ValueError):
    """A statistic was asked of data that cannot carry it."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        """Say what was expected and what came."""
        self.what = what
        self.expected = expected
        self.found = found
        super().__init__(f"{what}: expected {expected}, found {found}")
