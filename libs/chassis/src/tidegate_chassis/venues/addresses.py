"""Full addresses, judged: known hosts over TLS, or loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_PLAIN = {"http": "https", "ws": "wss"}


def address_problem(url: str, kind: str, known: Collection[str], what: str) -> str:
    """Say what is wrong with an address; empty when nothing is.

    ``kind`` is ``http`` or ``ws``; ``known`` are the hosts that may be reached, described by
    ``what``. Loopback may always be reached, and without TLS.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in (kind, _PLAIN[kind]) or not host:
        return f"expected a full {kind}(s) address, found {_shown(url)}"
    if is_loopback(host):
        return ""
    if parts.scheme == kind:
        return f"expected {_PLAIN[kind]}:// outside loopback, found {_shown(url)}"
    if host in known:
        return ""
    expected = " or ".join(sorted(known)) or "none is known"
    return f"expected a known {what} host ({expected}) or loopback, found {host}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(url: str) -> str:
    """Return an address without what may be a password in it."""
    parts = urlsplit(url)
    return repr(f"{parts.scheme}://{parts.hostname or ''}{parts.path}")
