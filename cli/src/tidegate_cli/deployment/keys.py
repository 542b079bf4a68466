"""Everything secret that an installation needs: made once, kept in one folder."""

from __future__ import annotations

from pathlib import Path

from tidegate_chassis.configuration import SERVICE_NAMES
from tidegate_chassis.security.principals import ensure_token
from tidegate_chassis.security.secrets import Secret, generated_secret, write_secret
from tidegate_chassis.security.signing import ensure_key_pair

PRINCIPALS = ("operator", "approver")
SIGNERS = ("risk",)


def ensure_principals(folder: Path) -> None:
    """Make the tokens of the two local principals and risk's signing key."""
    for name in PRINCIPALS:
        ensure_token(folder, name)
    for name in SIGNERS:
        ensure_key_pair(folder, name)


def credentials_file(folder: Path, user: str) -> Path:
    """Return the file with a NATS user's ``user:password``."""
    return folder / f"nats-{user}.creds"


def read_credentials(file: Path) -> tuple[str, str]:
    """Return the user and the password of a credentials file."""
    user, _, password = file.read_text(encoding="utf-8").strip().partition(":")
    return user, password


def ensure_nats_passwords(folder: Path) -> dict[str, str]:
    """Return every NATS user's password; the files are made when absent."""
    from tidegate_contracts.permissions import USERS

    passwords = {}
    for user in USERS:
        password = generated_secret(folder / f"nats-{user}.password").reveal()
        write_secret(credentials_file(folder, user), f"{user}:{password}\n".encode())
        passwords[user] = password
    return passwords


def ensure_database_passwords(folder: Path) -> dict[str, Secret]:
    """Return the password of every service's database role; made when absent."""
    return {
        service: generated_secret(folder / f"database-{service}.password")
        for service in SERVICE_NAMES
    }


def ensure_server_password(folder: Path, server: str) -> Secret:
    """Return the password that ``postgres`` or ``valkey`` itself asks for; made when absent."""
    return generated_secret(folder / f"{server}.password")
