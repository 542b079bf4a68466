"""`tidegate status`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tidegate_cli.client import Services
from tidegate_cli.errors import CommandError
from tidegate_cli.instances import InstanceRecord, find
from tidegate_cli.output import Output
from tidegate_kernel.gate import Level
from tidegate_kernel.time import format_time


def run(output: Output, instance: str | None) -> None:
    """Show an instance's processes, shards, gate and accounts."""
    record = find(instance)
    with Services(record) as services:
        shards = _shards(services, record)
        gate = _answer(lambda: services.get("risk", "/v1/gate"))
        books = _answer(lambda: services.get("portfolio", "/v1/account"))
        accounts = books.get("accounts", [])
    output.text(f"instance {record.instance}: {record.state} ({record.stage}), {record.folder}\n")
    output.table(("process", "id", "port", "restarts"), _process_rows(record))
    output.text("")
    output.table(("shard", "state", "n", "time", "reason"), [_shard_row(row) for row in shards])
    level = gate.get("level", gate.get("error", "unknown"))
    shut = level in Level.__members__ and level != Level.OPEN.name
    output.text(f"\ngate: {level}{' in its strictest scope: `tidegate gate show`' if shut else ''}")
    for account in accounts:
        output.text(f"{account['session']}: equity {account['equity']} {account['currency']}")
    output.result(_document(record, shards, gate, accounts))


def _document(
    record: InstanceRecord, shards: list[Any], gate: dict[str, Any], accounts: list[Any]
) -> dict[str, object]:
    processes = {
        name: {"pid": p.pid, "port": p.port, "restarts": p.restarts}
        for name, p in record.processes.items()
    }
    return {
        "instance": record.instance,
        "state": record.state,
        "stage": record.stage,
        "started_at": record.started_at,
        "folder": str(record.folder),
        "sessions": list(record.sessions),
        "nats_url": record.nats_url,
        "http": dict(record.http),
        "processes": processes,
        "shards": shards,
        "gate": gate,
        "accounts": accounts,
    }


def _shards(services: Services, record: InstanceRecord) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for process in record.http:
        answer = _answer(partial(services.look_at, process, "/v1/shards"))
        if "error" in answer:
            found.append({"shard": process, "state": "unreachable", "reason": answer["error"]})
        found += answer.get("shards", [])
    return found


def _answer(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask a service; one that does not answer is a part of the status."""
    try:
        return ask()
    except CommandError as error:
        return {"error": error.message}


def _process_rows(record: InstanceRecord) -> list[tuple[object, ...]]:
    return [
        (name, process.pid or "-", process.port or "-", process.restarts)
        for name, process in record.processes.items()
    ]


def _shard_row(shard: dict[str, Any]) -> tuple[object, ...]:
    instant_ns = shard.get("instant_ns", 0)
    at = format_time(instant_ns) if instant_ns > 0 else "-"
    return shard["shard"], shard["state"], shard.get("n", "-"), at, shard.get("reason", "")
