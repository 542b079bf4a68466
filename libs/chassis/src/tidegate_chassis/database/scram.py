"""A password as PostgreSQL stores it, so that SQL and server logs never hold the password itself.

Source: RFC 5802 section 3 and PostgreSQL's ``pg_authid.rolpassword``:
``SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode

_ITERATIONS = 4096
_SALT_BYTES = 16


def scram_verifier(password: str, salt: bytes = b"") -> str:
    """Return the verifier of an ASCII password, with a random salt unless one is given."""
    if not password.isascii():
        message = "expected an ASCII password, which needs no normalisation, found another"
        raise ValueError(message)
    salt = salt or secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")
