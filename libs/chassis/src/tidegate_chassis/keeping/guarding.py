"""Nothing secret leaves: everything that is written is searched for every secret that is known.

Known are the files of the secrets' folder (but for public keys) and the variables that hold keys,
tokens and passwords. Streams are compressed by the server and not searched; all that they hold was
said from an outbox, which is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from tidegate_chassis.keeping.errors import NotTaken

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_chassis.configuration import Environment

Writer = Callable[[bytes], Coroutine[Any, Any, None]]

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

    def watching(self, write: Callable[[bytes], object], where: str) -> Writer:
        """Return what writes pieces that hold no secret, also where two of them meet."""
        last = b""

        async def take(piece: bytes) -> None:
            nonlocal last
            self.refuse(last + piece, where)
            last = (last + piece)[-self._overlap :] if self._overlap else b""
            write(piece)

        return take


def _parts(content: bytes) -> list[bytes]:
    """Return what of a file is secret: its lines, and what is behind a user's name."""
    lines = [line.strip() for line in content.splitlines()]
    bare = [line for line in lines if not line.startswith(b"-----")]
    found = [*bare, *(line.rpartition(b":")[2] for line in bare)]
    return [each for each in found if len(each) >= _LENGTH_MIN]
