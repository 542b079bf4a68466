"""Principals: the people and programs that may change something, each known by a bearer token.

A token lies in a file named after its principal, ``<name>.token``, in the secrets folder. Only
its hash stays in memory, and every hash is compared, in constant time, on every request: neither
how long an answer takes nor a memory dump tells a token.
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from tidegate_chassis.security.errors import SecretError
from tidegate_chassis.security.secrets import (
    Secret,
    generated_secret,
    read_secret_file,
    require_private,
)
from tidegate_kernel.identifiers import checked_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKEN_SUFFIX: Final = ".token"  # noqa: S105 - a file name
_SCHEME: Final = "bearer"


class Principals:
    """Everyone whose token this process accepts."""

    def __init__(self, tokens: Mapping[str, Secret]) -> None:
        """Remember the hashes of the tokens; two principals never share one."""
        self._hashes = {name: _hash(token.reveal()) for name, token in tokens.items()}
        if len(set(self._hashes.values())) != len(self._hashes):
            raise SecretError(
                expected="a token of its own for every principal, so that two are two people",
                found=f"the same token twice among {', '.join(sorted(tokens))}",
                hint="remove one of the token files; a new one is made at the next start",
            )

    @classmethod
    def load(cls, folder: Path) -> Principals:
        """Read every ``<name>.token`` of the secrets folder."""
        tokens = {}
        for path in sorted(folder.glob(f"*{TOKEN_SUFFIX}")):
            require_private(path)
            tokens[checked_name(path.stem, "a principal")] = read_secret_file(path)
        return cls(tokens)

    @property
    def names(self) -> tuple[str, ...]:
        """The principals there are, sorted."""
        return tuple(sorted(self._hashes))

    def name_of(self, token: str) -> str | None:
        """Return whose token this is, or None."""
        digest = _hash(token)
        found = None
        for name, known in self._hashes.items():
            if compare_digest(known, digest):
                found = name
        return found

    def name_of_header(self, authorization: str | None) -> str | None:
        """Return who an ``Authorization: Bearer ...`` header names, or None."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != _SCHEME or not token:
            return None
        return self.name_of(token.strip())


def token_file(folder: Path, name: str) -> Path:
    """Return where the token of a principal lies."""
    return folder / f"{checked_name(name, 'a principal')}{TOKEN_SUFFIX}"


def ensure_token(folder: Path, name: str) -> Secret:
    """Return the principal's token; make one (file 0600, folder 0700) when there is none."""
    return generated_secret(token_file(folder, name))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
