"""The document of limits in force, and the looser ones that wait for a second principal."""

from __future__ import annotations

import msgspec

from tidegate_contracts.risk import LimitsAnswer
from tidegate_risk.core.changes.document import LimitsDocument

FIRST_VERSION = 1
ANSWERS_REMEMBERED = 100
"""Commands whose answers are kept, so that a repeated call gets the same one."""
REQUESTS_MAX = 100
"""Documents that may wait at once: they are kept whole."""


class LimitsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A document that loosens something, waiting for a second principal."""

    document: LimitsDocument
    principal: str
    reason: str
    # The version that it was compared with: a newer one voids it.
    replaces_version: int
    # Wall time.
    expires_at_ns: int


class LimitsStanding(msgspec.Struct):
    """What a session's decision machine remembers of its limits."""

    document: LimitsDocument
    # Of the configuration's document that was looked at last.
    configured_sha256: str
    version: int = FIRST_VERSION
    requests: dict[str, LimitsRequest] = {}
    requests_made: int = 0
    answers: dict[str, LimitsAnswer] = {}

    def remember_answer(self, call_id: str, answer: LimitsAnswer) -> None:
        """Keep an answer for the case that the same call comes again."""
        self.answers[call_id] = answer
        if len(self.answers) > ANSWERS_REMEMBERED:
            del self.answers[next(iter(self.answers))]


def new_standing(document: LimitsDocument) -> LimitsStanding:
    """Return the standing of a session that begins: the configuration's document is in force."""
    return LimitsStanding(document=document, configured_sha256=document.sha256)
