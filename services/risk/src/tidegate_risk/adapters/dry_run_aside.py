"""A dry run in a process of its own: what decides is neither slowed down nor at stake.

The process reads the service's own database, in sessions that only read, at the lowest priority.
It is ended when it takes longer than `PATIENCE_S`, or when nobody waits for it any more; one runs
at a time. What it is asked comes on its standard input, its answer goes to its standard output.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate_chassis.http import ApiError

if TYPE_CHECKING:
    from tidegate_risk.adapters.dry_run import DryRun

PATIENCE_S = 120.0
INPUTS_MAX = 2_000_000
SERVICE = "risk"
_LOWEST_PRIORITY = 19
_ONE = asyncio.Lock()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be tried: a session as it is configured, a document, and when."""

    session: dict[str, Any]
    document: dict[str, Any]
    since_ns: int | None = None
    until_ns: int | None = None
    limit: int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it, or why nothing did."""

    found: dict[str, Any] | None = None
    expected: str = ""
    instead: str = ""
    hint: str = ""


async def tried(asked: Asked) -> dict[str, Any]:
    """Return what a document would have decided; a question that cannot be answered is refused."""
    if _ONE.locked():
        raise ApiError(
            409, "DRY_RUN_BUSY", "one dry run at a time", "one that runs", "ask again when it ends"
        )
    async with _ONE:
        answer = await _answer(asked)
    if answer.found is None:
        raise ApiError(422, "NOT_RECORDED", answer.expected, answer.instead, answer.hint)
    return answer.found


async def _answer(asked: Asked) -> Answered:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, complaint = await process.communicate(msgspec.json.encode(asked))
    except TimeoutError:
        raise ApiError(
            422,
            "DRY_RUN_TOO_LONG",
            f"a window that is answered within {PATIENCE_S:g} s",
            "a longer one",
            "name a shorter one, or let `tidegate risk dry-run` read an archive",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise ApiError(500, "DRY_RUN_FAILED", "an answer", last or "none", "see the log of risk")
    return msgspec.json.decode(said, type=Answered)


def answered(asked: Asked, address: str) -> Answered:
    """Answer from the database at an address."""
    from tidegate_chassis.configuration import Configuration, Session
    from tidegate_chassis.recorded.database import DatabaseRecording
    from tidegate_chassis.recorded.errors import ReplayError
    from tidegate_risk.adapters.dry_run import Window, dry_run
    from tidegate_risk.config import document_of, settings_of

    session = Session.model_validate(asked.session)
    settings, _ = settings_of(session, asked.document)
    document = document_of(settings, session)
    window = Window(asked.since_ns, asked.until_ns, INPUTS_MAX)
    configuration = Configuration(sessions=(session,))
    try:
        with DatabaseRecording(configuration, {SERVICE: address}) as recording:
            found = dry_run(recording, session, document, window)
    except ReplayError as error:
        return Answered(expected=error.expected, instead=error.found, hint=error.hint)
    return Answered(found=shortened(found, asked.limit))


def shortened(found: DryRun, limit: int) -> dict[str, Any]:
    """Return it with the first so many verdicts and breakers; its counts are of all."""
    document: dict[str, Any] = msgspec.to_builtins(found)
    for name in ("verdicts", "breakers"):
        document[name] = document[name][:limit]
    return document


def main() -> None:
    """Answer what is asked on standard input."""
    from tidegate_chassis.configuration.runtime import Runtime

    os.nice(_LOWEST_PRIORITY)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    address = Runtime.from_environment(SERVICE).database_url
    sys.stdout.buffer.write(msgspec.json.encode(answered(asked, address)))


if __name__ == "__main__":
    main()
