"""The kill switch: a thread of its own, with a NATS connection of its own.

A kill that waits behind market data in the host's event loop is late by as much as the loop is.
So `kill.notice` and risk's heartbeats come in here. On an authorised notice:

1. the flag is set in memory: from the next guard on, nothing leaves;
2. the shards are told, in the host's loop: they latch it, cancel, and publish;
3. in parallel the flag is written to its own file, fsynced: a restart stays killed;
4. the sender is answered with what each shard confirms.

A database that does not answer delays the answer, never the stop.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import structlog

from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts import codec
from tidegate_contracts.host import KillNotice
from tidegate_contracts.risk import GateLevel, Heartbeat
from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import checked_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from nats.aio.msg import Msg

    from tidegate_execution.adapters.handover import Document
    from tidegate_execution.adapters.heartbeats import Heartbeats

LOG = structlog.get_logger("kill")
NOTICE_SUBJECT = "kill.notice"
HEARTBEAT_SUBJECTS = "heartbeats.>"
ANSWER_PATIENCE_S = 10.0


class NoticeRefused(Exception):
    """A notice names nobody who may raise, or something that is no gate's scope or level."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Authority:
    """Who and what is believed."""

    # The principal whose token this is, or None.
    principal_of_token: Callable[[str], str | None]
    # Whether risk has signed (subject, payload, signature).
    signed_by_risk: Callable[[str, bytes, str], bool]


class KillSwitch:
    """Takes raises from every path that does not go through risk."""

    def __init__(
        self,
        flags: KillFlags,
        heartbeats: Heartbeats,
        authority: Authority,
        tell_shards: Callable[[KillFlag], Coroutine[object, object, list[Document]]],
    ) -> None:
        self._flags = flags
        self._heartbeats = heartbeats
        self._authority = authority
        self._tell_shards = tell_shards
        self._host_loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Learn the loop in which the shards live."""
        self._host_loop = loop

    def throw(self, notice: KillNotice, principal: str, path: str) -> Future[list[Document]]:
        """Stop now: flag, shards, file. The future holds what the shards confirm."""
        started_s = time.perf_counter()
        flag = _flag(notice, principal)
        self._flags.raise_flag(flag)
        PROCESS.observe(names.KILL_SECONDS, time.perf_counter() - started_s, (path,))
        assert self._host_loop is not None, "attached before the first kill"
        told = asyncio.run_coroutine_threadsafe(self._tell_shards(flag), self._host_loop)
        threading.Thread(target=self._flags.store, name="kill-file").start()
        LOG.warning("killed", scope=flag.scope, level=flag.level.name, by=principal, path=path)
        return told

    async def on_notice(self, message: Msg) -> None:
        """Take a notice from core NATS, and answer its sender."""
        started_s = time.perf_counter()
        try:
            notice = _read(message.data)
            principal = self._principal(notice)
            told = self.throw(notice, principal, "nats")
        except NoticeRefused as error:
            LOG.warning("kill refused", code=error.code, reason=str(error))
            await _answer(message, {"error": {"code": error.code, "message": str(error)}})
            return
        try:
            shards = await asyncio.wait_for(asyncio.wrap_future(told), ANSWER_PATIENCE_S)
        except TimeoutError:
            shards = []
        took_ms = round((time.perf_counter() - started_s) * 1_000, 3)
        await _answer(message, {"service": "execution", "ms": took_ms, "shards": shards})

    async def on_heartbeat(self, message: Msg) -> None:
        """Take a heartbeat that risk has signed; any other is ignored."""
        signature = (message.headers or {}).get("Tg-Signature", "")
        if not self._authority.signed_by_risk(message.subject, message.data, signature):
            LOG.error("heartbeat without risk's signature", subject=message.subject)
            return
        heartbeat = codec.decode("tidegate.risk.v1.Heartbeat", message.data)
        assert isinstance(heartbeat, Heartbeat)
        self._heartbeats.take(heartbeat, time.time_ns())

    def _principal(self, notice: KillNotice) -> str:
        name = self._authority.principal_of_token(notice.token)
        if name is None:
            raise NoticeRefused("NO_PRINCIPAL", "expected the token of a known principal")
        return name


def _read(payload: bytes) -> KillNotice:
    try:
        notice = codec.decode("tidegate.host.v1.KillNotice", payload)
    except ValueError as error:
        raise NoticeRefused("NOTICE_INVALID", str(error)) from error
    assert isinstance(notice, KillNotice)
    return notice


def _flag(notice: KillNotice, principal: str) -> KillFlag:
    try:
        scope = checked_scope(notice.scope)
        level = GateLevel(notice.level)
    except (IdentifierError, ValueError) as error:
        raise NoticeRefused("NOTICE_INVALID", str(error)) from error
    if level <= GateLevel.OPEN:
        raise NoticeRefused("LEVEL_INVALID", f"expected REDUCE_ONLY or worse, found {level.name}")
    return KillFlag(f"kill-{uuid.uuid4().hex}", scope, level, principal, notice.reason)


async def _answer(message: Msg, document: object) -> None:
    if message.reply:
        await message.respond(msgspec.json.encode(document))
