"""Where Alpaca is: its own hosts, or those that the environment names.

A paper session accepts known paper hosts and loopback, so that no mistake in a variable can make
it trade money. Addresses are full: ``https://paper-api.alpaca.markets``,
``wss://paper-api.alpaca.markets/stream``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tidegate_execution.adapters.alpaca.failures import Misconfigured

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
_PLAIN = {"http": "https", "ws": "wss"}


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
    parts = urlsplit(url)
    host = parts.hostname or ""
    kind = "ws" if name in (STREAM_URL, DATA_STREAM_URL) else "http"
    if parts.scheme not in (kind, _PLAIN[kind]) or not host:
        return f"expected a full {kind}(s) address, found {_shown(url)}"
    if _is_loopback(host):
        return ""
    if parts.scheme == kind:
        return f"expected {_PLAIN[kind]}:// outside loopback, found {_shown(url)}"
    data = name in (DATA_URL, DATA_STREAM_URL)
    known = _DATA_HOSTS if data else frozenset({LIVE_HOST if live else PAPER_HOST})
    if host in known:
        return ""
    mode = "live" if live else "paper"
    expected = " or ".join(sorted(known))
    return f"expected a known {mode} host ({expected}) or loopback, found {host}"


def _shown(url: str) -> str:
    """Return an address without what may be a password in it."""
    parts = urlsplit(url)
    return repr(f"{parts.scheme}://{parts.hostname or ''}{parts.path}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
