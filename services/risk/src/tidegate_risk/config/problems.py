"""What is wrong with a document of limits, said so that a person can mend it: where, and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from tidegate_chassis.configuration.problem import Problem
from tidegate_chassis.configuration.wording import expected_in, found_in
from tidegate_risk.config.environment import readings
from tidegate_risk.config.limits import OVERRIDES, OverrideError, RiskLimits, SharedLimits


def problems_in(error: ValidationError, given: Mapping[str, Any], place: str) -> list[Problem]:
    """Return every problem of a document that could not be read; ``place`` is where it stands."""
    found = [_problem(place, each) for each in error.errors(include_url=False)]
    known = {each.path for each in found}
    return [*found, *(each for each in _of_overrides(given, place) if each.path not in known)]


def _of_overrides(given: Mapping[str, Any], place: str) -> list[Problem]:
    """Return what is wrong with single limits of accounts, strategies and symbols.

    They are judged together with the session's only when those are right.
    """
    found = []
    for kind in OVERRIDES:
        held = given.get(kind)
        for name, changes in held.items() if isinstance(held, Mapping) else ():
            try:
                SharedLimits.model_validate(changes)
            except ValidationError as error:
                found += [
                    _problem(f"{place}.{kind}.{name}", each)
                    for each in error.errors(include_url=False)
                    if each["type"] != "value_error" or each["loc"]
                ]
    return found


def _problem(place: str, error: Mapping[str, Any]) -> Problem:
    path = ".".join([place, *(str(part) for part in error["loc"])])
    if error["type"] == "extra_forbidden":
        unknown = str(error["loc"][-1])
        near = get_close_matches(unknown, RiskLimits.model_fields, n=1)
        expected = near[0] if near else f"one of {', '.join(RiskLimits.model_fields)}"
        return Problem(path, expected, "an unknown key", "remove it or mend its name")
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, OverrideError):
        of_field = cause.place.split(".")[: -len(cause.detail["loc"]) or None]
        return _problem(".".join([place, *of_field]), cause.detail)
    if error["type"] == "value_error":
        expected, _, rest = str(error["ctx"]["error"]).partition(", found ")
        found, _, hint = rest.partition("; ")
        return Problem(path, expected.removeprefix("expected "), found, hint)
    field = RiskLimits.model_fields.get(str(error["loc"][0]))
    hint = _readings(str(error["loc"][0]), error["input"]) or (field and field.description) or ""
    return Problem(path, expected_in(error), found_in(error), hint)


def _readings(name: str, found: object) -> str:
    """Say both readings of a share of equity that is out of its bounds."""
    if not name.endswith(("_percent", "_fraction")) or isinstance(found, bool):
        return ""
    try:
        number = Decimal(str(found))
    except InvalidOperation:
        return ""
    return f"{name} is {name.rpartition('_')[2]}: {readings(number)}" if number.is_finite() else ""
