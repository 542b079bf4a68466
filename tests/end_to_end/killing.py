"""Raising and lowering the gate of a running instance, by every path there is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import nats
import pytest
from tests.instances import eventually, tell

from tidegate_cli.errors import CommandError, Refused
from tidegate_contracts.codec import encode
from tidegate_contracts.host import KillNotice
from tidegate_contracts.permissions import OPERATOR, inbox_prefix
from tidegate_kernel.gate import EVERYTHING, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.instances import Document, Instance

EXECUTION = "execution/demo"
STRATEGIES = ("trend", "breakout")
RAISE = {"level": "HALTED", "scope": EVERYTHING, "reason": "a test"}
SESSION = "session:demo"
"""What a machine that is too busy shuts by itself, because words do not get through in time."""


@dataclass(frozen=True)
class Confirmed:
    """How a kill went."""

    answered_ms: float
    confirmed_ms: float
    shard: Document

    def sentence(self, path: str) -> str:
        """Return the measured times for people."""
        return (
            f"kill by {path}: answered after {self.answered_ms:.1f} ms, confirmed by "
            f"{self.shard['shard']} after {self.confirmed_ms:.1f} ms with "
            f"{self.shard['open_orders']} open orders"
        )


def by_risk(instance: Instance) -> None:
    """Raise through risk's HTTP."""
    answer = instance.post("risk", "/admin/gate/raise", RAISE)
    assert (answer["accepted"], answer["level"]) == (True, "HALTED")


def by_execution(instance: Instance) -> None:
    """Raise through execution's own HTTP."""
    shards = instance.post("execution", "/admin/gate/raise", RAISE)["shards"]
    assert [shard["shard"] for shard in shards] == [EXECUTION]


def by_bus(instance: Instance) -> None:
    """Raise by a notice on core NATS, as the operator."""
    answer = asyncio.run(_notify(instance))
    assert [shard["shard"] for shard in answer["shards"]] == [EXECUTION]


async def _notify(instance: Instance) -> Document:
    user, password = instance.credentials(OPERATOR)
    token = (instance.record.secrets / "operator.token").read_text(encoding="utf-8").strip()
    notice = KillNotice(scope=EVERYTHING, level=Level.HALTED, reason="a test", token=token)
    client = await nats.connect(
        instance.record.nats_url,
        user=user,
        password=password,
        inbox_prefix=inbox_prefix(user).encode(),
    )
    try:
        message = await client.request("kill.notice", encode(notice), timeout=10)
    finally:
        await client.close()
    answer: Document = json.loads(message.data)
    return answer


def by_command(instance: Instance) -> None:
    """Say `tidegate kill`, which takes every path at once."""
    say_kill(instance, EVERYTHING, "HALTED")


