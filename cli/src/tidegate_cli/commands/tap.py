"""`tidegate tap`: listens on the bus and shows every message decoded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import nats

from tidegate_chassis.host.envelope import HEADER, unpack
from tidegate_cli.deployment.keys import credentials_file, read_credentials
from tidegate_cli.errors import Misused, Unreachable
from tidegate_cli.instances import InstanceRecord, find
from tidegate_cli.output import Output, json_line
from tidegate_contracts import codec
from tidegate_contracts.errors import ContractError
from tidegate_contracts.permissions import OPERATOR, inbox_prefix
from tidegate_contracts.subjects import family_of

if TYPE_CHECKING:
    from nats.aio.msg import Msg

Document = dict[str, object]


def run(output: Output, instance: str | None, subject: str, count: int | None) -> None:
    """Show messages until Ctrl-C, or until ``count`` have come."""
    record = find(instance)
    shown = asyncio.run(_listen(output, record, subject, count))
    output.result({"subject": subject, "count": shown})


async def _listen(output: Output, record: InstanceRecord, subject: str, count: int | None) -> int:
    user, password = read_credentials(credentials_file(record.secrets, OPERATOR))
    violations: list[str] = []
    queue: asyncio.Queue[Msg | None] = asyncio.Queue()

    async def on_error(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            violations.append(str(error))
            queue.put_nowait(None)

    try:
        client = await nats.connect(
            record.nats_url,
            user=user,
            password=password,
            inbox_prefix=inbox_prefix(user).encode(),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=on_error,
        )
    except (OSError, nats.errors.Error) as error:
        raise Unreachable(
            "NO_ANSWER", f"the bus does not answer at {record.nats_url}", found=str(error)
        ) from error
    try:
        await client.subscribe(subject, cb=queue.put)
        return await _show(output, queue, count)
    except LookupError:
        raise Misused(
            "NOT_A_SUBJECT",
            f"{subject!r} cannot be listened to",
            expected="a subject of docs/reference/flow.md",
            found="; ".join(violations),
            hint="for example 'fills.>' or 'gate.events'",
        ) from None
    finally:
        await client.close()


async def _show(output: Output, queue: asyncio.Queue[Msg | None], count: int | None) -> int:
    shown = 0
    while count is None or shown < count:
        message = await queue.get()
        if message is None:
            raise LookupError
        line = json_line(described(message.subject, message.data, message.headers or {}))
        (output.progress if output.json else output.text)(line)
        shown += 1
    return shown


def described(subject: str, payload: bytes, headers: dict[str, str]) -> Document:
    """Return a message as a person can read it."""
    document: Document = {"subject": subject}
    if HEADER in headers:
        envelope = unpack(headers[HEADER])
        document |= {"id": envelope.message_id, "channel": envelope.channel, "k": envelope.k}
    try:
        schema = unpack(headers[HEADER]).schema if HEADER in headers else family_of(subject).schema
        body = codec.decode(schema, payload)
    except (ContractError, ValueError) as error:
        return {**document, "undecoded": str(error), "bytes": len(payload)}
    return {**document, "schema": schema, "body": msgspec.to_builtins(body, builtin_types=())}
