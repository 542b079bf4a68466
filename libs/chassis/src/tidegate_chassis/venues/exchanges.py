"""Where the exchanges that ccxt speaks with are, and who we are there.

A testnet is the addresses that ccxt itself knows as an exchange's test or demo ones. Variables put
another host into each of them, one for REST and one for streams; as with any venue it must be a
known host of the same kind, or loopback. An exchange whose testnet is at a host of its real money,
told apart by a header (OKX), has none here. So a session on a testnet never reaches real money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.venues.addresses import address_problem
from tidegate_chassis.venues.errors import Misconfigured

if TYPE_CHECKING:
    from tidegate_chassis.configuration.environment import Environment
    from tidegate_chassis.security.secrets import Secret

Tree: TypeAlias = "Mapping[str, Tree] | str"
"""Addresses as ccxt keeps them: texts in mappings, streams under the key ``ws``."""

STREAMS = "ws"
PAGES = "web"
"""How keys of addresses begin that are pages for people; nothing is traded there."""
BINANCE: Final = "binance"
# Contracts have moved from Binance's testnet to its demo trading.
TEST_TREES: Mapping[str, tuple[str, ...]] = {
    "spot": ("test", "demo"),
    "usdm": ("demo", "test"),
}
CREDENTIALS: Final[Mapping[str, tuple[str, ...]]] = {
    "apiKey": ("API_KEY",),
    "secret": ("API_SECRET", "SECRET_KEY"),
    "password": ("API_PASSWORD",),
    "uid": ("UID",),
    "login": ("LOGIN",),
    "accountId": ("ACCOUNT_ID",),
    "walletAddress": ("WALLET_ADDRESS",),
    "privateKey": ("PRIVATE_KEY",),
    "token": ("TOKEN",),
}
"""ccxt's words for what an exchange knows us by, and how the variables of each end."""


@dataclass(frozen=True)
class Access:
    """How one exchange is reached."""

    exchange: str
    # ``spot`` or ``usdm``.
    market: str
    testnet: bool
    rest_url: str | None = None
    ws_url: str | None = None
    # By ccxt's words, as far as the environment has them.
    credentials: Mapping[str, Secret] = field(default_factory=dict)

    @classmethod
    def from_environment(
        cls, place: tuple[str, str], environment: Environment, *, testnet: bool
    ) -> Self:
        """Read addresses and keys of an exchange and market; keys may be missing."""
        exchange, market = place
        upper = _upper(exchange)
        credentials = {
            word: secret
            for word, ends in CREDENTIALS.items()
            for end in reversed(ends)
            if (secret := read_secret(f"{upper}_{end}", environment)) is not None
        }
        return cls(
            exchange=exchange,
            market=market,
            testnet=testnet,
            rest_url=environment.get(f"TIDEGATE_CCXT_{upper}_REST_URL"),
            ws_url=environment.get(f"TIDEGATE_CCXT_{upper}_WS_URL"),
            credentials=credentials,
        )

    def public(self) -> Self:
        """Return the same without keys: bars need none."""
        return replace(self, credentials={})

    def require_keys(self, needed: Mapping[str, bool]) -> None:
        """Raise `Misconfigured`, naming the variables, unless all are there that ccxt needs."""
        words = [word for word, is_needed in needed.items() if is_needed]
        if not words or set(words) - set(CREDENTIALS):
            message = f"expected an exchange that knows us by some of {', '.join(CREDENTIALS)}"
            found = ", ".join(words) or "none"
            raise Misconfigured(f"{message}, found {self.exchange}, which knows us by {found}")
        missing = [word for word in words if word not in self.credentials]
        if missing:
            upper = _upper(self.exchange)
            expected = " and ".join(f"{upper}_{CREDENTIALS[word][0]}" for word in words)
            found = ", ".join(f"no {upper}_{CREDENTIALS[word][0]}" for word in missing)
            place = "the exchange's testnet" if self.testnet else "the exchange"
            raise Misconfigured(
                f"expected {expected} in the environment, found {found}: make keys at {place}"
            )

    @property
    def name(self) -> str:
        """What we are known by there; `require_keys` has found one. Secret all the same."""
        return next(iter(self.credentials.values())).reveal()

    def settings(self) -> dict[str, object]:
        """Return what a client of ccxt is made with; numbers of its answers are texts."""
        kind = "linear" if self.market == "usdm" else "spot"
        made: dict[str, object] = {
            "number": str,
            "timeout": 10_000,
            "options": {
                "fetchMarkets": {"types": [kind]},
                "fetchCurrencies": False,
                "fetchMargins": False,
                "defaultType": "swap" if self.market == "usdm" else "spot",
                "warnOnFetchOpenOrdersWithoutSymbol": False,
                # The private stream of orders would ask for positions, and fail on texts.
                "watchPositions": {"fetchPositionsSnapshot": False},
                "adjustForTimeDifference": True,
            },
        }
        return made | {word: each.reveal() for word, each in self.credentials.items()}

    def lead(self, client: Any) -> None:  # noqa: ANN401 - ccxt has no types
        """Give a client of ccxt its addresses; `Misconfigured` if none fit."""
        addresses = self.addresses(client.urls)
        if self.testnet and not self.exchange.startswith(BINANCE):
            # Some exchanges are told beside the address, or sign in another way.
            client.set_sandbox_mode(True)
        client.urls["api"] = addresses

    def addresses(self, trees: Mapping[str, Tree]) -> Tree:
        """Return the addresses to use, from those that ccxt knows; `Misconfigured` if none fit."""
        names = TEST_TREES[self.market] if self.testnet else ("api",)
        chosen = next((trees[name] for name in names if trees.get(name)), None)
        if chosen is None:
            raise Misconfigured(f"expected an exchange with a testnet, found {self.exchange}")
        known = {host for name in names for host in _hosts(trees.get(name, {}))}
        real = known & set(_hosts(trees["api"])) if self.testnet else set()
        if real:
            message = "expected an exchange whose testnet has hosts of its own"
            found = f"{self.exchange}, whose testnet is at a host of its real money"
            raise Misconfigured(f"{message}, found {found}: {', '.join(sorted(real))}")
        self._require(known)
        return self._replaced(chosen, self.rest_url)

    def _require(self, known: set[str]) -> None:
        upper = _upper(self.exchange)
        what = "testnet" if self.testnet else "live"
        found = {"REST": (self.rest_url, "http"), "WS": (self.ws_url, "ws")}
        problems = [
            f"TIDEGATE_CCXT_{upper}_{name}_URL: {problem}"
            for name, (url, kind) in found.items()
            if url and (problem := address_problem(url, kind, known, what))
        ]
        if problems:
            raise Misconfigured("; ".join(problems))

    def _replaced(self, tree: Tree, base: str | None) -> Tree:
        if isinstance(tree, Mapping):
            return {
                name: self._replaced(part, self.ws_url if name == STREAMS else base)
                for name, part in tree.items()
            }
        return tree if not base else base.rstrip("/") + urlsplit(tree).path


def _upper(exchange: str) -> str:
    return exchange.upper().replace("-", "_")


def _hosts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for name, part in tree.items():
            if not name.startswith(PAGES):
                yield from _hosts(part)
    elif host := urlsplit(tree).hostname:
        yield host
