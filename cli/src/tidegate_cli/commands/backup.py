"""`tidegate backup`: one file, consistent by construction, from an instance that runs or not.

1. The marks are read: up to where the streams hold each channel. 2. Each stream is kept. 3. All
databases are kept as of one moment, after that. So every kept stream is at most as new as the
journals, whose outboxes refill it, and no kept reader is ahead of a kept producer.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nats.errors import Error as NatsError

from tidegate_chassis.configuration import Environment, Layout
from tidegate_chassis.database import DatabaseError
from tidegate_chassis.embedded import EmbeddedError
from tidegate_chassis.keeping import container, databases, streams
from tidegate_chassis.keeping.container import KeptFile, Manifest, kept_file
from tidegate_chassis.keeping.errors import BackupDamaged, KeepingError, NotTaken, TargetNotEmpty
from tidegate_cli.errors import BadData, Failed, Misused, Refused, Unreachable
from tidegate_cli.instances import MAIN, InstanceRecord
from tidegate_cli.origin import origin
from tidegate_cli.output import Output
from tidegate_cli.reached import Reached, reached
from tidegate_cli.recorded import configuration_of, configuration_path, located
from tidegate_cli.restored import KILL_FILE
from tidegate_contracts.subjects import STREAMS

if TYPE_CHECKING:
    from tidegate_chassis.keeping.guarding import Secrets


def run(output: Output, file: Path, instance: str | None) -> None:
    """Write the backup and say what is in it."""
    if file.exists():
        raise Misused(
            "FILE_EXISTS",
            f"{file} is there already",
            expected="no such file",
            found=str(file),
            hint="name another file",
        )
    if not (folder := file.absolute().parent).is_dir():
        raise Misused(
            "NO_FOLDER",
            f"there is no folder {folder}",
            expected="a folder that is there",
            found=f"none at {folder}",
            hint="make the folder, or name another file",
        )
    with failing():
        record, folder = located(instance)
        output.progress(f"keeping {folder} ({'running' if record else 'stopped'}) ...")
        with reached(folder, record) as found:
            manifest = asyncio.run(_back_up(found, record, file.absolute()))
    describe(output, manifest)
    output.text(f"\n{file}  {file.stat().st_size / 1e6:.1f} MB\n{manifest.hash}")
    output.text("No secrets and no keys are in it: keep the folder `secrets` by other means.")
    output.result({"file": str(file), "bytes": file.stat().st_size, **document(manifest)})


async def _back_up(found: Reached, record: InstanceRecord | None, file: Path) -> Manifest:
    path = configuration_path(found.folder if record is None else record.configuration)
    secrets = _secrets(found.folder, path)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".tidegate-backup-") as name:
        folder = Path(name)
        async with (
            databases.connected(found.databases) as connections,
            databases.connected(found.databases) as lockers,
            streams.administrator(found.nats_url, found.deployer) as client,
        ):
            marks = await databases.read_marks(connections)
            files = await streams.keep_streams(client, tuple(STREAMS), folder)
            async with databases.one_moment(connections, lockers):
                taken_at = datetime.now(UTC).isoformat(timespec="milliseconds")
                shards = await databases.shards_of(connections)
                gate = await databases.gate_of(connections["risk"])
                schema = await databases.schema_of(connections)
                files += await databases.dump(connections, marks, folder, secrets)
        files += _small_files(found.folder, path, folder, secrets)
        manifest = Manifest(
            format=container.FORMAT,
            taken_at=taken_at,
            origin=origin(schema),
            instance=MAIN if record is None else record.instance,
            sessions=tuple(session.name for session in configuration_of(path).sessions),
            gate=gate,
            shards=tuple(shards),
            files=tuple(files),
        )
        return container.write_backup(file, manifest, folder)


def _secrets(folder: Path, configuration: Path) -> Secrets:
    from tidegate_chassis.keeping.guarding import Secrets

    return Secrets.known(Layout(folder).secrets, Environment.beside(configuration, os.environ))


def _small_files(
    source: Path, configuration: Path, folder: Path, secrets: Secrets
) -> list[KeptFile]:
    """Copy the configuration, risk's public keys and, last, the kill flags."""
    from tidegate_chassis.configuration.runtime import RISK_VERIFY_KEY

    layout = Layout(source)
    wanted = {
        container.CONFIGURATION: configuration,
        container.VERIFY_KEYS: layout.secrets / RISK_VERIFY_KEY,
        container.KILL_FLAGS: layout.data / KILL_FILE,
    }
    files = []
    for name, path in wanted.items():
        if path.is_file():
            content = path.read_bytes()
            secrets.refuse(content, name)
            (folder / name).write_bytes(content)
            files.append(kept_file(folder, name))
    return files


def describe(output: Output, manifest: Manifest) -> None:
    """Show what a backup holds."""
    source = manifest.origin
    output.text(
        f"taken {manifest.taken_at} by Tidegate {source.release} ({source.commit}), "
        f"schema {source.schema}, contract {source.contract[:12]}"
    )
    rows = [
        (
            each.shard,
            each.term,
            each.n,
            each.heads.get(each.shard, 0),
            "yes" if each.drained else "",
        )
        for each in manifest.shards
    ]
    output.table(("shard", "term", "inputs", "messages", "drained"), rows)
    for scope, level in manifest.gate.items():
        output.text(f"gate: {scope} {level}")


def document(manifest: Manifest) -> dict[str, object]:
    """Return the manifest for ``--json``."""
    import msgspec

    found: dict[str, object] = msgspec.to_builtins(manifest)
    return found


@contextmanager
def failing() -> Iterator[None]:
    """Turn what servers, files and folders refuse into the command's error."""
    try:
        yield
    except BackupDamaged as error:
        raise BadData("BACKUP_DAMAGED", str(error), **_parts(error)) from None
    except TargetNotEmpty as error:
        raise Refused("NOT_EMPTY", str(error), **_parts(error)) from None
    except NotTaken as error:
        raise Failed("NOT_KEPT", str(error), **_parts(error)) from None
    except DatabaseError as error:
        raise Unreachable("NO_DATABASE", str(error), **_parts(error)) from None
    except EmbeddedError as error:
        raise Failed("NO_SERVER", str(error), **_parts(error)) from None
    except TimeoutError as error:
        hint = "try again when there is less to do, or stop the instance first (`tidegate down`)"
        raise Failed("NOT_KEPT", "a database did not answer in time", hint=hint) from error
    except (NatsError, OSError) as error:
        raise Failed("NOT_KEPT", str(error) or type(error).__name__) from error


def _parts(error: KeepingError | DatabaseError | EmbeddedError) -> dict[str, str]:
    return {"expected": error.expected, "found": error.found, "hint": error.hint}
