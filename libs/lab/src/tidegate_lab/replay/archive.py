"""A recording as Parquet files, each with its hash: an export, and what journals are archived as.

::

    manifest.json                  what there is, the configuration, and the hash of every file
    <shard>.journal.parquet        every input by value, with the hash of its effects
    <shard>.messages.parquet       what the shard said, with headers
    <shard>.snapshots.parquet      the snapshots that are kept

A shard's ``/`` is a ``.`` in file names. A file that is not what the manifest says is refused,
and so is a manifest that was changed: it carries its own hash.
"""

from __future__ import annotations

import hashlib
import platform
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tidegate_chassis.configuration import Configuration, dump
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import TailRow
from tidegate_chassis.recorded.errors import NotRecorded, RecordingUnreadable
from tidegate_chassis.recorded.recording import NO_LIMIT, Extent, Message, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tidegate_chassis.recorded.recording import Recording

T = TypeVar("T", bound=msgspec.Struct)
FORMAT = "tidegate-journals-1"
MANIFEST = "manifest.json"
PAGE = 8_192
_TYPES = {"int": pa.int64(), "str": pa.string(), "bytes": pa.binary()}


class ArchivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file and what is in it."""

    name: str
    sha256: str
    rows: int


class ArchivedShard(msgspec.Struct, frozen=True, kw_only=True):
    """One shard's files."""

    shard: str
    first_n: int
    last_n: int
    cores: tuple[str, ...]
    journal: ArchivedFile
    messages: ArchivedFile
    snapshots: ArchivedFile

    def files(self) -> tuple[ArchivedFile, ...]:
        """Return all of them."""
        return self.journal, self.messages, self.snapshots


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. ``hash`` is that of everything else in the manifest."""

    format: str
    session: str
    # Bit-for-bit replay is promised for one architecture and one version of Python.
    architecture: str
    python: str
    configuration: str
    shards: tuple[ArchivedShard, ...]
    hash: str = ""

    def digest(self) -> str:
        """Return the hash of everything but the hash."""
        bare = msgspec.structs.replace(self, hash="")
        return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


class _JournalLine(JournalRow, frozen=True, gc=False):
    """A journal row with the term and the core's version under which it was written."""

    term: int
    core: str


def write_archive(
    recording: Recording, session: str, shards: Sequence[str], folder: Path
) -> Manifest:
    """Write the journals of a session's shards into an empty or absent folder."""
    if folder.exists() and any(folder.iterdir()):
        raise RecordingUnreadable(
            f"an empty folder to export to, or none at {folder}", "files in it", "name another"
        )
    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(
        format=FORMAT,
        session=session,
        architecture=platform.machine(),
        python=platform.python_version(),
        configuration=dump(recording.configuration),
        shards=tuple(_write_shard(recording, shard, folder) for shard in shards),
    )
    manifest = msgspec.structs.replace(manifest, hash=manifest.digest())
    text = msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"
    (folder / MANIFEST).write_bytes(text)
    return manifest


def _write_shard(recording: Recording, shard: str, folder: Path) -> ArchivedShard:
    extent = recording.extent(shard)
    cores: dict[str, None] = {}

    def lines() -> Iterator[_JournalLine]:
        for tail in recording.rows(shard):
            cores[tail.core] = None
            row = msgspec.structs.asdict(tail.row)
            yield _JournalLine(**row, term=tail.term, core=tail.core)

    stem = folder / shard.replace("/", ".")
    return ArchivedShard(
        shard=shard,
        first_n=extent.first_n,
        last_n=extent.last_n,
        journal=_write(stem, "journal", _JournalLine, lines()),
        messages=_write(stem, "messages", Message, recording.messages(shard)),
        snapshots=_write(stem, "snapshots", Snapshot, recording.snapshots(shard)),
        cores=tuple(cores),
    )


