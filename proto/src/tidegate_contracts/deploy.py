"""What an installation sets up on NATS before anything runs: its users and their permissions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tidegate_contracts.errors import DeploymentError
from tidegate_contracts.permissions import USERS, permissions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ACCOUNT = "TIDEGATE"
SYSTEM_ACCOUNT = "SYS"


def nats_config(passwords: Mapping[str, str], shards: Mapping[str, Sequence[str]]) -> str:
    """Render the accounts of a nats-server configuration, to be included in a server's own.

    ``passwords`` holds one for every user (`USERS`), plain or as bcrypt hash; ``shards`` the
    shards that each service hosts, because the permissions name their durables.
    """
    _check_names("passwords", set(passwords), required=set(USERS))
    _check_names("shards", set(shards), required=set())
    users = [_user(user, passwords[user], shards.get(user, ())) for user in USERS]
    return "".join(
        [
            "# Accounts and permissions, generated from proto/subjects.\n",
            f"system_account: {SYSTEM_ACCOUNT}\n",
            "accounts {\n",
            f"  {SYSTEM_ACCOUNT} {{ users: [] }}\n",
            f"  {ACCOUNT} {{\n    jetstream: enabled\n    users: [\n",
            *users,
            "    ]\n  }\n}\n",
        ]
    )


def _check_names(where: str, found: set[str], required: set[str]) -> None:
    missing, unknown = sorted(required - found), sorted(found - set(USERS))
    if missing:
        raise DeploymentError(where, f"all of {', '.join(USERS)}", f"none for {', '.join(missing)}")
    if unknown:
        raise DeploymentError(where, f"only {', '.join(USERS)}", ", ".join(unknown))


def _user(user: str, password: str, shards: Sequence[str]) -> str:
    if not password:
        raise DeploymentError("passwords", f"a password for {user}", "an empty one")
    granted = permissions(user, shards)
    return "".join(
        [
            "      {\n",
            f"        user: {json.dumps(user)}\n",
            f"        password: {json.dumps(password)}\n",
            "        permissions {\n",
            *(_allowed(kind, granted[kind]) for kind in ("publish", "subscribe")),
            "        }\n      }\n",
        ]
    )


def _allowed(kind: str, subjects: list[str]) -> str:
    """Write one list, an entry a line: nats-server needs commas or line ends between entries."""
    lines = "".join(f"            {json.dumps(subject)}\n" for subject in subjects)
    return f"          {kind}: {{\n            allow: [\n{lines}            ]\n          }}\n"
