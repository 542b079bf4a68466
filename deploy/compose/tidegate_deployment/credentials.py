"""Every secret of the containers, made once and handed to exactly those who need it.

::

    <secrets>/deploy      all of it, as it was made; only the deploy job mounts it
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
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.configuration.runtime import RISK_SIGNING_KEY, RISK_VERIFY_KEY
from tidegate_chassis.security import ensure_key_pair, ensure_token
from tidegate_chassis.security.principals import token_file
from tidegate_chassis.security.secrets import Secret, generated_secret
from tidegate_contracts.deploy import nats_config
from tidegate_contracts.permissions import USERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PRINCIPALS: Final = ("operator", "approver")
NATS_FILE: Final = "nats.creds"
DATABASE_FILE: Final = "database.url"
REDIS_FILE: Final = "redis.url"
_PRIVATE: Final = 0o600
_FOR_A_SERVER: Final = 0o444


class Credentials:
    """The secrets folder of one installation."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or written."""
        self.folder = folder
        self._kept = folder / "deploy"

    def write(self, redis_url: str, shards: Mapping[str, Sequence[str]]) -> None:
        """Make what is missing and hand everything out; NATS permissions name the shards."""
        ensure_key_pair(self._kept, "risk")
        for principal in PRINCIPALS:
            ensure_token(self._kept, principal)
        for service in SERVICE_NAMES:
            self._hand_out(service)
        self._give("risk", RISK_SIGNING_KEY, self._read(RISK_SIGNING_KEY))
        valkey = self._password("valkey")
        self._give("market-data", REDIS_FILE, with_credentials(redis_url, "", valkey))
        self._give("valkey", "password.conf", f"requirepass {valkey.reveal()}\n", _FOR_A_SERVER)
        self._give("postgres", "password", self.administrator.reveal(), _FOR_A_SERVER)
        passwords = {user: self.nats_password(user).reveal() for user in USERS}
        self._give("nats", "accounts.conf", nats_config(passwords, shards), _FOR_A_SERVER)

    @property
    def administrator(self) -> Secret:
        """The password of PostgreSQL's administrator."""
        return self._password("postgres")

    @property
    def databases(self) -> dict[str, Secret]:
        """The password of every service's database role."""
        return {service: self._password(f"database-{service}") for service in SERVICE_NAMES}

    def nats_password(self, user: str) -> Secret:
        """Return the password of a NATS user."""
        return self._password(f"nats-{user}")

    def give_databases(self, urls: Mapping[str, str]) -> None:
        """Hand every service the address of its own database."""
        for service, url in urls.items():
            self._give(service, DATABASE_FILE, url)

    def _hand_out(self, service: str) -> None:
        self._give(service, NATS_FILE, f"{service}:{self.nats_password(service).reveal()}\n")
        self._give(service, RISK_VERIFY_KEY, self._read(RISK_VERIFY_KEY))
        for principal in PRINCIPALS:
            name = token_file(self._kept, principal).name
            self._give(service, name, self._read(name))

    def _password(self, name: str) -> Secret:
        return generated_secret(self._kept / f"{name}.password")

    def _read(self, name: str) -> str:
        return (self._kept / name).read_text(encoding="utf-8")

    def _give(self, reader: str, name: str, text: str, mode: int = _PRIVATE) -> None:
        """Write a file for one reader, whole or not at all."""
        folder = self.folder / reader
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / name)


def with_credentials(url: str, user: str, password: Secret) -> str:
    """Return an address with the credentials in front of its server."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password.reveal()}@{server}"))
