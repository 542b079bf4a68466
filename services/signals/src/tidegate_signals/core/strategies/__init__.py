"""The strategies that exist, by name, and how a person names one on a command line."""

from __future__ import annotations

from typing import Any

from tidegate_signals.core.strategies import donchian_breakout, ema_crossover
from tidegate_signals.core.strategies.definition import Definition, Fault, StrategyError

STRATEGIES: dict[str, Definition] = {
    each.name: each for each in (ema_crossover.DEFINITION, donchian_breakout.DEFINITION)
}
"""Every strategy by its name."""

_WORDS: dict[str, object] = {"true": True, "false": False, "none": None}


def definition_of(strategy: str) -> Definition:
    """Return a strategy; an unknown name is a `StrategyError` that lists the known ones."""
    definition = STRATEGIES.get(strategy)
    if definition is None:
        expected = f"one of {', '.join(STRATEGIES)}"
        raise StrategyError(strategy, [Fault("", expected, strategy or "nothing")])
    return definition


def parse_strategy(text: str) -> tuple[str, dict[str, Any]]:
    """Read ``ema-crossover:fast=10,slow=20``: the strategy's name and the given parameters.

    The parameters are checked; `StrategyError` holds every fault.
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
    definition.parse(given)
    return definition.name, given


def _scalar(text: str) -> object:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
