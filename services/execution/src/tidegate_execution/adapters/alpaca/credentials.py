"""The key pair of an account: from the environment or a file that it names, never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tidegate_chassis.configuration.secrets import read_secret
from tidegate_execution.adapters.alpaca.failures import Misconfigured

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment
    from tidegate_chassis.security.secrets import Secret

KEY = "ALPACA_API_KEY"
SECRET = "ALPACA_SECRET_KEY"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Credentials:
    """Key and secret; both print as ``***``."""

    key: Secret
    secret: Secret

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read both; `Misconfigured` says which is missing."""
        key, secret = read_secret(KEY, environment), read_secret(SECRET, environment)
        if key is None or secret is None:
            found = {KEY: key, SECRET: secret}
            missing = " and no ".join(name for name, value in found.items() if value is None)
            message = (
                f"expected {KEY} and {SECRET} in the environment, found no {missing}: "
                "make a key pair in Alpaca's dashboard and export it"
            )
            raise Misconfigured(message)
        return cls(key, secret)
