"""`tidegate kill`: every path at once, then the truth about who has stopped.

Paths: risk's gate, each execution process's own HTTP, and a notice on core NATS. Whichever arrives
first stops an execution shard; the others are repetitions. A path without an answer is tried again:
who did not answer may have died with the order in memory only, and be back in a moment. "Killed" is
said only when every execution shard in the scope has stored it and the venue shows no open order.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import nats
import typer

from tidegate_cli.client import Document, Services, token_of
from tidegate_cli.deployment.keys import credentials_file, read_credentials
from tidegate_cli.errors import CommandError, Misused, Unreachable
from tidegate_cli.instances import InstanceRecord, checked_session, find
from tidegate_cli.output import Output
from tidegate_contracts.codec import encode
from tidegate_contracts.host import KillNotice
from tidegate_contracts.permissions import OPERATOR, inbox_prefix
from tidegate_contracts.subjects import subject_of
from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import Level, checked_scope

PATHS = ("risk", "execution", "bus")
PATIENCE_S = 30.0
_POLL_S = 0.02
# From then on people are told what is still waited for.
_SLOW_MS = 1_000.0
_AGAIN_S = 0.25
_CONNECT_PATIENCE_S = 1
_NOTICE_PATIENCE_S = 2.0
_BUS_PATIENCE_S = 5.0
# How long paths that answer late are waited for once everybody has confirmed.
_END_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class KillOrder:
    """What is to be stopped, and why."""

    scope: str
    reason: str
    flatten: bool

    @property
    def level(self) -> Level:
        """The level that the gate is raised to."""
        return Level.FLATTENING if self.flatten else Level.HALTED


@dataclass(frozen=True, slots=True)
class Ended:
    """Who has confirmed, who is missing and why, and what is doubtful about the scope."""

    confirmed: list[Document]
    missing: list[Document]
    warning: str


@dataclass(slots=True)
class Paths:
    """When each path answered, or why it did not."""

    started_s: float
    answered_ms: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Set once all have confirmed, or patience is over.
    ended: threading.Event = field(default_factory=threading.Event)

    def elapsed_ms(self) -> float:
        """Return the milliseconds since the kill was given."""
        return round((time.monotonic() - self.started_s) * 1_000, 1)

    def answered(self, path: str) -> None:
        """Note that a path has answered."""
        with self.lock:
            self.failed.pop(path, None)
            self.answered_ms.setdefault(path, self.elapsed_ms())

    def unanswered(self) -> dict[str, str]:
        """Return why each path that was begun has not answered."""
        with self.lock:
            return {
                path: self.failed.get(path, f"no answer within {self.elapsed_ms():g} ms")
                for path in PATHS
                if path not in self.answered_ms
            }

    def first(self) -> str:
        """Return the path to execution that answered first."""
        with self.lock:
            return min(self.answered_ms, key=lambda path: self.answered_ms[path], default="none")


def run(output: Output, instance: str | None, principal: str | None, order: KillOrder) -> None:
    """Kill, wait for the confirmations, and say who is missing."""
    try:
        checked_scope(order.scope)
    except IdentifierError as error:
        raise Misused("UNKNOWN_SCOPE", str(error), found=order.scope) from None
    record = find(instance)
    checked_session(_session_in(order.scope), record.sessions)
    token = token_of(record, principal)
    paths = Paths(time.monotonic())
    threads = [_begun(paths, name, record, order, token) for name in PATHS]
    try:
        confirmed, missing = _confirmations(output, record, order, paths)
    finally:
        paths.ended.set()
    _say(output, order, paths, Ended(confirmed, missing, _doubt(record, order.scope)))
    given_up_s = time.monotonic() + _END_PATIENCE_S
    for thread in threads:
        thread.join(max(given_up_s - time.monotonic(), 0.0))
    for path, why in paths.unanswered().items():
        output.progress(f"path {path} failed: {why}")
    if missing:
        raise typer.Exit(1)


def _begun(
    paths: Paths, name: str, record: InstanceRecord, order: KillOrder, token: str
) -> threading.Thread:
    """Begin a path; one that hangs keeps neither the answer nor the command's end waiting."""
    send = _by_bus if name == "bus" else _by_http
    told = partial(send, record, name, order, token)
    thread = threading.Thread(target=deliver, args=(paths, name, told), daemon=True)
    thread.start()
    return thread


def deliver(paths: Paths, name: str, send: Callable[[], None], again_s: float = _AGAIN_S) -> None:
    """Try a path until it answers, is refused, or the command is over."""
    while True:
        try:
            send()
        except (Unreachable, OSError, nats.errors.Error, TimeoutError) as error:
            paths.failed[name] = str(error) or type(error).__name__
            if paths.ended.wait(again_s):
                return
        except CommandError as error:
            paths.failed[name] = str(error)
            return
        else:
            paths.answered(name)
            return


def _by_http(record: InstanceRecord, service: str, order: KillOrder, token: str) -> None:
    body = {"level": order.level.name, "scope": order.scope, "reason": order.reason}
    with Services(record, token=token) as services:
        services.post(service, "/admin/gate/raise", body)


def _by_bus(record: InstanceRecord, _: str, order: KillOrder, token: str) -> None:
    asyncio.run(asyncio.wait_for(_notify(record, order, token), _BUS_PATIENCE_S))


