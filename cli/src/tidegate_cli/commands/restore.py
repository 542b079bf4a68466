"""`tidegate restore`: a backup into an empty home, judged whole before anything is written.

The servers are started in the home for the time of the command, or are those that the environment
names. New passwords and keys are made where there are none. Execution finds a kill flag of its
own before it sends anything: the instance comes up HALTED, and risk folds that into the gate.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import yaml

from tidegate_chassis.configuration import SERVICE_NAMES, Configuration, Layout
from tidegate_chassis.host.version import core_version
from tidegate_chassis.keeping import container, databases, streams
from tidegate_chassis.keeping.container import BackupFile, opened
from tidegate_chassis.keeping.errors import TargetNotEmpty
from tidegate_cli.commands.backup import describe, document, failing
from tidegate_cli.deployment.keys import (
    credentials_file,
    ensure_database_passwords,
    ensure_nats_passwords,
    ensure_principals,
    read_credentials,
)
from tidegate_cli.deployment.servers import migrate_databases, prepare_databases
from tidegate_cli.deployment.topology import definitions_of
from tidegate_cli.errors import Refused
from tidegate_cli.instances import home
from tidegate_cli.origin import code, newest_schema, release
from tidegate_cli.output import Output
from tidegate_cli.reached import embedded_nats, embedded_postgres
from tidegate_cli.restored import RESTORE, Restored, halt
from tidegate_cli.supervisor.servers import credentials_variable, database_variable
from tidegate_contracts.permissions import DEPLOY
from tidegate_contracts.subjects import STREAMS

LEVEL = "HALTED"


def run(output: Output, file: Path, *, check: bool) -> None:
    """Judge a backup; unless that is all, put it into the home."""
    with failing(), opened(file) as backup:
        backup.judge()
        _require_this_version(backup)
        describe(output, backup.manifest)
        if check:
            output.text("every file has the hash that the manifest says, and this code can take it")
        else:
            _restore(output, backup)
    output.result({"file": str(file), "restored": not check, **document(backup.manifest)})


def _restore(output: Output, backup: BackupFile) -> None:
    folder = home()
    layout = Layout(folder)
    _require_empty(layout)
    layout.make()
    output.progress(f"restoring into {folder} ...")
    with _cleaned(layout), _servers(layout) as (urls, nats_url):
        asyncio.run(_load(backup, urls, nats_url, _deployer(layout)))
        _write_small_files(layout, backup)
    output.text(
        f"\nrestored into {folder}. It comes up {LEVEL}: start it with `tidegate up`, then look at "
        "what differs with `tidegate admin rejoin`"
    )


def _require_this_version(backup: BackupFile) -> None:
    """Refuse what another release wrote, and tails of journals that another core has begun."""
    manifest, source = backup.manifest, backup.manifest.origin
    if (source.release, source.schema) != (release(), newest_schema()):
        raise Refused(
            "OTHER_VERSION",
            "another version wrote this backup",
            expected=f"Tidegate {release()} with schema {newest_schema()}",
            found=f"Tidegate {source.release} ({source.commit}) with schema {source.schema}",
            hint=f"restore it with Tidegate {source.release}, then upgrade",
        )
    cores = _cores_here(backup) if not all(each.drained for each in manifest.shards) else {}
    same = source.code == code()
    tails = [each for each in manifest.shards if not each.drained]
    others = [
        each
        for each in tails
        if not (each.core == cores[each.shard] if each.shard in cores else same)
    ]
    if others:
        first = others[0]
        raise Refused(
            "OTHER_VERSION",
            "other cores wrote this backup, and a journal's tail is never decided again by others",
            expected=f"core {cores.get(first.shard) or code()} of {first.shard}, or a backup of a "
            "drained instance (`tidegate down` first)",
            found=f"core {first.core} ({source.commit}), not drained: "
            f"{', '.join(each.shard for each in others)}",
            hint=f"restore it with commit {source.commit}, let it drain, then upgrade",
        )


def _cores_here(backup: BackupFile) -> dict[str, str]:
    """Return the versions that this code's cores have under the kept configuration.

    A feed's core cannot be known without its data: of it the code is compared.
    """
    text = backup.text(container.CONFIGURATION)
    if not text:
        return {}
    configuration = Configuration.model_validate(yaml.safe_load(text))
    return {
        each.shard: core_version(each.machine, each.parameters)
        for shards in definitions_of(configuration).values()
        for each in shards
    }


def _require_empty(layout: Layout) -> None:
    hint = "restore into a fresh home (TIDEGATE_HOME), or remove this one: `tidegate down --purge`"
    for path in (layout.data, layout.run):
        found = sorted(each.name for each in path.glob("*")) if path.is_dir() else []
        if found:
            raise TargetNotEmpty(f"nothing in {path}", ", ".join(found), hint)
    if (configuration := layout.root / "tidegate.yaml").exists():
        hint = "move it away: the backup brings the configuration that its journals belong to"
        raise TargetNotEmpty(f"no {configuration}", "one", hint)


@contextmanager
def _cleaned(layout: Layout) -> Iterator[None]:
    """Leave the home as empty as it was if anything fails."""
    try:
        yield
    except BaseException:
        for folder in (layout.data, layout.run):
            for path in folder.glob("*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


@contextmanager
def _servers(layout: Layout) -> Iterator[tuple[Mapping[str, str], str]]:
    """Give the addresses of databases and NATS: made here, unless the environment names others."""
    ensure_principals(layout.secrets)
    ensure_nats_passwords(layout.secrets)
    given = {each: os.environ.get(database_variable(each)) or "" for each in SERVICE_NAMES}
    with failing():
        if all(given.values()):
            asyncio.run(migrate_databases(given))
            with _nats(layout) as nats_url:
                yield given, nats_url
            return
        with _postgres(layout) as administrator_url, _nats(layout) as nats_url:
            passwords = ensure_database_passwords(layout.secrets)
            yield asyncio.run(prepare_databases(administrator_url, passwords)), nats_url


@contextmanager
def _postgres(layout: Layout) -> Iterator[str]:
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with embedded_postgres(layout.root) as server:
        yield server.url


@contextmanager
def _nats(layout: Layout) -> Iterator[str]:
    if url := os.environ.get("NATS_URL"):
        yield url
        return
    with embedded_nats(layout.root) as server:
        yield server.url


def _deployer(layout: Layout) -> tuple[str, str]:
    named = os.environ.get(credentials_variable(DEPLOY))
    return read_credentials(Path(named) if named else credentials_file(layout.secrets, DEPLOY))


async def _load(
    backup: BackupFile, urls: Mapping[str, str], nats_url: str, deployer: tuple[str, str]
) -> None:
    async with (
        databases.connected(urls) as connections,
        streams.administrator(nats_url, deployer) as client,
    ):
        await databases.require_empty(connections)
        await streams.require_absent(client, tuple(STREAMS))
        await databases.load(connections, backup)
        await streams.load_streams(client, backup)


def _write_small_files(layout: Layout, backup: BackupFile) -> None:
    """Write the flag that halts, risk's public keys, and at last the configuration."""
    from tidegate_chassis.configuration.runtime import RISK_VERIFY_KEY

    manifest = backup.manifest
    restored_at = datetime.now(UTC).isoformat(timespec="seconds")
    restored = Restored(
        taken_at=manifest.taken_at,
        restored_at=restored_at,
        backup_hash=manifest.hash,
        flag_id=f"{RESTORE}-{restored_at}",
        gate=manifest.gate,
    )
    reason = f"restored from a backup of {manifest.taken_at}; see `tidegate admin rejoin`"
    halt(layout, restored, RESTORE, reason, backup.text(container.KILL_FLAGS))
    keys = layout.secrets / RISK_VERIFY_KEY
    known = keys.read_text(encoding="utf-8")
    if (old := backup.text(container.VERIFY_KEYS)).strip() not in known:
        keys.write_text(f"{known.rstrip()}\n{old}", encoding="utf-8")
    text = backup.text(container.CONFIGURATION)
    (layout.root / "tidegate.yaml").write_text(text, encoding="utf-8")
