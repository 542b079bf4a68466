"""Names of databases and roles, and addresses that may be shown."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

DEFAULT_PREFIX: Final = "tidegate"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def database_name(service: str, prefix: str = DEFAULT_PREFIX) -> str:
    """Return the name of a service's database, which is its role's name too."""
    name = f"{prefix}_{service}".replace("-", "_")
    if _NAME.fullmatch(name) is None:
        message = (
            "expected a database name of 1 to 63 of a-z, 0-9 and '_', starting with a letter, "
            f"found {name!r}; use a shorter prefix"
        )
        raise ValueError(message)
    return name


def service_url(admin_url: str, name: str, password: str) -> str:
    """Return the address of a service's database for its own role."""
    parts = urlsplit(admin_url)
    server = parts.netloc.rpartition("@")[2]
    credentials = f"{quote(name, safe='')}:{quote(password, safe='')}"
    return urlunsplit((parts.scheme, f"{credentials}@{server}", f"/{name}", parts.query, ""))


def shown(url: str) -> str:
    """Return an address without its user, password and options."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def is_loopback(url: str) -> bool:
    """Tell whether the address is on this machine."""
    return urlsplit(url).hostname in _LOOPBACK