async def _notify(record: InstanceRecord, order: KillOrder, token: str) -> None:
    user, password = read_credentials(credentials_file(record.secrets, OPERATOR))
    notice = KillNotice(
        scope=order.scope, level=int(order.level), reason=order.reason, token=token, principal=""
    )
    # By itself the client tries for two minutes: each attempt of ours is short, `deliver` repeats.
    client = await nats.connect(
        record.nats_url,
        user=user,
        password=password,
        inbox_prefix=inbox_prefix(user).encode(),
        allow_reconnect=False,
        max_reconnect_attempts=1,
        reconnect_time_wait=0,
        connect_timeout=_CONNECT_PATIENCE_S,
        error_cb=_unheard,
    )
    try:
        await client.request(subject_of(notice), encode(notice), timeout=_NOTICE_PATIENCE_S)
    finally:
        await client.close()


async def _unheard(_: Exception) -> None:
    """Leave an error to the call that raises it; by itself the client prints it."""


def _confirmations(
    output: Output, record: InstanceRecord, order: KillOrder, paths: Paths
) -> tuple[list[Document], list[Document]]:
    """Ask execution until every shard has stored the kill and has no open order."""
    expected = {f"execution/{session}" for session in _sessions(record, order.scope)}
    confirmed: dict[str, Document] = {}
    why: dict[str, str] = dict.fromkeys(expected, "did not answer")
    deadline_s = paths.started_s + PATIENCE_S
    waited_for: set[str] = set()
    with Services(record) as services:
        while set(confirmed) != expected and time.monotonic() < deadline_s:
            for shard in _asked(services, why):
                name = str(shard["shard"])
                if name not in expected or name in confirmed:
                    continue
                why[name] = not_confirmed(shard, order) or ""
                if not why[name]:
                    confirmed[name] = _confirmation(shard, paths)
                elif name not in waited_for and _slow(shard, order, paths):
                    waited_for.add(name)
                    output.progress(f"{name} sends nothing any more; waiting: {why[name]}")
            time.sleep(_POLL_S)
    missing = [{"shard": name, "reason": why[name]} for name in sorted(expected - set(confirmed))]
    return [confirmed[name] for name in sorted(confirmed)], missing


def _asked(services: Services, why: dict[str, str]) -> list[Document]:
    try:
        shards: list[Document] = services.get("execution", "/v1/gate")["shards"]
    except CommandError as error:
        why.update({name: said or error.message for name, said in why.items()})
        return []
    return shards


def not_confirmed(shard: Document, order: KillOrder) -> str | None:
    """Return why a shard's own account of its gate is no confirmation; None when it is one."""
    if not shard["running"]:
        return "does not run"
    held = Level[shard["levels"].get(order.scope, Level.OPEN.name)]
    closing = shard["closing_orders"] if order.flatten else 0
    to_close = shard["holdings_to_close"] if order.flatten else 0
    doubts = {
        f"holds {held.name} in scope {order.scope}": held < order.level,
        "has not stored it yet": not shard["stored"],
        f"{shard['open_orders']} orders are open": shard["open_orders"] > 0,
        f"{closing} closing orders are open": closing > 0,
        f"{to_close} holdings are not closed yet": to_close > 0,
        "the venue has not shown that nothing is open": not shard["confirmed"],
    }
    return next((doubt for doubt, holds in doubts.items() if holds), None)


def _slow(shard: Document, order: KillOrder, paths: Paths) -> bool:
    """Tell whether a shard has long stopped, and only its venue keeps it from confirming."""
    return paths.elapsed_ms() > _SLOW_MS and stopped(shard, order)


def stopped(shard: Document, order: KillOrder) -> bool:
    """Tell whether a shard has stored the kill: it sends nothing that increases risk any more."""
    held = Level[shard["levels"].get(order.scope, Level.OPEN.name)]
    return bool(shard["running"] and shard["stored"]) and held >= order.level


def _confirmation(shard: Document, paths: Paths) -> Document:
    return {
        "shard": shard["shard"],
        "ms": paths.elapsed_ms(),
        "open_orders": shard["open_orders"],
        "path": paths.first(),
    }


def _sessions(record: InstanceRecord, scope: str) -> tuple[str, ...]:
    session = _session_in(scope)
    return record.sessions if session is None else (session,)


def _session_in(scope: str) -> str | None:
    """Return the session that a scope names; None for one that covers several."""
    kind, _, name = scope.partition(":")
    if kind == "session":
        return name
    return name.partition("/")[0] if kind in {"strategy", "instrument"} else None


def _doubt(record: InstanceRecord, scope: str) -> str:
    # Read once the kill is out: nothing may come before it.
    from tidegate_cli.scopes import warning_of

    return warning_of(scope, record)


def _say(
    output: Output,
    order: KillOrder,
    paths: Paths,
    ended: Ended,
) -> None:
    confirmed, missing = ended.confirmed, ended.missing
    elapsed_ms = max((float(each["ms"]) for each in confirmed), default=paths.elapsed_ms())
    if missing:
        elapsed_ms = paths.elapsed_ms()
    output.text("NOT KILLED" if missing else f"KILLED in {elapsed_ms:g} ms")
    output.table(
        ("shard", "ms", "open orders", "first path"),
        [(c["shard"], c["ms"], c["open_orders"], c["path"]) for c in confirmed],
    )
    for each in missing:
        output.text(f"missing: {each['shard']} {each['reason']}")
    if ended.warning:
        output.text(ended.warning)
    output.result(
        {
            "level": order.level.name,
            "scope": order.scope,
            "killed": not missing,
            "elapsed_ms": elapsed_ms,
            "confirmed": confirmed,
            "missing": missing,
            "warning": ended.warning,
        }
    )
