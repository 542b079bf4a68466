"""What can go wrong around secrets, tokens and signatures.

::

    SecurityError
    ├── SecretError      a secret is absent, empty, or readable by others
    └── SignatureError   a signature does not prove what it should
"""

from __future__ import annotations


class SecurityError(Exception):
    """Something about a secret or a signature is wrong; the message never holds the secret."""

    def __init__(self, expected: str, found: str, hint: str) -> None:
        """Keep the three parts apart, so that a command can print them as JSON."""
        super().__init__(f"expected {expected}, found {found}; {hint}")
        self.expected = expected
        self.found = found
        self.hint = hint


class SecretError(SecurityError):
    """A secret is absent, empty, or readable by others."""


class SignatureError(SecurityError):
    """A signature does not prove what it should."""
