"""Whether what a scope of the gate names is there: a scope with a slip in it stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.configuration import ConfigurationError
from tidegate_cli.errors import CommandError
from tidegate_cli.recorded import configuration_of
from tidegate_kernel.contracts import underlying_of
from tidegate_kernel.identifiers import MANUAL

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Configuration, Session
    from tidegate_cli.instances import InstanceRecord


def warning_of(scope: str, record: InstanceRecord) -> str:
    """Return what to tell who has raised a scope that names nothing in the instance; else nothing.

    The raise stands all the same: a doubt must never keep a kill back.
    """
    try:
        known = names_beside(scope, configuration_of(record.configuration))
    except (CommandError, ConfigurationError):
        return ""
    if not known:
        return ""
    return (
        f"Look at this: nothing in this instance is in {scope}, so it stops nothing. Expected one "
        f"of {', '.join(known)}; raise the one that you mean. This one stays until it is lowered."
    )


def names_beside(scope: str, configuration: Configuration) -> list[str]:
    """Return the scopes of the kind that name something, if this one does not.

    Nothing for a scope that names something, and where the configuration does not tell: venues,
    and symbols of a session that trades whatever its feed holds.
    """
    kind, _, _ = scope.partition(":")
    known: list[str] = []
    for session in configuration.sessions:
        names = _named(kind, session)
        if not names:
            return []
        known += [f"{kind}:{name}" for name in names if f"{kind}:{name}" not in known]
    return [] if scope in known else known


def _named(kind: str, session: Session) -> list[str]:
    match kind:
        case "session":
            return [session.name]
        case "account":
            return [session.account]
        case "strategy":
            strategies = (*(each.name for each in session.strategies), MANUAL)
            return [f"{session.name}/{name}" for name in strategies]
        case "symbol":
            return _symbols(session)
        case "instrument":
            return [f"{session.name}/{symbol}" for symbol in _symbols(session)]
        case _:
            return []


def _symbols(session: Session) -> list[str]:
    """Return what is traded, and what options that are traded are on: its scope is theirs too."""
    return list(dict.fromkeys((*session.symbols, *map(underlying_of, session.symbols))))
