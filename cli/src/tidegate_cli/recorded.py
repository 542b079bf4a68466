"""Where a recorded session is read from: a running instance, one that is down, or an archive.

An instance that is down keeps its databases in its folder: its PostgreSQL is started for the time
of the command, over sessions that only read, and ended again. The folder's lock keeps
`tidegate up` away meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import Configuration, load
from tidegate_chassis.database import DatabaseError
from tidegate_chassis.embedded import EmbeddedError
from tidegate_chassis.recorded.errors import NotRecorded, RecordingUnreadable
from tidegate_cli.errors import BadData, Failed, Misused, Unreachable
from tidegate_cli.instances import MAIN, InstanceRecord, find, home, running
from tidegate_cli.output import Output
from tidegate_cli.reached import databases_of

if TYPE_CHECKING:
    from tidegate_chassis.recorded.recording import Recording


@dataclass(frozen=True, slots=True)
class Source:
    """What the options say: an instance's name or folder, or an archive's folder."""

    instance: str | None = None
    journals: Path | None = None


@contextmanager
def recording(output: Output, source: Source) -> Iterator[Recording]:
    """Give the recording that is meant; what is wrong with it ends the command."""
    try:
        if source.journals is not None:
            from tidegate_lab.replay.archive import ArchiveRecording

            yield ArchiveRecording(source.journals)
        else:
            with _databases(output, source.instance) as found:
                yield found
    except NotRecorded as error:
        raise Misused("NOT_RECORDED", str(error), **_parts(error)) from None
    except RecordingUnreadable as error:
        raise BadData("RECORDING", str(error), **_parts(error)) from None
    except DatabaseError as error:
        raise Unreachable("NO_DATABASE", str(error), **_parts(error)) from None
    except EmbeddedError as error:
        raise Failed("NO_DATABASE", str(error), **_parts(error)) from None


def _parts(
    error: RecordingUnreadable | NotRecorded | DatabaseError | EmbeddedError,
) -> dict[str, str]:
    return {"expected": error.expected, "found": error.found, "hint": error.hint}


@contextmanager
def _databases(output: Output, instance: str | None) -> Iterator[Recording]:
    from tidegate_chassis.recorded.database import DatabaseRecording

    record, folder = located(instance, "; or an archive: --journals DIR")
    configuration = configuration_of(folder if record is None else record.configuration)
    if record is None:
        output.progress(f"reading the database of {folder} ...")
    with (
        databases_of(folder, record) as addresses,
        DatabaseRecording(configuration, addresses) as found,
    ):
        yield found


def running_record(source: Source) -> InstanceRecord | None:
    """Return the running instance that is meant; None for one that is down, and for an archive."""
    return None if source.journals is not None else _running(source.instance)


def located(instance: str | None, otherwise: str = "") -> tuple[InstanceRecord | None, Path]:
    """Return the running instance that is meant, if it runs, and its folder.

    `otherwise`: what else a command could have been told, for the hint when there is neither.
    """
    record = _running(instance)
    return record, _folder(instance, otherwise) if record is None else record.folder


def _running(instance: str | None) -> InstanceRecord | None:
    """Return the running instance that is meant by name or folder, None when it is down."""
    records = running(home())
    if instance is None and not records:
        return None
    if instance is not None:
        by_folder = Path(instance).absolute()
        for record in records:
            if record.folder == by_folder:
                return record
        if instance not in {record.instance for record in records}:
            return None
    return find(instance)


def _folder(instance: str | None, otherwise: str) -> Path:
    """Return the folder of an instance that is down: the home is that of the main one."""
    folder = home() if instance in {None, MAIN} else Path(str(instance)).absolute()
    data = folder / "data"
    if data.is_dir() and any(data.iterdir()):
        return folder
    raise Unreachable(
        "NOT_RECORDED",
        f"there is no instance in {folder}",
        expected="a running instance, or the folder of one that is down",
        found=f"no data in {folder}",
        hint="name its folder with --instance (`tidegate demo --keep` prints the one that it "
        f"keeps), or set TIDEGATE_HOME{otherwise}",
    )


def configuration_path(place: Path) -> Path:
    """Return what an instance ran with: a file, or what lies in the folder of one that is down."""
    candidates = (place / "run" / f"{MAIN}.yaml", place / "tidegate.yaml")
    path = next((each for each in candidates if each.is_file()), place)
    if path.is_dir():
        names = " or ".join(str(each) for each in candidates)
        raise BadData("RECORDING", f"{place} has no configuration", expected=names, found="neither")
    return path


def configuration_of(place: Path) -> Configuration:
    """Load what an instance ran with."""
    return load(configuration_path(place), process={}).configuration
