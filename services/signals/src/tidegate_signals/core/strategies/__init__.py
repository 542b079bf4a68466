"""The strategies that exist, by name, and how a person names one on a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tidegate_signals.core.strategies import donchian_breakout, ema_crossover, vertical_spread
from tidegate_signals.core.strategies.definition import Definition, Fault, StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping

STRATEGIES: dict[str, Definition] = {
    each.name: each
    for each in (ema_crossover.DEFINITION, donchian_breakout.DEFINITION, vertical_spread.DEFINITION)
}
"""Every strategy by its name."""

ENTRY = "entry."
"""Begins the name of a setting that says how entries are placed."""
_WORDS: dict[str, object] = {"true": True, "false": False, "none": None}


def definition_of(strategy: str) -> Definition:
    """Return a strategy; an unknown name is a `StrategyError` that lists the known ones."""
    definition = STRATEGIES.get(strategy)
    if definition is None:
        expected = f"one of {', '.join(STRATEGIES)}"
        raise StrategyError(strategy, [Fault("", expected, strategy or "nothing")])
    return definition


class Named(NamedTuple):
    """A strategy as it is named on a command line."""

    strategy: str
    parameters: dict[str, Any]
    entry: dict[str, Any]
    """How its entries are placed, by the settings' names; empty: as the strategy says."""


def parse_strategy(text: str) -> Named:
    """Read ``ema-crossover:fast=10,entry.style=limit``: a strategy with what is said of it.

    The parameters are checked; `StrategyError` holds every fault. What `ENTRY` begins is not.
    """
    name, _, rest = text.partition(":")
    definition = definition_of(name.strip())
    given: dict[str, Any] = {}
    faults = []
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key:
            faults.append(Fault(part, "key=value", part))
        elif key in given:
            faults.append(Fault(key, "the parameter once", "it twice"))
        else:
            given[key] = _scalar(value)
    if faults:
        raise StrategyError(definition.name, faults)
    parameters, entry = apart(given)
    definition.parse(parameters)
    return Named(definition.name, parameters, entry)


def apart(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters among what is given, and the settings of entries without `ENTRY`."""
    parameters = {name: value for name, value in given.items() if not name.startswith(ENTRY)}
    entry = {
        name.removeprefix(ENTRY): value for name, value in given.items() if name.startswith(ENTRY)
    }
    return parameters, entry


def _scalar(text: str) -> object:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
