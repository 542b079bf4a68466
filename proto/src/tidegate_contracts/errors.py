"""The contract's error tree.

::

    ContractError
    ├── SchemaError       a schema or type that the contract does not know
    ├── PayloadError      bytes or values that do not follow their schema
    │   ├── DecimalError      not a finite plain decimal
    │   └── MemberError       a number that its enum does not know
    ├── SubjectError      a message without a subject, or a name that no subject can carry
    └── DeploymentError   a user, shard or password that a deployment needs is missing or unknown
"""

from __future__ import annotations


class ContractError(Exception):
    """Something on the bus is not what the contract says."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        super().__init__(where, expected, found)
        self.where = where
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        """Say where, what was expected and what came."""
        return f"{self.where}: expected {self.expected}, found {self.found}"


class SchemaError(ContractError):
    """A schema or type that the contract does not know."""


class PayloadError(ContractError):
    """Bytes or values that do not follow their schema."""


class DecimalError(PayloadError):
    """Not a finite plain decimal."""


class MemberError(PayloadError):
    """A number that its enum does not know."""


class SubjectError(ContractError):
    """A message without a subject, or a name that no subject can carry."""


class DeploymentError(ContractError):
    """A user, shard or password that a deployment needs is missing or unknown."""
