"""The limits of a session as one document: the text that people wrote, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def read_resolved(text: str) -> Resolved:
    """Read it back; anything else raises `msgspec.MsgspecError`."""
    return msgspec.json.decode(text, type=Resolved)
