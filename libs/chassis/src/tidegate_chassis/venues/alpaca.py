"""Where Alpaca is, and who we are there.

A paper session accepts known paper hosts and loopback, so that no mistake in a variable can make
it trade money. Addresses are full: ``https://paper-api.alpaca.markets``,
``wss://paper-api.alpaca.markets/stream``. The key pair comes from the environment or from files
that it names, and is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.venues.addresses import address_problem
from tidegate_chassis.venues.errors import Misconfigured

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment
    from tidegate_chassis.security.secrets import Secret

KEY = "ALPACA_API_KEY"
SECRET = "ALPACA_SECRET_KEY"  # noqa: S105 - the name of a variable
BASE_URL = "ALPACA_BASE_URL"
DATA_URL = "ALPACA_DATA_URL"
STREAM_URL = "ALPACA_STREAM_URL"
DATA_STREAM_URL = "ALPACA_DATA_STREAM_URL"
PAPER_HOST = "paper-api.alpaca.markets"
LIVE_HOST = "api.alpaca.markets"
DATA_HOST = "data.alpaca.markets"
DATA_STREAM_HOST = "stream.data.alpaca.markets"
# Data hosts hold no account; the sandbox's are theirs too.
_DATA_HOSTS = frozenset(
    {
        DATA_HOST,
        DATA_STREAM_HOST,
        "data.sandbox.alpaca.markets",
        "stream.data.sandbox.alpaca.markets",
    }
)


@dataclass(frozen=True)
class Endpoints:
    """The four addresses."""

    base_url: str
    data_url: str
    stream_url: str
    data_stream_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *, live: bool) -> Self:
        """Read the addresses; `Misconfigured` names every variable that does not fit."""
        host = LIVE_HOST if live else PAPER_HOST
        defaults = {
            BASE_URL: f"https://{host}",
            DATA_URL: f"https://{DATA_HOST}",
            STREAM_URL: f"wss://{host}/stream",
            DATA_STREAM_URL: f"wss://{DATA_STREAM_HOST}",
        }
        found = {name: environment.get(name) or default for name, default in defaults.items()}
        problems = [
            f"{name}: {problem}"
            for name, url in found.items()
            if (problem := _problem(name, url, live=live))
        ]
        if problems:
            raise Misconfigured("; ".join(problems))
        return cls(*(url.rstrip("/") for url in found.values()))


def _problem(name: str, url: str, *, live: bool) -> str:
    kind = "ws" if name in (STREAM_URL, DATA_STREAM_URL) else "http"
    data = name in (DATA_URL, DATA_STREAM_URL)
    known = _DATA_HOSTS if data else frozenset({LIVE_HOST if live else PAPER_HOST})
    return address_problem(url, kind, known, "live" if live else "paper")


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

    def revealed(self) -> tuple[str, str]:
        """Return both as a client takes them."""
        return self.key.reveal(), self.secret.reveal()
