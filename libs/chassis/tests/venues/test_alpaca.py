"""No mistake in a variable makes a paper session trade money."""

from __future__ import annotations

import pytest

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.venues.alpaca import Credentials, Endpoints
from tidegate_chassis.venues.errors import Misconfigured


def test_paper_and_live_have_hosts_of_their_own() -> None:
    """Without variables each mode reaches its own."""
    paper = Endpoints.from_environment({}, live=False)
    live = Endpoints.from_environment({}, live=True)
    assert paper.base_url == "https://paper-api.alpaca.markets"
    assert paper.stream_url == "wss://paper-api.alpaca.markets/stream"
    assert live.base_url == "https://api.alpaca.markets"
    assert live.data_stream_url == paper.data_stream_url == "wss://stream.data.alpaca.markets"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:1", "[::1]:8080", "127.9.9.9"])
def test_loopback_is_taken_without_encryption(host: str) -> None:
    """A venue on this machine is reached by plain addresses."""
    variables = {"ALPACA_BASE_URL": f"http://{host}/", "ALPACA_STREAM_URL": f"ws://{host}/stream"}
    found = Endpoints.from_environment(variables, live=False)
    assert found.base_url == f"http://{host}"


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("ALPACA_BASE_URL", "https://api.alpaca.markets", "known paper host"),
        ("ALPACA_BASE_URL", "https://paper-api.alpaca.markets.example.org", "known paper host"),
        ("ALPACA_BASE_URL", "https://127.0.0.1.example.org", "known paper host"),
        ("ALPACA_BASE_URL", "http://paper-api.alpaca.markets", "https:// outside loopback"),
        ("ALPACA_BASE_URL", "paper-api.alpaca.markets", "full http"),
        ("ALPACA_STREAM_URL", "wss://api.alpaca.markets/stream", "known paper host"),
        ("ALPACA_STREAM_URL", "https://paper-api.alpaca.markets/stream", "full ws"),
        ("ALPACA_DATA_URL", "https://paper-api.alpaca.markets", "known paper host"),
        ("ALPACA_DATA_STREAM_URL", "wss://example.org", "known paper host"),
    ],
)
def test_a_paper_session_reaches_paper_hosts_only(name: str, url: str, expected: str) -> None:
    """Everything else is refused before anything is sent, naming variable and host."""
    with pytest.raises(Misconfigured, match=expected) as caught:
        Endpoints.from_environment({name: url}, live=False)
    assert name in str(caught.value)


def test_every_problem_is_reported_and_no_password() -> None:
    """All variables at once; what may be a secret inside an address is left out."""
    variables = {
        "ALPACA_BASE_URL": "https://user:hidden@example.org/x",
        "ALPACA_DATA_URL": "ftp://user:hidden@example.org",
    }
    with pytest.raises(Misconfigured, match=r"ALPACA_BASE_URL.*ALPACA_DATA_URL") as caught:
        Endpoints.from_environment(variables, live=False)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("missing", ["ALPACA_API_KEY", "ALPACA_SECRET_KEY"])
def test_a_missing_key_is_named(missing: str) -> None:
    """The error names the variable and shows no other one."""
    both = {"ALPACA_API_KEY": "AKHIDDEN", "ALPACA_SECRET_KEY": "also-hidden"}
    environment = Environment({name: v for name, v in both.items() if name != missing}, {})
    with pytest.raises(Misconfigured, match=f"found no {missing}") as caught:
        Credentials.from_environment(environment)
    assert "hidden" not in str(caught.value).lower()
