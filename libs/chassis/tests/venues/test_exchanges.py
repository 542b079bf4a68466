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


def test_keys_have_two_known_names_and_are_not_shown() -> None:
    """The secret is called API_SECRET or SECRET_KEY; what is missing is named."""
    for name in ("MADE_UP_API_SECRET", "MADE_UP_SECRET_KEY"):
        found = access({"MADE_UP_API_KEY": "k-hidden", name: "s-hidden"})
        found.require_keys()
        assert found.settings()["secret"] == "s-hidden"
        assert "hidden" not in repr(found)
        assert "apiKey" not in found.public().settings()
    with pytest.raises(Misconfigured, match="MADE_UP_API_SECRET"):
        access({"MADE_UP_API_KEY": "k"}).require_keys()
