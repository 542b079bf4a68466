"""Ed25519 signatures over a message and the context in which it is said.

What is signed is the context's length, the context and the payload, under a fixed prefix: a
payload signed for one subject or place proves nothing in another. Keys are PEM files,
``<name>.signing-key.pem`` (0600) and ``<name>.verify-key.pem``; a verifier's file may hold several
keys, one after the other, while a key is being replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tidegate_chassis.security.errors import SignatureError
from tidegate_chassis.security.secrets import read_secret_file, require_private, write_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIGNATURE_BYTES: Final = 64
_PREFIX: Final = b"tidegate-signature-1\x00"
_LENGTH_BYTES: Final = 4
_PEM_BLOCK: Final = re.compile(rb"-----BEGIN [^-]+-----.*?-----END [^-]+-----", re.DOTALL)


class Signer:
    """Holds a service's private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Keep the key; it is never shown."""
        self._key = key

    @classmethod
    def load(cls, path: Path) -> Signer:
        """Read the private key from its PEM file, which only its owner may read."""
        text = read_secret_file(path)
        require_private(path)
        try:
            key = serialization.load_pem_private_key(text.reveal().encode(), password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise SignatureError(
                expected=f"an ed25519 private key in {path}",
                found="something else",
                hint="remove the file; a new key is made at the next start",
            )
        return cls(key)

    def sign(self, payload: bytes, context: bytes) -> bytes:
        """Return the signature of ``payload`` said in ``context``."""
        return self._key.sign(_signed_bytes(payload, context))

    def verifier(self) -> Verifier:
        """Return the verifier that accepts this signer."""
        return Verifier([self._key.public_key()])


class Verifier:
    """Holds the public keys that are accepted for one signer."""

    def __init__(self, keys: Sequence[Ed25519PublicKey]) -> None:
        """Accept a signature by any of ``keys``; there must be one."""
        assert keys
        self._keys = tuple(keys)

    @classmethod
    def load(cls, path: Path) -> Verifier:
        """Read one or more public keys from a PEM file."""
        blocks = _PEM_BLOCK.findall(read_secret_file(path).reveal().encode())
        keys = [_public_key(block, path) for block in blocks]
        if not keys:
            raise _no_public_key(path)
        return cls(keys)

    def verify(self, payload: bytes, context: bytes, signature: bytes) -> bool:
        """Tell whether one of the keys signed exactly this payload in exactly this context."""
        signed = _signed_bytes(payload, context)
        return any(_is_signed_by(key, signed, signature) for key in self._keys)


def ensure_key_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """Return the files of a service's signing and verify keys; make them when absent."""
    private, public = folder / f"{name}.signing-key.pem", folder / f"{name}.verify-key.pem"
    if not private.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_secret(private, pem)
    if not public.exists():
        write_secret(public, _public_pem(Signer.load(private)))
    return private, public


def _public_pem(signer: Signer) -> bytes:
    return signer._key.public_key().public_bytes(  # noqa: SLF001 - the same module's own key
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _signed_bytes(payload: bytes, context: bytes) -> bytes:
    return _PREFIX + len(context).to_bytes(_LENGTH_BYTES, "big") + context + payload


def _is_signed_by(key: Ed25519PublicKey, signed: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _public_key(block: bytes, path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(block)
    except ValueError:
        raise _no_public_key(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_public_key(path)
    return key


def _no_public_key(path: Path) -> SignatureError:
    return SignatureError(
        expected=f"one or more ed25519 public keys in {path}",
        found="something else",
        hint="copy the signer's verify key there",
    )
