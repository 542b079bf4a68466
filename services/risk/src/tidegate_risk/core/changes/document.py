"""The limits of a session as one document: the text that people wrote, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_risk.core.parameters import Limits, Override

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import DecisionParameters


class Resolved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a document comes to in one session: durations in its nanoseconds, nothing left open."""

    verdict_ttl_ns: int
    limits: Limits
    overrides: tuple[Override, ...] = ()


class LimitsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document. ``text`` is canonical JSON, ``sha256`` its hash."""

    text: str
    sha256: str
    resolved: Resolved


def configured(parameters: DecisionParameters) -> LimitsDocument:
    """Return the document that the configuration holds."""
    resolved = Resolved(
        verdict_ttl_ns=parameters.verdict_ttl_ns,
        limits=parameters.limits,
        overrides=parameters.overrides,
    )
    return LimitsDocument(
        text=parameters.limits_text, sha256=parameters.limits_sha256, resolved=resolved
    )


def under(parameters: DecisionParameters, document: LimitsDocument) -> DecisionParameters:
    """Return the parameters with another document in place of the configured one."""
    return msgspec.structs.replace(
        parameters,
        verdict_ttl_ns=document.resolved.verdict_ttl_ns,
        limits=document.resolved.limits,
        overrides=document.resolved.overrides,
        limits_text=document.text,
        limits_sha256=document.sha256,
    )


def write_resolved(resolved: Resolved) -> str:
    """Write what a document comes to, as a command carries it."""
    return msgspec.json.encode(resolved).decode()


def read_resolved(text: str, in_force: Resolved) -> Resolved:
    """Read it back. A limit that its writer did not know yet is the session's as ``in_force``.

    Anything that is no such document raises `msgspec.MsgspecError`.
    """
    written = msgspec.json.decode(text, type=_Written)
    known: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(in_force.limits))
    written.limits = filled(written.limits, known)
    for override in written.overrides:
        override.limits = filled(override.limits, known)
    return msgspec.json.decode(msgspec.json.encode(written), type=Resolved)


def filled(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the limits that this version knows: as stored, else as given; groups within too."""
    return {name: _held(stored.get(name, value), value) for name, value in given.items()}


def _held(stored: Any, given: Any) -> Any:  # noqa: ANN401 - a limit, or a group of them
    both_are_groups = isinstance(stored, dict) and isinstance(given, dict)
    return filled(stored, given) if both_are_groups else stored


class _WrittenOverride(msgspec.Struct):
    """An `Override` whose limits may be those of an older version."""

    scope: str
    names: tuple[str, ...]
    limits: dict[str, Any]


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    """A `Resolved` whose limits may be those of an older version."""

    verdict_ttl_ns: int
    limits: dict[str, Any]
    overrides: tuple[_WrittenOverride, ...] = ()
