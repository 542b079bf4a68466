"""`tidegate admin rejoin`: a restored instance may trade again, once two people have looked.

Of an instance that is down because its databases are older than its streams, see `rejoin_stopped`.

Orders and positions at a venue may have moved on since the backup was taken. So each account is
compared with its venue's first, and what differs is told. One principal says why it is safe,
another approves; both stand in the gate's audit. What was shut before the backup stays shut, and
so does what was raised after the epoch that the one who asks has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tidegate_chassis.configuration import Layout
from tidegate_cli.client import Document, Services
from tidegate_cli.commands.gate import Asking, ask_to_lower, show_what_is_lowered
from tidegate_cli.errors import (
    CommandError,
    Misused,
    Refused,
    Unreachable,
    another_must_approve,
)
from tidegate_cli.instances import MAIN, InstanceRecord, find, home
from tidegate_cli.output import Output
from tidegate_cli.restored import Restored
from tidegate_kernel.gate import Level
from tidegate_kernel.time import format_time

SCOPE = "all"
REFUSED = "refused"
REASON = "rejoin: "


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps an instance from rejoining."""

    # Shards that do not open at all: their databases are older than what they have said.
    refused: tuple[Document, ...]
    accounts: tuple[Document, ...]

    @property
    def unreconciled(self) -> list[str]:
        """The sessions that are not as their venue says."""
        return [str(each["session"]) for each in self.accounts if not each["reconciled"]]

    def is_held(self, flag_id: str) -> bool:
        """Tell whether the flag of a restore still halts an account, or may still do so."""
        return any(
            "latches" not in each or any(latch.endswith(flag_id) for latch in each["latches"])
            for each in self.accounts
        )


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says to a rejoin: nothing to look only, a reason to ask, or an approval."""

    reason: str | None
    # The gate's epoch that the one who asks has seen.
    seen: int | None
    approve: str | None


def rejoin(asking: Asking, word: Word) -> None:
    """Show what differs; with a reason ask for the gate's lowering, or approve another's asking."""
    if word.seen is not None and (word.approve is not None or not word.reason):
        hint = "an approval takes the request as it was filed"
        raise Misused("USAGE", "--seen belongs to what is asked for, with --reason", hint=hint)
    record = _running(asking)
    if record is None:
        from tidegate_cli.commands.rejoin_stopped import rejoin_stopped

        rejoin_stopped(asking, word.reason)
        return
    layout = Layout(record.folder)
    restored = Restored.read(layout)
    standing = _standing(record, asking.principal)
    _say(asking.output, restored, standing)
    document = {
        "restored": None if restored is None else _document(restored),
        "refused": list(standing.refused),
        "accounts": list(standing.accounts),
    }
    _require_sound(standing)
    if restored is None:
        asking.output.text("nothing was restored here, and nothing keeps trading back: no rejoin")
        asking.output.result({**document, "rejoined": False})
        return
    target = Level[restored.gate.get(SCOPE, Level.OPEN.name)]
    if target >= Level.HALTED:
        said = f"shut: the gate was {target.name} before the backup; see `tidegate gate lower`"
        _end(asking.output, layout, said, document)
    elif not standing.is_held(restored.flag_id):
        _end(asking.output, layout, "the gate was lowered already", document)
    elif word.approve is not None:
        answer = _approved(asking, word.approve)
        _end(asking.output, layout, f"gate {answer['scope']} is {answer['level']}", document)
    else:
        _ask(asking, target, word)


def _approved(asking: Asking, request: str) -> Document:
    """Approve a request, if it is one of a rejoin."""
    with Services(find(asking.instance)) as services:
        pending = services.get("risk", "/v1/gate")["requests"]
    ours = [str(r["request_id"]) for r in pending if str(r["reason"]).startswith(REASON)]
    if request not in ours:
        raise Refused(
            "NO_SUCH_REQUEST",
            f"{request} is no request to rejoin that waits",
            expected=f"one of {', '.join(ours)}" if ours else "a request: --reason files one",
            found=request,
            hint="`tidegate gate show` lists every request",
        )
    return asking.post("/admin/gate/approve", {"request_id": request})


def _end(output: Output, layout: Layout, said: str, document: Document) -> None:
    Restored.forget(layout)
    output.text(f"rejoined: {said}")
    output.result({**document, "rejoined": True})


def _ask(asking: Asking, target: Level, word: Word) -> None:
    if not word.reason:
        epoch = show_what_is_lowered(asking, target.name, SCOPE)
        seen = f" --seen {epoch}" if epoch else ""
        raise Refused(
            "REJOIN_NEEDED",
            "the instance was restored and is halted until two principals rejoin it",
            expected="a reason: what was compared, and why it is safe to go on",
            found="none",
            hint=f'tidegate admin rejoin{seen} --reason "venue and books compared"',
        )
    answer = ask_to_lower(asking, target.name, SCOPE, f"{REASON}{word.reason}", word.seen)
    request = answer["request_id"]
    until = format_time(int(answer["request_expires_at_ns"]))
    raise another_must_approve(request, until, f"tidegate admin rejoin --approve {request}")


def _running(asking: Asking) -> InstanceRecord | None:
    """Return the running instance; None when the main one is down and has data."""
    try:
        return find(asking.instance)
    except Unreachable:
        if asking.instance not in {None, MAIN} or not (home() / "data" / "nats").is_dir():
            raise
        return None


def _standing(record: InstanceRecord, principal: str | None) -> Standing:
    refused: list[Document] = []
    with Services(record, principal) as services:
        for process in record.http:
            shards = services.look_at(process, "/v1/shards")["shards"]
            refused += [each for each in shards if each["state"] == REFUSED]
        accounts = tuple(_account(services, session) for session in record.sessions)
    return Standing(tuple(refused), accounts)


def _account(services: Services, session: str) -> Document:
    """Have a session's account compared now; what does not answer is not reconciled."""
    found: Document = {"session": session, "reconciled": False, "open_orders": [], "holdings": {}}
    try:
        found |= services.post("execution", "/admin/reconcile", {"session": session})
        shards: list[Any] = services.get("execution", "/v1/gate")["shards"]
    except CommandError as error:
        return {**found, "problem": error.message}
    shard: Document = next((each for each in shards if each["session"] == session), {})
    problem = shard.get("problem") or ("" if shard.get("reconciled") else "not compared yet")
    latches = list(shard.get("latches", ()))
    reconciled = bool(shard.get("reconciled"))
    return {**found, "reconciled": reconciled, "problem": problem, "latches": latches}


