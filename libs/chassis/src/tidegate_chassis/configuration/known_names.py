"""Environment variables that users of other systems know: limits of risk, and the capital.

Limits are handed to the risk service by their names, beside what the file says: it knows what they
mean and lets them tighten only. `INITIAL_CAPITAL` sets the capital of a session that names none;
where the file names one, both must be equal.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from tidegate_chassis.configuration.document import Origin, Place, place_text, sessions_of
from tidegate_chassis.configuration.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_chassis.configuration.environment import Environment, Found

LIMIT_NAMES = (
    "MAX_DAILY_LOSS_PCT",
    "DAILY_LOSS_LIMIT",
    "MAX_POSITION_SIZE",
    "MIN_TRADE_AMOUNT",
    "MAX_POSITION_EXPOSURE",
    "RISK_PER_TRADE",
    "MAX_PORTFOLIO_HEAT",
    "MAX_POSITIONS",
)
CAPITAL = "INITIAL_CAPITAL"


class Known(NamedTuple):
    """What the variables came to: where values came from, and what is wrong."""

    origins: dict[Place, Origin]
    problems: tuple[Problem, ...]


def apply_known_names(tree: Mapping[str, object], environment: Environment) -> Known:
    """Put the variables that are set into every session."""
    limits = {name: found for name in LIMIT_NAMES if (found := environment.find(name))}
    capital = environment.find(CAPITAL)
    known = Known({}, ())
    for index, session in sessions_of(tree):
        place: Place = ("sessions", index)
        given = session.setdefault("limits_environment", {})
        for name, found in limits.items():
            if isinstance(given, dict):
                given[name] = found.value
                known.origins[*place, "limits_environment", name] = _origin(found)
        if capital is None:
            continue
        if "capital" not in session:
            session["capital"] = {"amount": capital.value}
            known.origins[*place, "capital"] = _origin(capital)
            known.origins[*place, "capital", "amount"] = _origin(capital)
            continue
        path = place_text((*place, "capital", "amount"), tree)
        problems = _unequal(session["capital"], capital, path)
        known = known._replace(problems=(*known.problems, *problems))
    return known


def _unequal(capital: object, found: Found, path: str) -> tuple[Problem, ...]:
    amount = capital.get("amount") if isinstance(capital, dict) else None
    named, wanted = _amount(amount), _amount(found.value)
    if named is None or named == wanted:
        return ()
    problem = Problem(
        path,
        f"{CAPITAL} to be {amount} as in the file",
        found.value if wanted is not None else "text that is not a number",
        "make both equal, or leave one of them out",
    )
    return (problem.at(found.source, found.line),)


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _origin(found: Found) -> Origin:
    return Origin(found.kind, found.source, found.line)
