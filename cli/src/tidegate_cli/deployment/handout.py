"""Each reader's own secrets in a folder of its own, for containers that share no file system.

::

    <secrets>/deploy      all of it, as it was made (`keys`); only the deploy job mounts it
    <secrets>/<service>   nats.creds, database.url, the principals' tokens, risk's verify key;
                          risk also its signing key, market-data also redis.url
    <secrets>/nats        accounts.conf: users and permissions
    <secrets>/postgres    password: the administrator's
    <secrets>/valkey      password.conf

Each of these folders is a volume of its own, so a service never sees another's password. The
servers' images run as users of their own choice; what lies in their volumes may be read by every
user that the volume is mounted for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.configuration.runtime import RISK_SIGNING_KEY, RISK_VERIFY_KEY
from tidegate_chassis.security.principals import token_file
from tidegate_chassis.security.secrets import Secret
from tidegate_cli.deployment import keys
from tidegate_contracts.deploy import nats_config

NATS_FILE: Final = "nats.creds"
DATABASE_FILE: Final = "database.url"
REDIS_FILE: Final = "redis.url"
_PRIVATE: Final = 0o600
_FOR_A_SERVER: Final = 0o444


def kept(folder: Path) -> Path:
    """Return where all of it is, as `keys` made it."""
    return folder / "deploy"


def hand_out(folder: Path, redis_url: str, shards: Mapping[str, Sequence[str]]) -> None:
    """Make what is missing and hand everything out; NATS permissions name the shards."""
    store = kept(folder)
    keys.ensure_principals(store)
    passwords = keys.ensure_nats_passwords(store)
    for service in SERVICE_NAMES:
        _hand_to(folder, service)
    _give(folder / "risk", RISK_SIGNING_KEY, _text(store / RISK_SIGNING_KEY))
    valkey = keys.ensure_server_password(store, "valkey")
    _give(folder / "market-data", REDIS_FILE, with_credentials(redis_url, "", valkey))
    requirement = f"requirepass {valkey.reveal()}\n"
    _give(folder / "valkey", "password.conf", requirement, _FOR_A_SERVER)
    postgres = keys.ensure_server_password(store, "postgres").reveal()
    _give(folder / "postgres", "password", postgres, _FOR_A_SERVER)
    _give(folder / "nats", "accounts.conf", nats_config(passwords, shards), _FOR_A_SERVER)


def hand_out_databases(folder: Path, urls: Mapping[str, str]) -> None:
    """Hand every service the address of its own database."""
    for service, url in urls.items():
        _give(folder / service, DATABASE_FILE, url)


def with_credentials(url: str, user: str, password: Secret) -> str:
    """Return an address with the credentials in front of its server."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password.reveal()}@{server}"))


def _hand_to(folder: Path, service: str) -> None:
    store = kept(folder)
    tokens = [token_file(store, principal) for principal in keys.PRINCIPALS]
    _give(folder / service, NATS_FILE, _text(keys.credentials_file(store, service)))
    for path in (store / RISK_VERIFY_KEY, *tokens):
        _give(folder / service, path.name, _text(path))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _give(folder: Path, name: str, text: str, mode: int = _PRIVATE) -> None:
    """Write a file for one reader, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{name}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)
