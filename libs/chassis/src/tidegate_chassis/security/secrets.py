"""Secrets in files: made once, read by their owner only, and never printed.

Which file or variable holds which secret is the configuration's business
(`tidegate_chassis.configuration`).
"""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from tidegate_chassis.security.errors import SecretError

if TYPE_CHECKING:
    from pathlib import Path

HIDDEN: Final = "***"
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_SECRET_BYTES = 32


class Secret:
    """A text that prints as ``***``; `reveal` is the only way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hide ``text``."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        """Hide the text in logs and traces."""
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        """Hide the text in messages."""
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        """Compare in constant time."""
        if not isinstance(other, Secret):
            return NotImplemented
        return secrets.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        """Hash like equal secrets."""
        return hash((Secret, self._text))

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled, which would write the text down."""
        message = "expected a secret to stay in memory, found an attempt to pickle it"
        raise TypeError(message)


def read_secret_file(path: Path) -> Secret:
    """Return the secret that the file holds, without the line's end."""
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise SecretError(
            expected=f"a secret in {path}",
            found=error.strerror or type(error).__name__,
            hint="make the file and let only this user read it (mode 0600)",
        ) from None
    if not text:
        raise SecretError(
            expected=f"a secret in {path}", found="an empty file", hint="write the secret into it"
        )
    return Secret(text)


def generated_secret(path: Path) -> Secret:
    """Return the secret in ``path``; make a random one there (0600) when the file is absent.

    When two processes make it at once, both return the one that was first.
    """
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(_SECRET_BYTES).encode() + b"\n")
    return read_secret_file(path)


def write_secret(path: Path, content: bytes) -> bool:
    """Write a new 0600 file, whole or not at all; tell whether it was ours or already there."""
    make_secrets_folder(path.parent)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(fresh, flags, _FILE_MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def make_secrets_folder(folder: Path) -> None:
    """Make the folder 0700 when absent; one that exists is never changed."""
    if not folder.exists():
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def require_private(path: Path) -> None:
    """Raise when every user of the machine may read the file; a group may, as in containers."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_IROTH:
        raise SecretError(
            expected=f"{path} not to be readable by every user",
            found=f"mode {mode:04o}",
            hint=f"run: chmod 600 {path}",
        )