def say_kill(instance: Instance, scope: str, level: str, *options: str) -> None:
    """Say `tidegate kill` with a scope and further options; it must be confirmed."""
    arguments = ["--json", "kill", "--reason", "a test", "--scope", scope, *options]
    said = subprocess.run(
        [sys.executable, "-m", "tidegate_cli", *arguments],
        env={**os.environ, "TIDEGATE_HOME": str(instance.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    document = json.loads(said.stdout.splitlines()[-1])
    tell(f"tidegate kill: {document}")
    assert (document["level"], document["scope"], document["killed"]) == (level, scope, True)
    assert [(c["shard"], c["open_orders"]) for c in document["confirmed"]] == [(EXECUTION, 0)]
    assert document["missing"] == []


def venue_account(instance: Instance) -> Document:
    """Return what the venue says that the account holds and has open."""
    return instance.post("execution", "/admin/reconcile", {"session": "demo"})


@contextmanager
def holding_still(instance: Instance) -> Iterator[str]:
    """Stop signals while a strategy holds something, so that nobody but the gate closes it.

    Gives the strategy's name.
    """
    holder = eventually(lambda: _stopped_holding(instance), "a strategy to hold something")
    try:
        yield holder
    finally:
        instance.send("signals", signal.SIGCONT)


def _stopped_holding(instance: Instance) -> str | None:
    """Stop signals; go on unless something is held once all that was on its way has arrived."""
    instance.send("signals", signal.SIGSTOP)
    before: list[Document] = []
    while (now := fills(instance)) != before:
        before = now
        time.sleep(0.5)  # ten bars
    holder = next((name for name in STRATEGIES if held_by(instance, name)), None)
    if holder is None:
        lower_the_session(instance)
        instance.send("signals", signal.SIGCONT)
    return holder


def held_by(instance: Instance, strategy: str) -> dict[str, Decimal]:
    """Return what a strategy's fills come to, by symbol."""
    held: dict[str, Decimal] = {}
    for fill in fills(instance):
        if fill["strategy"] == strategy:
            sign = 1 if fill["side"] == "BUY" else -1
            before = held.get(fill["symbol"], Decimal(0))
            held[fill["symbol"]] = before + sign * Decimal(fill["quantity"])
    return {symbol: quantity for symbol, quantity in held.items() if quantity}


def closings(instance: Instance) -> list[Document]:
    """Return every fill of the gate's own orders: they have no signal."""
    return [fill for fill in fills(instance) if not fill["signal_key"]]


def fills(instance: Instance) -> list[Document]:
    """Return every fill so far."""
    found: list[Document] = []
    after: str | None = ""
    while after is not None:
        page = instance.get("execution", "/v1/fills", after=after, limit=5_000)
        after = page["next"]
        found += page["fills"]
    return found


PATHS = {"risk": by_risk, "execution": by_execution, "bus": by_bus, "command": by_command}


def kill(instance: Instance, path: str) -> Confirmed:
    """Kill by one path; return when execution has stored it and shown that nothing is open."""
    started_s = time.monotonic()
    PATHS[path](instance)
    answered_s = time.monotonic()
    shard = eventually(lambda: confirmed_by(instance), "execution to confirm", poll_s=0.002)
    confirmed_s = time.monotonic()
    return Confirmed((answered_s - started_s) * 1e3, (confirmed_s - started_s) * 1e3, shard)


def held(instance: Instance) -> Document:
    """Return the gate as execution's shard holds it."""
    shard: Document = instance.get("execution", "/v1/gate")["shards"][0]
    return shard


def confirmed_by(instance: Instance) -> Document | None:
    """Return what execution's shard says once it has stored the kill and nothing is open."""
    shard = held(instance)
    if not (shard["stored"] and shard.get("confirmed")) or shard["open_orders"]:
        return None
    assert shard["levels"][EVERYTHING] == "HALTED"
    return shard


def raised_scopes(instance: Instance) -> list[str]:
    """Return the scopes that risk's gate holds shut."""
    scopes = instance.get("risk", "/v1/gate")["scopes"]
    return [scope["scope"] for scope in scopes if scope["level"] != "OPEN"]


def file_lowering(instance: Instance, scope: str = EVERYTHING) -> str:
    """Ask for a lowering as the operator, who has looked at the scope; return the request."""
    scopes = instance.get("risk", "/v1/gate")["scopes"]
    (seen,) = (each["gate_epoch"] for each in scopes if each["scope"] == scope)
    body = {"level": "OPEN", "scope": scope, "reason": "the test goes on", "seen_epoch": seen}
    answer = instance.post("risk", "/admin/gate/lower", body)
    request: str = answer["request_id"]
    return request


def approve(instance: Instance, request: str, principal: str) -> None:
    """Carry a request out."""
    instance.post("risk", "/admin/gate/approve", {"request_id": request}, principal)


def lower_with_two(instance: Instance) -> None:
    """Lower everything that is raised, as two principals, and wait until execution is open."""

    def lowered() -> bool:
        try:
            for scope in raised_scopes(instance):
                approve(instance, file_lowering(instance, scope), "approver")
        except CommandError:
            return False
        return held(instance)["level"] == "OPEN" and not raised_scopes(instance)

    eventually(lowered, "two principals to lower the gate", poll_s=0.1)


def lower_the_session(instance: Instance) -> None:
    """Lower, as two principals, what a busy machine has shut; who is refused may ask again."""
    if SESSION in raised_scopes(instance):
        with suppress(CommandError):
            approve(instance, file_lowering(instance, SESSION), "approver")


def refuse_one(instance: Instance) -> None:
    """Show that one principal alone lowers nothing, however often."""
    request = file_lowering(instance)
    assert EVERYTHING in raised_scopes(instance)
    with pytest.raises(Refused) as refused:
        approve(instance, request, "operator")
    assert refused.value.code == "SAME_PRINCIPAL"
    assert EVERYTHING in raised_scopes(instance)
    assert held(instance)["level"] == "HALTED"
