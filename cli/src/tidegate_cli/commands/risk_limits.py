"""`tidegate risk limits show|history|set|reload|approve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_cli.client import Document, Services
from tidegate_cli.commands.risk import Asking
from tidegate_cli.documents import read_limits
from tidegate_cli.errors import Misused, another_must_approve
from tidegate_cli.output import Output
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Configuration, Session

__all__ = ["Asking", "approve", "history", "put", "reload", "show"]


def show(asking: Asking, *, every: bool) -> None:
    """Show each session's document in force."""
    sessions = asking.sessions("/v1/limits")
    for each in sessions:
        asking.output.text(
            f"{each['session']} (account {each['account']}): version {each['version']}, "
            f"{each['sha256'][:12]}"
        )
        _document(asking.output, each["document"], every=every)
        for said in each["environment"]:
            asking.output.text(f"environment: {said}")
        if each["held_back"]:
            asking.output.text("the configuration says otherwise; what is looser is held back:")
            _changes(asking.output, each["held_back"])
        for request in each["requests"]:
            asking.output.text(
                f"{request['request_id']} by {request['principal']} ({request['reason']}) waits for"
                f" another principal until {request['expires_at']}:"
            )
            _changes(asking.output, request["changes"])
    asking.result(sessions)


def _document(output: Output, document: Document, *, every: bool) -> None:
    import json

    from tidegate_risk.config import RiskLimits
    from tidegate_risk.config.document import canonical

    defaults = dict(_leaves(json.loads(canonical(RiskLimits.model_validate({})))))
    rows = [
        (name, value, defaults.get(name, "-"))
        for name, value in _leaves(document)
        if every or value != defaults.get(name)
    ]
    if rows:
        output.table(("limit", "in force", "default"), rows)
    else:
        output.text("  all limits are at their defaults; --all lists them")


def _leaves(tree: Document, prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in tree.items():
        if isinstance(value, dict):
            found += _leaves(value, f"{prefix}{name}.")
        elif value is not None:
            found.append((f"{prefix}{name}", value))
    return found


def history(asking: Asking) -> None:
    """Show every change and request, oldest first."""
    with asking.services() as services:
        rows = list(services.pages("risk", "/v1/limits/history", "changes", session=asking.session))
    for row in rows:
        who = " and ".join(filter(None, (row["principal"], row["approver"])))
        asking.output.text(
            f"{row['at'] or 'before the first bar'}  {row['session']} version {row['version']}  "
            f"{row['action']} {row['request_id']}".rstrip()
            + f" by {who}: {row['reason']}"
        )
        _changes(asking.output, row["changes"])
    if not rows:
        asking.output.text("the limits were never changed")
    asking.output.result({"changes": rows})


def put(asking: Asking, name: str, reason: str, replaces: int) -> None:
    """Propose a file's document."""
    with asking.services() as services:
        session = session_meant(_running(services), asking.session)
        document = read_limits(name, session)
        _propose(asking, services, session, document, reason, replaces)


def reload(asking: Asking, file: Path | None, reason: str) -> None:
    """Propose the limits that the configuration's file holds now."""
    from tidegate_cli.configured import load_judged

    configuration = load_judged(file, services=("risk",)).configuration
    with asking.services() as services:
        running = session_meant(_running(services), asking.session)
        session = session_meant(configuration, running.name)
        _propose(asking, services, session, dict(session.limits), reason, 0)


def _propose(  # noqa: PLR0913, PLR0917 - what a proposal consists of
    asking: Asking,
    services: Services,
    session: Session,
    document: Document,
    reason: str,
    replaces: int,
) -> None:
    if not reason.strip():
        message = "a change of limits needs its reason"
        raise Misused("REASON_MISSING", message, expected="--reason with words", found="none")
    body = {
        "session": session.name,
        "document": document,
        "reason": reason,
        "replaces_version": replaces,
    }
    answer = services.post("risk", "/admin/limits/propose", body)
    _changes(asking.output, answer["changes"])
    request = answer["request_id"]
    if request:
        until = format_time(int(answer["request_expires_at_ns"]))
        looser = ", ".join(
            f"{each['name']} {each['before']} to {each['after']}"
            for each in answer["changes"]
            if each["looser"]
        )
        approve = f"tidegate risk limits approve {request} --session {session.name}"
        raise another_must_approve(request, until, approve, f": looser is {looser}")
    asking.output.text(f"{session.name}: version {answer['version']} is in force")
    asking.output.result(answer)


def approve(asking: Asking, request: str) -> None:
    """Put in force what somebody else has asked for."""
    body: dict[str, object] = {"request_id": request}
    with asking.services() as services:
        if asking.session is not None:
            body["session"] = asking.session
        answer = services.post("risk", "/admin/limits/approve", body)
    _changes(asking.output, answer["changes"])
    asking.output.text(f"version {answer['version']} is in force")
    asking.output.result(answer)


def session_meant(configuration: Configuration, name: str | None) -> Session:
    """Return a session that may be left out when there is only one."""
    names = ", ".join(each.name for each in configuration.sessions)
    if name is None and len(configuration.sessions) == 1:
        return configuration.sessions[0]
    for session in configuration.sessions:
        if session.name == name:
            return session
    found = "no --session" if name is None else name
    raise Misused(
        "WHICH_SESSION", f"which session is meant is not said: {found}", expected=names, found=found
    )


def _running(services: Services) -> Configuration:
    from tidegate_chassis.configuration import load

    return load(services.record.configuration, process={}).configuration


def _changes(output: Output, changes: list[Document]) -> None:
    rows = [
        (
            each["scope"],
            each["name"],
            each["before"],
            each["after"],
            "looser" if each["looser"] else "",
        )
        for each in changes
    ]
    if rows:
        output.table(("scope", "limit", "before", "after", ""), rows)


def _direction(change: Document) -> str:
    return "looser" if change["looser"] else "stricter"
