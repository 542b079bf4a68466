"""A JetStream stream with its durables as bytes, and back: the server's own snapshots.

The server sends a snapshot in pieces and waits for an answer to each; it takes one back the same
way. Only the deploy user may ask for either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
import nats
from nats.errors import Error as NatsError

from tidegate_chassis.keeping.container import BackupFile, KeptFile, kept_file
from tidegate_chassis.keeping.errors import NotTaken, TargetNotEmpty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from nats.aio.client import Client
    from nats.aio.msg import Msg

FOLDER: Final = "streams"
CHUNK_BYTES: Final = 256 * 1024
_PATIENCE_S: Final = 30.0
_NOT_FOUND: Final = 404
Document = dict[str, Any]


class Described(msgspec.Struct, frozen=True):
    """A stream as the server describes it: what it must be made like, and what it holds."""

    config: Document
    state: Document


@asynccontextmanager
async def administrator(url: str, credentials: tuple[str, str]) -> AsyncIterator[Client]:
    """Give a connection of the deploy user, whose name and password are given."""
    user, password = credentials
    try:
        client = await nats.connect(
            url,
            user=user or None,
            password=password or None,
            inbox_prefix=f"_INBOX_{user or 'deploy'}".encode(),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=5,
        )
    except (NatsError, OSError, TimeoutError) as error:
        raise NotTaken(f"a NATS server at {url}", str(error) or type(error).__name__) from error
    try:
        yield client
    finally:
        await client.close()


async def keep_streams(client: Client, names: Sequence[str], folder: Path) -> list[KeptFile]:
    """Write a snapshot of each stream into a folder; one that is not there is left out."""
    (folder / FOLDER).mkdir(parents=True)
    files = []
    for name in names:
        described = await _described(client, name)
        if described is None:
            continue
        path = f"{FOLDER}/{name}"
        with (folder / path).open("wb") as file:
            described = await _snapshot(client, name, file)
        about = f"{path}.json"
        (folder / about).write_bytes(msgspec.json.encode(described))
        files.append(kept_file(folder, path, rows=int(described.state["messages"])))
        files.append(kept_file(folder, about))
    return files


async def require_absent(client: Client, names: Sequence[str]) -> None:
    """Raise `TargetNotEmpty` if one of the streams exists."""
    for name in names:
        found = await _described(client, name)
        if found is not None:
            raise TargetNotEmpty(
                f"no stream {name} on the NATS server",
                f"one with {found.state['messages']} messages",
                "restore to a server without Tidegate's streams",
            )


async def load_streams(client: Client, backup: BackupFile) -> Mapping[str, int]:
    """Make every kept stream again; return how many messages each holds."""
    loaded = {}
    for name in backup.names(f"{FOLDER}/"):
        if name.endswith(".json"):
            continue
        described = msgspec.json.decode(backup.text(f"{name}.json"), type=Described)
        with backup.content(name) as content:
            loaded[name.rpartition("/")[2]] = await _restore(client, described, content)
    return loaded


async def _described(client: Client, name: str) -> Described | None:
    answer = await _asked(client, f"$JS.API.STREAM.INFO.{name}", {})
    error = answer.get("error")
    if error is not None and error.get("code") == _NOT_FOUND:
        return None
    return _judged(answer, name)


def _judged(answer: Document, name: str) -> Described:
    if "error" in answer:
        raise NotTaken(f"stream {name}", str(answer["error"].get("description")))
    return Described(answer["config"], answer["state"])


async def _asked(client: Client, subject: str, body: Document) -> Document:
    answer = await client.request(subject, msgspec.json.encode(body), timeout=_PATIENCE_S)
    document: Document = msgspec.json.decode(answer.data)
    return document


async def _snapshot(client: Client, name: str, file: IO[bytes]) -> Described:
    inbox = client.new_inbox()
    pieces: asyncio.Queue[Msg] = asyncio.Queue()
    subscription = await client.subscribe(inbox, cb=pieces.put)
    try:
        wanted = {"deliver_subject": inbox, "chunk_size": CHUNK_BYTES, "no_consumers": False}
        described = _judged(await _asked(client, f"$JS.API.STREAM.SNAPSHOT.{name}", wanted), name)
        while True:
            piece = await asyncio.wait_for(pieces.get(), _PATIENCE_S)
            status = (piece.headers or {}).get("Status", "")
            if not piece.data:
                break
            file.write(piece.data)
            if piece.reply:
                await client.publish(piece.reply, b"")
        if status and status != "204":
            raise NotTaken(f"a whole snapshot of stream {name}", str(piece.headers))
    except TimeoutError:
        found = f"nothing more within {_PATIENCE_S:g} s"
        raise NotTaken(f"a whole snapshot of stream {name}", found) from None
    finally:
        await subscription.unsubscribe()
    return described


async def _restore(client: Client, described: Described, content: IO[bytes]) -> int:
    name = described.config["name"]
    wanted = {"config": described.config, "state": described.state}
    answer = await _asked(client, f"$JS.API.STREAM.RESTORE.{name}", wanted)
    if "error" in answer:
        raise NotTaken(f"stream {name} to be taken back", str(answer["error"]))
    subject = answer["deliver_subject"]
    while piece := content.read(CHUNK_BYTES):
        said = await client.request(subject, piece, timeout=_PATIENCE_S)
        if said.data:
            raise NotTaken(f"stream {name} to be taken back", said.data.decode())
    ended = await client.request(subject, b"", timeout=_PATIENCE_S)
    found = _judged(msgspec.json.decode(ended.data), name)
    if found.state["messages"] != described.state["messages"]:
        raise NotTaken(
            f"{described.state['messages']} messages in stream {name}",
            str(found.state["messages"]),
        )
    messages: int = found.state["messages"]
    return messages