def _require_sound(standing: Standing) -> None:
    if standing.refused:
        first = standing.refused[0]
        raise Refused(
            "SHARDS_REFUSE",
            f"{len(standing.refused)} shards do not open: {first['shard']}: {first['reason']}",
            expected="databases as new as the streams",
            found="older ones",
            hint="end it and see what differs: `tidegate down`, `tidegate admin rejoin`",
        )
    if standing.unreconciled:
        raise Refused(
            "UNRECONCILED",
            f"not as the venue says: {', '.join(standing.unreconciled)}",
            expected="every account as its venue has it",
            found="; ".join(str(a["problem"]) for a in standing.accounts if not a["reconciled"]),
            hint="cancel what is not ours; bring holdings back at the venue or book the difference "
            "away (`tidegate account adjust`); then ask again",
        )


def _say(output: Output, restored: Restored | None, standing: Standing) -> None:
    if restored is not None:
        output.text(f"restored {restored.restored_at} from a backup of {restored.taken_at}\n")
    rows = [
        (
            each["session"],
            "yes" if each["reconciled"] else "NO",
            len(each["open_orders"]),
            ", ".join(f"{s} {q}" for s, q in each["holdings"].items()) or "none",
            each["problem"],
        )
        for each in standing.accounts
    ]
    headings = ("session", "reconciled", "open at venue", "held at venue", "what differs")
    output.table(headings, rows)
    for each in standing.refused:
        output.text(f"{each['shard']} refuses: {each['reason']}")
    output.text("")


def _document(restored: Restored) -> Document:
    return {
        "taken_at": restored.taken_at,
        "restored_at": restored.restored_at,
        "backup_hash": restored.backup_hash,
        "gate": dict(restored.gate),
    }
