"""The account has not agreed with the venue's for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding, in_a_minute
from tidegate_risk.core.breakers.table import LATCHING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import Limits

NAME = "unreconciled"


def due_ns(facts: Facts) -> int:
    """Return when it trips unless execution reports that the account agrees; 0: it agrees."""
    since_ns = facts.state.unreconciled_since_ns
    return since_ns + facts.limits.breakers.unreconciled.grace_ns if since_ns else 0


def find(facts: Facts) -> Finding | None:
    """Trip when execution has reported a difference ``unreconciled.grace_s`` ago and no end."""
    due = due_ns(facts)
    if not due or facts.now_ns < due:
        return None
    grace_s = facts.limits.breakers.unreconciled.grace_ns // NS_PER_SECOND
    passed_s = (facts.now_ns - facts.state.unreconciled_since_ns) // NS_PER_SECOND
    return Finding(
        breaker=NAME,
        member="",
        reason=f"expected an account that agrees with the venue's again within {grace_s} s, found "
        f"a difference: {facts.state.unreconciled_reason or 'nothing said'}",
        numbers=(
            number("unreconciled", passed_s, "s"),
            number("limit_unreconciled", grace_s, "s"),
        ),
    )


def _agrees(facts: Facts, _member: str) -> bool:
    return facts.state.unreconciled_since_ns == 0


def _enabled(limits: Limits) -> bool:
    return limits.breakers.unreconciled.enabled


def _level(limits: Limits) -> int:
    return limits.breakers.unreconciled.level


BREAKER = Breaker(
    name=NAME,
    kind="session",
    table=LATCHING,
    watches="Execution has reported `unreconciled.grace_s` ago that the account differs from the "
    "venue's, and not since then that it agrees.",
    comes_back="Execution reports that the account agrees; looked at every minute.",
    enabled=_enabled,
    level=_level,
    looks_again=in_a_minute,
    over=_agrees,
)
