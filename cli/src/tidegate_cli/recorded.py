"""Where a recorded session is read from: a running instance, one that is down, or an archive.

An instance that is down keeps its databases in its folder: its PostgreSQL is started for the time
of the command, over sessions that only read, and ended again. The folder's lock keeps
`tidegate up` away meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration, Layout, load
from tidegate_chassis.database import DatabaseError
from tidegate_chassis.database.names import database_name, service_url
from tidegate_chassis.embedded import EmbeddedError, Place, PostgresServer
from tidegate_cli.errors import BadData, Failed, Misused, Unreachable
from tidegate_cli.instances import MAIN, InstanceRecord, find, home, running
from tidegate_cli.output import Output
from tidegate_cli.supervisor.servers import database_variable
from tidegate_lab.replay.errors import NotRecorded, RecordingUnreadable

if TYPE_CHECKING:
    from tidegate_lab.replay.recording import Recording

LOOPBACK = "127.0.0.1"


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
    from tidegate_lab.replay.database import DatabaseRecording

    record = _running(instance)
    folder = _folder(instance) if record is None else record.folder
    configuration = _configuration(folder if record is None else record.configuration)
    with (
        _addresses(output, folder, record) as addresses,
        DatabaseRecording(configuration, addresses) as found,
    ):
        yield found


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


def _folder(instance: str | None) -> Path:
    """Return the folder of an instance that is down: the home is that of the main one."""
    folder = home() if instance in {None, MAIN} else Path(str(instance)).absolute()
    if (folder / "data").is_dir():
        return folder
    raise Unreachable(
        "NOT_RECORDED",
        f"there is no recording in {folder}",
        expected="a running instance, the folder of one that is down, or --journals DIR",
        found=f"no data in {folder}",
        hint="`tidegate demo --keep` prints the folder that it keeps; name it with --instance",
    )


def _configuration(place: Path) -> Configuration:
    """Load what an instance ran with: a file, or what lies in the folder of one that is down."""
    candidates = (place / "run" / f"{MAIN}.yaml", place / "tidegate.yaml")
    path = next((each for each in candidates if each.is_file()), place)
    if path.is_dir():
        names = " or ".join(str(each) for each in candidates)
        raise BadData("RECORDING", f"{place} has no configuration", expected=names, found="neither")
    return load(path, process={}).configuration


@contextmanager
def _addresses(
    output: Output, folder: Path, record: InstanceRecord | None
) -> Iterator[Mapping[str, str]]:
    """Give the addresses of the services' databases; PostgreSQL is started if it is down."""
    process = None if record is None else record.processes.get("postgres")
    if process is not None:
        yield _own_databases(folder, f"postgresql://{LOOPBACK}:{process.port}/postgres")
    elif (folder / "data" / "postgres" / "cluster").is_dir() and record is None:
        output.progress(f"starting the database in {folder} to read it ...")
        layout = Layout(folder)
        place = Place(
            layout.data / "postgres",
            log_file=layout.logs / "postgres.log",
            dies_with_launcher=True,
        )
        server = PostgresServer(place, password_file=layout.secrets / "postgres.password")
        with server:
            yield _own_databases(folder, server.url)
    else:
        yield _given_databases(folder)


def _own_databases(folder: Path, server: str) -> dict[str, str]:
    """Return the addresses on a server for the services' own roles."""
    found = {}
    for service in SERVICE_NAMES:
        path = Layout(folder).secrets / f"database-{service}.password"
        try:
            password = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"the password of {service}'s database cannot be read"
            reason = str(error.strerror)
            raise Unreachable("NO_DATABASE", message, expected=str(path), found=reason) from error
        found[service] = service_url(server, database_name(service), password)
    return found


def _given_databases(folder: Path) -> dict[str, str]:
    """Return the addresses on a server of somebody else's, as the environment names them."""
    own = {service: os.environ.get(database_variable(service)) for service in SERVICE_NAMES}
    given = {service: url for service, url in own.items() if url}
    if len(given) == len(SERVICE_NAMES):
        return given
    server = os.environ.get("DATABASE_URL")
    if server:
        return _own_databases(folder, server)
    raise Unreachable(
        "NO_DATABASE",
        f"the instance in {folder} keeps no database of its own",
        expected="DATABASE_URL, as the instance was started with",
        found="it unset",
        hint="set it, or read an archive with --journals",
    )
