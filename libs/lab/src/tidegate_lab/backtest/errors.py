"""The error tree of a backtest.

::

    BacktestError        a backtest cannot be done
    └── OptionError      an option is no such thing: says what was expected, found and to do

What other rooms say is passed on as it is: `ConfigurationError` holds what the services think of
the session, `DataError` names the file, row and column of bad data.
"""

from __future__ import annotations

from dataclasses import dataclass


class BacktestError(Exception):
    """A backtest cannot be done."""


@dataclass(eq=False)
class OptionError(BacktestError):
    """An option cannot be used; ``option`` names it as on the command line, such as ``--fees``."""

    option: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        """Write the error as one line."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.option}: expected {self.expected}, found {self.found}{hint}"
