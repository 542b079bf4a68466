"""No mistake in a variable takes a session from a testnet to real money, or the other way."""

from __future__ import annotations

import pytest

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.venues.errors import Misconfigured
from tidegate_chassis.venues.exchanges import Access, Tree

TREES: dict[str, Tree] = {
    "api": {
        "public": "https://api.real.example/v3",
        "ws": {"spot": "wss://stream.real.example/ws"},
    },
    "test": {"public": "https://test.example/v3", "ws": {"spot": "wss://stream.test.example/ws"}},
}
REST, WS = "TIDEGATE_CCXT_MADE_UP_REST_URL", "TIDEGATE_CCXT_MADE_UP_WS_URL"


def access(variables: dict[str, str] | None = None, *, testnet: bool = True) -> Access:
    """Return the access to an exchange of that name."""
    environment = Environment(variables or {}, {})
    return Access.from_environment(("made-up", "spot"), environment, testnet=testnet)


def test_a_testnet_has_addresses_of_its_own() -> None:
    """They are the ones that ccxt knows."""
    assert access().addresses(TREES) == TREES["test"]
    assert access(testnet=False).addresses(TREES) == TREES["api"]


def test_loopback_takes_the_place_of_every_host() -> None:
    """REST and streams each have a variable; paths stay."""
    found = access({REST: "http://127.0.0.1:1/", WS: "ws://127.0.0.1:2"}).addresses(TREES)
    assert found == {"public": "http://127.0.0.1:1/v3", "ws": {"spot": "ws://127.0.0.1:2/ws"}}


@pytest.mark.parametrize(
    ("name", "url", "testnet"),
    [
        (REST, "https://api.real.example", True),
        (WS, "wss://stream.real.example", True),
        (REST, "https://test.example", False),
        (REST, "http://test.example", True),
        (REST, "https://elsewhere.example", True),
    ],
)
def test_a_host_of_the_other_kind_is_refused(name: str, url: str, *, testnet: bool) -> None:
    """The variable is named."""
    with pytest.raises(Misconfigured, match=name):
        access({name: url}, testnet=testnet).addresses(TREES)


def test_an_exchange_without_a_testnet_has_no_paper_session() -> None:
    """It is not quietly sent to the real one."""
    with pytest.raises(Misconfigured, match="with a testnet"):
        access().addresses({"api": TREES["api"]})


NEEDED = {"apiKey": True, "secret": True, "uid": False}


def test_keys_have_two_known_names_and_are_not_shown() -> None:
    """The secret is called API_SECRET or SECRET_KEY; what is missing is named."""
    for name in ("MADE_UP_API_SECRET", "MADE_UP_SECRET_KEY"):
        found = access({"MADE_UP_API_KEY": "k-hidden", name: "s-hidden"})
        found.require_keys(NEEDED)
        assert found.settings()["secret"] == "s-hidden"
        assert "hidden" not in repr(found)
        assert "apiKey" not in found.public().settings()
    with pytest.raises(Misconfigured, match="found no MADE_UP_API_SECRET"):
        access({"MADE_UP_API_KEY": "k"}).require_keys(NEEDED)


def test_what_an_exchange_needs_beside_keys_is_read_and_asked_for() -> None:
    """Some know us by a password or a wallet too; ccxt says which."""
    keys = {"MADE_UP_API_KEY": "k", "MADE_UP_API_SECRET": "s"}
    needed = {**NEEDED, "password": True}
    with pytest.raises(Misconfigured, match="found no MADE_UP_API_PASSWORD"):
        access(keys).require_keys(needed)
    found = access({**keys, "MADE_UP_API_PASSWORD": "p"})
    found.require_keys(needed)
    assert found.settings()["password"] == "p"
    wallet = access({"MADE_UP_WALLET_ADDRESS": "w", "MADE_UP_PRIVATE_KEY": "p"})
    wallet.require_keys({"walletAddress": True, "privateKey": True})
    assert wallet.name == "w"


@pytest.mark.parametrize("needed", [{}, {"apiKey": False}, {"twofa": True}])
def test_an_exchange_that_knows_us_by_nothing_known_is_refused(needed: dict[str, bool]) -> None:
    """There is no variable to name."""
    with pytest.raises(Misconfigured, match=r"made-up, which knows us by (none|twofa)"):
        access({"MADE_UP_API_KEY": "k"}).require_keys(needed)


def test_a_testnet_at_a_host_of_real_money_is_none() -> None:
    """A header alone would tell them apart; pages for people do not count."""
    page: dict[str, Tree] = {"web": "https://pages.example"}
    real: dict[str, Tree] = {"public": "https://api.real.example/v5", **page}
    with pytest.raises(Misconfigured, match=r"hosts of its own.*api\.real\.example"):
        access().addresses({"api": real, "test": {"public": "https://api.real.example/v5"}})
    apart: Tree = {"public": "https://test.example/v5", **page}
    assert access().addresses({"api": real, "test": apart}) == apart
