"""Secrets come from the environment, `.env` or a file named by ``<NAME>_FILE``; never from YAML.

A secret in `tidegate.yaml` is a problem, because that file is shared, shown and committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tidegate_chassis.configuration.document import Place, place_text
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import ConfigurationError, Problem
from tidegate_chassis.security.errors import SecretError
from tidegate_chassis.security.redaction import is_secret_name, redacted_text
from tidegate_chassis.security.secrets import HIDDEN, Secret, read_secret_file


def read_secret(name: str, environment: Environment) -> Secret | None:
    """Return the secret ``NAME``, or the text of the file that ``NAME_FILE`` names."""
    direct, file = environment.get(name), environment.get(f"{name}_FILE")
    if direct and file:
        problem = Problem(name, f"{name} or {name}_FILE", "both", "unset one of them")
        raise ConfigurationError([problem.at("environment")])
    if file is None:
        return Secret(direct) if direct else None
    try:
        return read_secret_file(Path(file))
    except SecretError as error:
        problem = Problem(f"{name}_FILE", error.expected, error.found, error.hint)
        raise ConfigurationError([problem.at("environment")]) from None


def masked(name: str, value: str) -> str:
    """Return a value as it may be shown: secrets as ``***``, passwords inside addresses too."""
    return HIDDEN if is_secret_name(name) else redacted_text(value)


def secrets_in(tree: object, place: Place = ()) -> Iterator[tuple[Place, Problem]]:
    """Yield every secret that stands in a tree of plain values."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from secrets_in(value, (*place, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from secrets_in(value, (*place, index))
    elif isinstance(tree, str) and _is_secret(tree, place):
        yield place, _problem(place)


def _is_secret(text: str, place: Place) -> bool:
    name = next((step for step in reversed(place) if isinstance(step, str)), "")
    return is_secret_name(name) or redacted_text(text) != text


def _problem(place: Place) -> Problem:
    name = next((step for step in reversed(place) if isinstance(step, str)), "")
    variable = name.upper().replace("-", "_")
    hint = f"use an environment variable such as {variable}, .env, or {variable}_FILE"
    return Problem(place_text(place), "no secret in this file", HIDDEN, hint)
