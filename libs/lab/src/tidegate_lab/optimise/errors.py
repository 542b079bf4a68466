"""What cannot be optimised.

::

    OptimiseError    too little history, a method that is not known, or bounds that nothing meets
"""

from __future__ import annotations


class OptimiseError(ValueError):
    """Weights cannot be found; the message says what was expected, found and to do."""

    def __init__(self, what: str, expected: str, found: str, hint: str = "") -> None:
        """Keep the parts apart, so that a command can print them as JSON."""
        self.what = what
        self.expected = expected
        self.found = found
        self.hint = hint
        super().__init__(
            f"{what}: expected {expected}, found {found}" + (f"; {hint}" if hint else "")
        )
