"""The file of a backup: a tar whose first member says what the others are.

::

    manifest.json                  what there is, when and by which code; every file's hash
    configuration.yaml             what the instance ran with
    verify-keys.pem                risk's public keys: what was said before is still believed
    kill.json                      execution's kill flags, if there were any
    databases/<service>/<table>    every row, in PostgreSQL's binary copy format, gzipped
    streams/<stream>               JetStream's own snapshot, durables included

The manifest carries its own hash. Everything is judged before anything of it is used.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from tidegate_chassis.keeping.errors import BackupDamaged, NotTaken

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "tidegate-backup-1"
MANIFEST: Final = "manifest.json"
CONFIGURATION: Final = "configuration.yaml"
VERIFY_KEYS: Final = "verify-keys.pem"
KILL_FLAGS: Final = "kill.json"
_CHANGED: Final = "the file was changed or cut off: nothing is restored from it; take another copy"
_MANIFEST_BYTES_MAX: Final = 64 * 1024 * 1024


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a backup."""

    name: str
    sha256: str
    size: int
    # Rows of a table; messages of a stream.
    rows: int = 0


class KeptShard(msgspec.Struct, frozen=True, kw_only=True):
    """One shard as it stood."""

    service: str
    shard: str
    term: int
    # The last input that was journalled, and the one that the newest snapshot ends with.
    n: int
    snapshot_n: int
    # The version of the core that handled the last input.
    core: str
    # How far each of its channels was said.
    heads: Mapping[str, int]

    @property
    def drained(self) -> bool:
        """Tell whether a newer version may go on from its snapshot."""
        return self.snapshot_n == self.n


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Which code wrote the backup."""

    release: str
    commit: str
    # Hash of all cores, the kernel and the contract: equal codes decide equally.
    code: str
    # Hash of the contract that releases are compared with.
    contract: str
    # The newest migration of the databases.
    schema: str
    architecture: str
    python: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. ``hash`` is that of everything else in the manifest."""

    format: str
    taken_at: str
    origin: Origin
    instance: str
    sessions: tuple[str, ...]
    # Every scope of the gate that was not open.
    gate: Mapping[str, str]
    shards: tuple[KeptShard, ...]
    files: tuple[KeptFile, ...]
    hash: str = ""

    def digest(self) -> str:
        """Return the hash of everything but the hash."""
        bare = msgspec.structs.replace(self, hash="")
        return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()

    def file(self, name: str) -> KeptFile | None:
        """Return what the manifest says of a file, None when there is none of that name."""
        return next((each for each in self.files if each.name == name), None)


def kept_file(folder: Path, name: str, rows: int = 0) -> KeptFile:
    """Return what a manifest says of a file in a folder."""
    path = folder / name
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return KeptFile(name=name, sha256=digest, size=path.stat().st_size, rows=rows)


def write_backup(path: Path, manifest: Manifest, folder: Path) -> Manifest:
    """Write the manifest and its files, which lie in a folder, whole or not at all."""
    sealed = msgspec.structs.replace(manifest, hash=manifest.digest())
    text = msgspec.json.format(msgspec.json.encode(sealed)) + b"\n"
    partial = path.with_name(f".{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
                for each in sealed.files:
                    with (folder / each.name).open("rb") as content:
                        tar.addfile(_entry(each.name, each.size), content)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        raise NotTaken(f"no file at {path} yet", "one", "name another file") from None
    finally:
        partial.unlink(missing_ok=True)
    return sealed


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry


class BackupFile:
    """A backup that is read; `judge` it before anything of it is used."""

    def __init__(self, path: Path, tar: tarfile.TarFile, manifest: Manifest) -> None:
        """See `opened`."""
        self.path = path
        self.manifest = manifest
        self._tar = tar

    def judge(self) -> None:
        """Compare every file with its hash; the first that differs is named."""
        for each in self.manifest.files:
            try:
                with self.content(each.name) as content:
                    found = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
            except (tarfile.TarError, EOFError, OSError) as error:
                found = f"a file that cannot be read ({error})"
            if found != each.sha256:
                raise BackupDamaged(
                    f"{each.name} in {self.path} with the hash {each.sha256}", found, _CHANGED
                )

    @contextmanager
    def content(self, name: str) -> Iterator[IO[bytes]]:
        """Give a file's content."""
        try:
            found = self._tar.extractfile(name)
        except KeyError:
            found = None
        if found is None:
            raise BackupDamaged(f"{name} in {self.path}", "no such file", _CHANGED)
        with found:
            yield found

    def text(self, name: str) -> str:
        """Return a small file's text; empty when there is none."""
        if self.manifest.file(name) is None:
            return ""
        with self.content(name) as content:
            return content.read().decode()

    def names(self, prefix: str) -> Sequence[str]:
        """Return the files below a folder."""
        return [each.name for each in self.manifest.files if each.name.startswith(prefix)]


@contextmanager
def opened(path: Path) -> Iterator[BackupFile]:
    """Give a backup whose manifest is what it was; its files are not judged yet."""
    try:
        file = path.open("rb")
    except OSError as error:
        hint = "`tidegate backup FILE` writes one"
        raise BackupDamaged(f"a backup at {path}", str(error.strerror), hint) from error
    with file:
        try:
            tar = tarfile.TarFile(fileobj=file, mode="r")
            manifest = _manifest(path, tar)
        except (tarfile.TarError, EOFError) as error:
            raise BackupDamaged(f"{path} to be a backup", str(error), _CHANGED) from error
        with tar:
            yield BackupFile(path, tar, manifest)


def _manifest(path: Path, tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        found = "an empty file" if first is None else first.name
        raise BackupDamaged(f"{path} to begin with {MANIFEST}", found, _CHANGED)
    try:
        manifest = msgspec.json.decode(content.read(_MANIFEST_BYTES_MAX), type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupDamaged(
            f"{MANIFEST} in {path} to be a manifest", str(error), _CHANGED
        ) from error
    if manifest.format != FORMAT:
        raise BackupDamaged(f"a backup of format {FORMAT}", manifest.format)
    if manifest.hash != manifest.digest():
        raise BackupDamaged(
            f"{MANIFEST} in {path} with the hash {manifest.hash}",
            f"one with {manifest.digest()}",
            _CHANGED,
        )
    return manifest
