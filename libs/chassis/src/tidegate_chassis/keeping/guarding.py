"""Nothing secret leaves: everything that is written is searched for every secret that is known.

Known are the files of the secrets' folder (but for public keys) and the variables that hold keys,
tokens and passwords. Streams are compressed by the server and not searched; all that they hold was
said from an outbox, which is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Self

from tidegate_chassis.keeping.errors import NotTaken

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_chassis.configuration import Environment

_NAMES: Final = re.compile(r".*(KEY|SECRET|TOKEN|PASSWORD|PASSPHRASE)(_ID)?")
_PUBLIC: Final = ".verify-key.pem"
# Shorter ones are words: they would be found anywhere.
_LENGTH_MIN: Final = 8


class Secrets:
    """Every secret that is known, each with the name of where it is from."""

    def __init__(self, known: Mapping[bytes, str]) -> None:
        """``known`` tells the origin of each secret."""
        self._known = dict(known)
        self._overlap = max((len(each) for each in known), default=1) - 1

    @classmethod
    def known(cls, folder: Path, environment: Environment) -> Self:
        """Read the files of a secrets' folder and the variables of an environment."""
        found: dict[bytes, str] = {}
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.name.endswith(_PUBLIC):
                for part in _parts(path.read_bytes()):
                    found[part] = path.name
        for name, value in environment.merged().items():
            if _NAMES.fullmatch(name) and len(value) >= _LENGTH_MIN:
                found[value.encode()] = name
        return cls(found)

    def refuse(self, content: bytes, where: str) -> None:
        """Raise `NotTaken` if one of them is in the content; it is named, not shown."""
        for secret, name in self._known.items():
            if secret in content:
                raise NotTaken(
                    f"no secret in {where}",
                    f"the one of {name}",
                    "remove it from there: secrets belong in the environment or in `secrets`",
                )

    def watching(self, write: Callable[[bytes], object], where: str) -> Watching:
        """Return what writes pieces until one holds a secret, also where two of them meet."""
        return Watching(self, write, where, self._overlap)


class Watching:
    """Writes what holds no secret; what comes behind one is dropped, and `settle` says so.

    It does not raise between two pieces: who sends them would be left in the middle.
    """

    def __init__(
        self, secrets: Secrets, write: Callable[[bytes], object], where: str, overlap: int
    ) -> None:
        """See `Secrets.watching`."""
        self._secrets = secrets
        self._write = write
        self._where = where
        self._overlap = overlap
        self._last = b""
        self._fault: NotTaken | None = None

    async def take(self, piece: bytes) -> None:
        """Write a piece."""
        if self._fault is not None:
            return
        try:
            self._secrets.refuse(self._last + piece, self._where)
        except NotTaken as fault:
            self._fault = fault
            return
        self._last = (self._last + piece)[-self._overlap :] if self._overlap else b""
        self._write(piece)

    def settle(self) -> None:
        """Raise `NotTaken` if a secret was among the pieces."""
        if self._fault is not None:
            raise self._fault


def _parts(content: bytes) -> list[bytes]:
    """Return what of a file is secret: its lines, and what is behind a user's name."""
    lines = [line.strip() for line in content.splitlines()]
    bare = [line for line in lines if not line.startswith(b"-----")]
    found = [*bare, *(line.rpartition(b":")[2] for line in bare)]
    return [each for each in found if len(each) >= _LENGTH_MIN]
