"""A symbol rests after losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.gate import Level
from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.table import PAUSING
from tidegate_risk.core.refusals import number

if TYPE_CHECKING:
    from tidegate_risk.core.breakers.results import Closed
    from tidegate_risk.core.parameters import Limits

NAME = "cooldown"


def find(facts: Facts, closed: Closed) -> Finding | None:
    """Pause a symbol when the last ``cooldown.losses`` trades in it, of anybody, were losses."""
    limits = facts.limits.breakers.cooldown
    losses = facts.state.results.losses_in_listing.get(closed.listing, 0)
    if losses < limits.losses:
        return None
    return Finding(
        breaker=NAME,
        member=closed.symbol,
        reason=f"expected fewer than {limits.losses} losses in a row in {closed.symbol}, found "
        f"{losses}",
        numbers=(
            number("losses", losses, "trades"),
            number("limit_losses", limits.losses, "trades"),
        ),
        until_ns=facts.now_ns + limits.pause_ns,
    )


def _enabled(limits: Limits) -> bool:
    return limits.breakers.cooldown.enabled


def _level(_limits: Limits) -> int:
    return Level.REDUCE_ONLY


BREAKER = Breaker(
    name=NAME,
    kind="instrument",
    table=PAUSING,
    watches="The last `cooldown.losses` trades in a symbol were losses, fees included.",
    comes_back="By itself after `cooldown.pause_s`; another loss begins the pause anew.",
    enabled=_enabled,
    level=_level,
)