def _write(stem: Path, table: str, kind: type[T], items: Iterable[T]) -> ArchivedFile:
    path = stem.with_name(f"{stem.name}.{table}.parquet")
    fields = [(f.name, _TYPES[f.type.__name__]) for f in msgspec.structs.fields(kind)]
    schema = pa.schema(fields)
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for page in _pages(items):
            columns = zip(*(msgspec.structs.astuple(item) for item in page), strict=True)
            arrays = [pa.array(c, t) for c, (_, t) in zip(columns, fields, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += len(page)
    return ArchivedFile(name=path.name, sha256=_hash(path), rows=rows)


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    page: list[T] = []
    for item in items:
        page.append(item)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


class ArchiveRecording:
    """Reads an archive; every file is judged by its hash before anything is read."""

    def __init__(self, folder: Path) -> None:
        """Open the archive in a folder."""
        self._folder = folder
        self.manifest = _read_manifest(folder)
        self.configuration = Configuration.model_validate(
            yaml.safe_load(self.manifest.configuration)
        )
        self._shards = {each.shard: each for each in self.manifest.shards}
        for each in self.manifest.shards:
            for file in each.files():
                _judge(folder / file.name, file)

    def extent(self, shard: str) -> Extent:
        """Return what a shard's journal holds."""
        found = self._shard(shard)
        return Extent(found.first_n, found.last_n)

    def rows(self, shard: str, after_n: int = 0, until_n: int = NO_LIMIT) -> Iterator[TailRow]:
        """Yield a shard's inputs after one position up to another, in order."""
        for line in self._read(self._shard(shard).journal, _JournalLine, "n", after_n, until_n):
            *row, term, core = msgspec.structs.astuple(line)
            yield TailRow(JournalRow(*row), term, core)

    def messages(self, shard: str, after_n: int = 0) -> Iterator[Message]:
        """Yield what a shard said after an input, in order."""
        return self._read(self._shard(shard).messages, Message, "n", after_n, NO_LIMIT)

    def message(self, channel: str, k: int) -> Message | None:
        """Return the message at a place of a channel; a channel is named after its shard."""
        if channel not in self._shards:
            return None
        return next(self._read(self._shard(channel).messages, Message, "k", k - 1, k), None)

    def snapshots(self, shard: str) -> list[Snapshot]:
        """Return the snapshots of a shard that were kept, oldest first."""
        return list(self._read(self._shard(shard).snapshots, Snapshot, "n", 0, NO_LIMIT))

    def _shard(self, shard: str) -> ArchivedShard:
        if shard not in self._shards:
            known = ", ".join(self._shards)
            raise NotRecorded(f"a shard of the archive in {self._folder}", repr(shard), known)
        return self._shards[shard]

    def _read(
        self, file: ArchivedFile, kind: type[T], key: str, after: int, until: int
    ) -> Iterator[T]:
        """Yield the rows whose key is after one value and up to another; the key only grows."""
        parquet = pq.ParquetFile(self._folder / file.name)
        place = parquet.schema_arrow.get_field_index(key)
        for group in range(parquet.num_row_groups):
            bounds = parquet.metadata.row_group(group).column(place).statistics
            if bounds.max <= after or bounds.min > until:
                continue
            columns: dict[str, list[Any]] = parquet.read_row_group(group).to_pydict()
            for values in zip(*columns.values(), strict=True):
                if after < values[place] <= until:
                    yield kind(*values)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        hint = "`tidegate replay SESSION --export DIR` writes one"
        raise RecordingUnreadable(f"an archive in {folder}", str(error.strerror), hint) from error
    except msgspec.DecodeError as error:
        raise RecordingUnreadable(f"{path} to be a manifest", str(error)) from error
    if manifest.format != FORMAT:
        raise RecordingUnreadable(f"an archive of format {FORMAT}", manifest.format)
    if manifest.hash != manifest.digest():
        raise RecordingUnreadable(
            f"{path} with the hash {manifest.hash}", f"one with {manifest.digest()}", _CHANGED
        )
    return manifest


def _judge(path: Path, file: ArchivedFile) -> None:
    found = _hash(path) if path.is_file() else "no such file"
    if found != file.sha256:
        raise RecordingUnreadable(f"{path} with the hash {file.sha256}", found, _CHANGED)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_CHANGED = "the archive was changed: nothing is replayed from it; take another copy"
