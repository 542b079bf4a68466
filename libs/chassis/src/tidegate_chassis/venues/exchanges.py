"""Where the exchanges that ccxt speaks with are, and who we are there.

A testnet is the addresses that ccxt itself knows as an exchange's test or demo ones. Variables put
another host into each of them, one for REST and one for streams; as with any venue it must be a
known host of the same kind, or loopback. So a session on a testnet never reaches real money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeAlias
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
# Contracts have moved from Binance's testnet to its demo trading.
TEST_TREES: Mapping[str, tuple[str, ...]] = {
    "spot": ("test", "demo"),
    "usdm": ("demo", "test"),
}


@dataclass(frozen=True)
class Access:
    """How one exchange is reached."""

    exchange: str
    # ``spot`` or ``usdm``.
    market: str
    testnet: bool
    rest_url: str | None = None
    ws_url: str | None = None
    key: Secret | None = None
    secret: Secret | None = None

    @classmethod
    def from_environment(
        cls, place: tuple[str, str], environment: Environment, *, testnet: bool
    ) -> Self:
        """Read addresses and keys of an exchange and market; keys may be missing."""
        exchange, market = place
        upper = exchange.upper().replace("-", "_")
        named = read_secret(f"{upper}_API_SECRET", environment)
        return cls(
            exchange=exchange,
            market=market,
            testnet=testnet,
            rest_url=environment.get(f"TIDEGATE_CCXT_{upper}_REST_URL"),
            ws_url=environment.get(f"TIDEGATE_CCXT_{upper}_WS_URL"),
            key=read_secret(f"{upper}_API_KEY", environment),
            secret=named or read_secret(f"{upper}_SECRET_KEY", environment),
        )

    def public(self) -> Self:
        """Return the same without keys: bars need none."""
        return replace(self, key=None, secret=None)

    def require_keys(self) -> None:
        """Raise `Misconfigured`, naming the variables, unless both keys are there."""
        if self.key is None or self.secret is None:
            upper = self.exchange.upper().replace("-", "_")
            found = "no key" if self.key is None else "no secret"
            place = "the exchange's testnet" if self.testnet else "the exchange"
            message = (
                f"expected {upper}_API_KEY and {upper}_API_SECRET in the environment, found "
                f"{found}: make a key pair at {place}"
            )
            raise Misconfigured(message)

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
        if self.key is not None and self.secret is not None:
            made |= {"apiKey": self.key.reveal(), "secret": self.secret.reveal()}
        return made

    def addresses(self, trees: Mapping[str, Tree]) -> Tree:
        """Return the addresses to use, from those that ccxt knows; `Misconfigured` if none fit."""
        names = TEST_TREES[self.market] if self.testnet else ("api",)
        chosen = next((trees[name] for name in names if name in trees), None)
        if chosen is None:
            raise Misconfigured(f"expected an exchange with a testnet, found {self.exchange}")
        known = {host for name in names for host in _hosts(trees.get(name, {}))}
        self._require(known)
        return self._replaced(chosen, self.rest_url)

    def _require(self, known: set[str]) -> None:
        upper = self.exchange.upper().replace("-", "_")
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


def _hosts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for part in tree.values():
            yield from _hosts(part)
    elif host := urlsplit(tree).hostname:
        yield host
