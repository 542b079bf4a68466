"""`tidegate upgrade --check`: whether another version may take over what this instance holds."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tidegate_chassis.database.migration import MIGRATIONS
from tidegate_chassis.keeping import databases
from tidegate_chassis.keeping.container import KeptShard
from tidegate_cli.client import Services
from tidegate_cli.commands.backup import failing
from tidegate_cli.errors import CommandError, Misused
from tidegate_cli.instances import InstanceRecord
from tidegate_cli.origin import baseline, newest_schema, release
from tidegate_cli.output import Output
from tidegate_cli.reached import databases_of
from tidegate_cli.recorded import located

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDERS = """
select key, document ->> 'symbol' as symbol, document ->> 'state' as state from projection
where kind = 'order' and document ->> 'state' in ('UNKNOWN', 'SUBMITTING') order by key
"""
_UNSENT = """
select count(*) from outbox o where o.k > coalesce(
    (select m.k from outbox_mark m where m.shard = o.shard and m.channel = o.channel), 0)
"""
_SCHEMA = "select coalesce(max(version), '') from schema_migrations"
_SHOWN_MAX = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    ok: bool
    found: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the databases hold that matters to another version."""

    shards: tuple[KeptShard, ...]
    unknown_orders: tuple[str, ...]
    unsent: int
    schemas: Mapping[str, str]


def run(output: Output, instance: str | None, *, check: bool) -> None:
    """Check everything; exit 1 when another version must not take over yet."""
    if not check:
        hint = "install the new version as you installed this one; see the guide"
        raise Misused("USAGE", "say `tidegate upgrade --check`: it only looks", hint=hint)
    with failing():
        record, folder = located(instance)
        with databases_of(folder, record) as urls:
            held = asyncio.run(_held(urls))
    findings = [
        drained(held.shards, running=record is not None),
        orders_known(held.unknown_orders),
        outbox_empty(held.unsent),
        migrations(held.schemas),
        *(() if record is None else (_versions(record),)),
        contract(baseline()),
    ]
    rows = [("ok" if f.ok else "WRONG", f.name, f.found, f.hint) for f in findings]
    output.table(("", "what", "found", "what to do"), rows)
    ok = all(finding.ok for finding in findings)
    checks = [{"name": f.name, "ok": f.ok, "found": f.found, "hint": f.hint} for f in findings]
    output.result({"ok": ok, "release": release(), "checks": checks})
    if not ok:
        raise typer.Exit(1)


async def _held(urls: Mapping[str, str]) -> Held:
    async with databases.connected(urls) as connections:
        execution = connections["execution"]
        orders = [
            f"{r['key']} ({r['symbol']} {r['state']})" for r in await execution.fetch(_ORDERS)
        ]
        return Held(
            shards=tuple(await databases.shards_of(connections)),
            unknown_orders=tuple(orders),
            unsent=sum([await each.fetchval(_UNSENT) for each in connections.values()]),
            schemas={name: await each.fetchval(_SCHEMA) for name, each in connections.items()},
        )


def drained(shards: Iterable[KeptShard], *, running: bool) -> Finding:
    """Another version begins at snapshots and never decides a journal's tail again."""
    tails = [f"{each.shard} +{each.n - each.snapshot_n}" for each in shards if not each.drained]
    if running:
        found = f"the instance runs; {len(tails)} shards have decided since their snapshots"
        return Finding("drained", ok=False, found=found, hint="`tidegate down`, and check again")
    if tails:
        hint = "start this version again, and end it with `tidegate down`"
        return Finding("drained", ok=False, found=f"tails: {_some(tails)}", hint=hint)
    return Finding("drained", ok=True, found="every shard left a snapshot at its journal's end")


def orders_known(unknown: Iterable[str]) -> Finding:
    """An order without a proven outcome is this version's to resolve."""
    names = list(unknown)
    if not names:
        return Finding("orders", ok=True, found="none with an unknown outcome")
    hint = "let execution resolve them first: `tidegate up`, then `tidegate orders`"
    return Finding("orders", ok=False, found=f"unknown outcome: {_some(names)}", hint=hint)


def outbox_empty(unsent: int) -> Finding:
    """What was said is in the streams."""
    if not unsent:
        return Finding("outbox", ok=True, found="the streams hold everything that was said")
    found = f"{unsent} messages that the streams may not hold"
    return Finding("outbox", ok=False, found=found, hint="wait a second, or see `tidegate logs`")


def migrations(schemas: Mapping[str, str]) -> Finding:
    """Databases may be older than the code, all of the same age, but not newer."""
    newest, found = newest_schema(), set(schemas.values())
    if len(found) > 1:
        said = ", ".join(f"{service} {schema}" for service, schema in schemas.items())
        hint = "start the version that ran last: it migrates all of them"
        return Finding("migrations", ok=False, found=f"mixed: {said}", hint=hint)
    schema = next(iter(found))
    if schema > newest:
        hint = "use the version that made them, or restore a backup of before"
        said = f"the databases have {schema}, this code knows up to {newest}"
        return Finding("migrations", ok=False, found=said, hint=hint)
    names = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))
    pending = [name for name in names if name.partition("_")[0] > schema]
    if not pending:
        return Finding("migrations", ok=True, found=f"none pending, schema {schema}")
    hint = "`tidegate backup` first; `tidegate up` then runs them"
    return Finding("migrations", ok=True, found=f"pending: {', '.join(pending)}", hint=hint)


def _versions(record: InstanceRecord) -> Finding:
    found: dict[str, str] = {"this command": release()}
    with Services(record) as services:
        for process in record.http:
            try:
                said = services.look_at(process, "/version")
                found[process] = f"{said['version']} on Python {said['python']}"
            except CommandError as error:
                found[process] = error.message
    return versions(found)


def versions(found: Mapping[str, str]) -> Finding:
    """All processes of an instance run one version."""
    names: dict[str, list[str]] = {}
    for process, said in found.items():
        names.setdefault(said.partition(" on ")[0], []).append(process)
    if len(names) == 1:
        return Finding("versions", ok=True, found=f"{next(iter(names))} everywhere")
    said = "; ".join(f"{version}: {', '.join(which)}" for version, which in sorted(names.items()))
    hint = "end the instance and start it from one version"
    return Finding("versions", ok=False, found=f"mixed: {said}", hint=hint)


def contract(path: Path) -> Finding:
    """Messages only grow: what an older version wrote down must be readable."""
    if not path.is_file():
        return Finding("contract", ok=True, found="as released: no checkout to compare")
    buf = shutil.which("buf", path=str(Path(sys.executable).parent)) or shutil.which("buf")
    if buf is None:
        hint = "`make setup` installs buf"
        return Finding("contract", ok=False, found="not compared: there is no buf", hint=hint)
    command = [buf, "breaking", "--against", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return Finding("contract", ok=True, found=f"only grown since {path.name}")
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    hint = "bring back what was removed or changed"
    return Finding("contract", ok=False, found=_some(said), hint=hint)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN_MAX} more" if len(names) > _SHOWN_MAX else ""
    return ", ".join(names[:_SHOWN_MAX]) + more
