"""`tidegate gate show|raise|lower|approve`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate_cli.client import Document, Services
from tidegate_cli.errors import Misused, another_must_approve
from tidegate_cli.instances import find
from tidegate_cli.output import Output
from tidegate_cli.scopes import warning_of
from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import Level, checked_scope
from tidegate_kernel.time import format_time

_DONE = {"RAISED": "raised", "LATCH_FOLDED": "raised at execution", "LOWERED": "lowered"}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks which instance."""

    output: Output
    instance: str | None
    principal: str | None

    def post(self, path: str, body: dict[str, object]) -> Document:
        """Give risk a command."""
        with Services(find(self.instance), self.principal) as services:
            return services.post("risk", path, body)


def show(output: Output, instance: str | None) -> None:
    """Show the gate."""
    with Services(find(instance)) as services:
        document = services.get("risk", "/v1/gate")
    where = "" if document["level"] == Level.OPEN.name else " in its strictest scope"
    output.text(f"gate: {document['level']}{where}, epoch {document['gate_epoch']}")
    for scope in document["scopes"]:
        output.text(f"  {_standing(scope)}")
    for request in document["requests"]:
        until = format_time(int(request["expires_at_ns"]))
        output.text(
            f"  {request['request_id']} by {request['principal']}: {request['scope']} to "
            f"{request['requested_level']} ({request['reason']}), waits for another principal "
            f"until {until}"
        )
        if retired := request["retired_sessions"]:
            output.text(f"    retires {', '.join(retired)}: no longer configured")
    output.result(document)


def raise_level(asking: Asking, level: str, scope: str, reason: str) -> None:
    """Make the gate at least this strict."""
    body: dict[str, object] = {"level": checked_level(level, Level.REDUCE_ONLY, Level.LOCKED)}
    body |= {"scope": _scope(scope), "reason": reason}
    answer = asking.post("/admin/gate/raise", body)
    asking.output.text(f"{answer['scope']}: {answer['level']}, epoch {answer['gate_epoch']}")
    warning = warning_of(scope, find(asking.instance))
    if warning:
        asking.output.text(warning)
    asking.output.result({**answer, "warning": warning})


def lower_level(asking: Asking, level: str, scope: str, reason: str, seen: int | None) -> None:
    """File a request to lower; it waits for another principal, so this ends as refused."""
    name, scope = checked_level(level, Level.OPEN, Level.FLATTENING), _scope(scope)
    answer = ask_to_lower(asking, name, scope, reason, seen)
    request = answer["request_id"]
    until = format_time(int(answer["request_expires_at_ns"]))
    raise another_must_approve(request, until, f"tidegate gate approve {request}")


def ask_to_lower(
    asking: Asking, level: str, scope: str, reason: str, seen: int | None = None
) -> Document:
    """Show the scope as it stands and ask to lower just that; ``seen``: an epoch seen before."""
    shown = show_what_is_lowered(asking, level, scope)
    body: dict[str, object] = {"level": level, "scope": scope, "reason": reason}
    return asking.post("/admin/gate/lower", body | {"seen_epoch": shown if seen is None else seen})


def show_what_is_lowered(asking: Asking, level: str, scope: str) -> int:
    """Show the scope as it stands; return its epoch, 0 when it was never raised."""
    with Services(find(asking.instance), asking.principal) as services:
        scopes = services.get("risk", "/v1/gate")["scopes"]
    row = next((each for each in scopes if each["scope"] == scope), None)
    if row is None:
        return 0
    asking.output.text(f"to be lowered to {level}: {_standing(row)}")
    return int(row["gate_epoch"])


def approve(asking: Asking, request: str) -> None:
    """Carry out somebody else's request."""
    answer = asking.post("/admin/gate/approve", {"request_id": request})
    asking.output.text(f"{answer['scope']}: {answer['level']}")
    asking.output.result(answer)


def _standing(row: Document) -> str:
    """Say how a scope stands, since which epoch, by whom and why."""
    who = " and ".join(filter(None, (row["principal"], row["approver"])))
    return (
        f"{row['scope']}: {row['level']}, epoch {row['gate_epoch']}, {_DONE[row['action']]} "
        f"{format_time(row['at_ns'])} by {who} ({row['reason']})"
    )


def checked_level(text: str, lowest: Level, highest: Level) -> str:
    """Return the level's name if it may be asked for here."""
    allowed = [level.name for level in Level if lowest <= level <= highest]
    name = text.upper().replace("-", "_")
    if name in allowed:
        return name
    raise Misused(
        "UNKNOWN_LEVEL", f"{text!r} cannot be asked for", expected=", ".join(allowed), found=text
    )


def _scope(text: str) -> str:
    try:
        return checked_scope(text)
    except IdentifierError as error:
        raise Misused("UNKNOWN_SCOPE", str(error), found=text) from None
