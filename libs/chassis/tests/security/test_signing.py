"""Signatures prove who said what, where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, strategies as st

from tidegate_chassis.security import load_signer, load_verifier
from tidegate_chassis.security.errors import SecurityError
from tidegate_chassis.security.signing import (
    SIGNATURE_BYTES,
    Signer,
    Verifier,
    ensure_key_pair,
)

SIGNER = Signer(Ed25519PrivateKey.generate())
VERIFIER = SIGNER.verifier()
PAIR = st.tuples(st.binary(max_size=64), st.binary(max_size=64))


@given(PAIR)
def test_what_was_signed_is_accepted(said: tuple[bytes, bytes]) -> None:
    """Any payload in any context."""
    payload, context = said
    signature = SIGNER.sign(payload, context)
    assert len(signature) == SIGNATURE_BYTES
    assert VERIFIER.verify(payload, context, signature)


@given(PAIR, PAIR)
def test_a_signature_proves_nothing_else(
    said: tuple[bytes, bytes], claimed: tuple[bytes, bytes]
) -> None:
    """Another payload or context is refused, also one that shifts bytes between the two."""
    assume(said != claimed)
    assert not VERIFIER.verify(*claimed, SIGNER.sign(*said))


def test_bytes_do_not_move_between_context_and_payload() -> None:
    """The context's length is signed too."""
    assert not VERIFIER.verify(b"b", b"a", SIGNER.sign(b"ab", b""))


@given(st.binary(max_size=80))
def test_bytes_that_are_no_signature_are_refused(signature: bytes) -> None:
    """Garbage of any length is a refusal, not an error."""
    assert not VERIFIER.verify(b"payload", b"context", signature)


def test_another_key_is_refused() -> None:
    """Only the signer that we know counts."""
    stranger = Signer(Ed25519PrivateKey.generate())
    assert not VERIFIER.verify(b"payload", b"context", stranger.sign(b"payload", b"context"))


def test_keys_are_made_once_and_the_private_one_is_private(tmp_path: Path) -> None:
    """The pair of files works together and is the same at the next start."""
    private, public = ensure_key_pair(tmp_path / "secrets", "risk")
    content = private.read_bytes()
    assert ensure_key_pair(tmp_path / "secrets", "risk") == (private, public)
    assert private.read_bytes() == content
    assert private.stat().st_mode & 0o777 == 0o600
    signature = Signer.load(private).sign(b"payload", b"context")
    assert Verifier.load(public).verify(b"payload", b"context", signature)


def test_a_key_can_be_replaced_while_both_are_accepted(tmp_path: Path) -> None:
    """A verifier's file may hold the old key and the new one."""
    old, old_public = ensure_key_pair(tmp_path, "old")
    new, new_public = ensure_key_pair(tmp_path, "new")
    both = tmp_path / "both.pem"
    both.write_bytes(old_public.read_bytes() + new_public.read_bytes())
    verifier = Verifier.load(both)
    for key in (old, new):
        assert verifier.verify(b"p", b"c", Signer.load(key).sign(b"p", b"c"))


@pytest.mark.parametrize("load", [Signer.load, Verifier.load])
@pytest.mark.parametrize("content", ["", "nonsense", "-----BEGIN X-----\n-----END X-----"])
def test_a_file_without_a_key_is_an_error_with_its_path(
    tmp_path: Path, load: type, content: str
) -> None:
    """The message names the file and never its content."""
    path = tmp_path / "key.pem"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SecurityError, match=str(path)):
        load(path)


@dataclass
class Settings:
    """What `load_signer` and `load_verifier` ask of a process's settings."""

    signing_key_file: Path | None
    verify_key_file: Path


def test_a_process_has_the_keys_it_was_given(tmp_path: Path) -> None:
    """Risk signs what the others verify; who was given nothing has nothing."""
    private, public = ensure_key_pair(tmp_path, "risk")
    signer = load_signer(Settings(private, public))
    verifier = load_verifier(Settings(None, public))
    assert signer is not None
    assert verifier is not None
    assert verifier.verify(b"p", b"c", signer.sign(b"p", b"c"))
    assert load_signer(Settings(None, public)) is None
    assert load_verifier(Settings(None, tmp_path / "absent.pem")) is None
