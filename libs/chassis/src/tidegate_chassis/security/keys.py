"""The keys that one process was given."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tidegate_chassis.security.signing import Signer, Verifier


class KeySettings(Protocol):
    """What the keys need to know of a process's settings."""

    @property
    def signing_key_file(self) -> Path | None:
        """The process's own private key; None for a process that signs nothing."""

    @property
    def verify_key_file(self) -> Path:
        """The public keys of the risk service."""


def load_signer(settings: KeySettings) -> Signer | None:
    """Return the process's signer, or None when it was given no key."""
    file = settings.signing_key_file
    return None if file is None else Signer.load(file)


def load_verifier(settings: KeySettings) -> Verifier | None:
    """Return the verifier of risk's signatures, or None: whoever needs one then refuses all."""
    file = settings.verify_key_file
    return Verifier.load(file) if file.exists() else None
