"""Has every service judge its part of a configuration."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Configuration, Problem


def judge(configuration: Configuration) -> list[Problem]:
    """Return what the services have to say about their parts."""
    problems: list[Problem] = []
    for service in SERVICE_NAMES:
        module = import_module(f"tidegate_{service.replace('-', '_')}.config")
        problems += module.check(configuration)
    return problems
