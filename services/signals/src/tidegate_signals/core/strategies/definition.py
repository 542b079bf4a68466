"""What a strategy is: a name, its parameters with their bounds, and how to make one.

::

    StrategyError    a strategy or its parameters are not known or not possible; all faults at once
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Annotated, Any, Protocol

import msgspec

from tidegate_contracts.execution import OrderLeg
from tidegate_contracts.market import Bar, Instrument
from tidegate_signals.core.wish import Wish

Length = Annotated[int, msgspec.Meta(ge=1, le=5_000)]
"""A number of bars."""

Multiple = Annotated[float, msgspec.Meta(gt=0, le=100)]
"""A multiple of the average true range."""

MOVED = {
    "order": "the setting entry.style, which places the entries of every strategy",
    "limit_offset_bps": "the setting entry.offset, as 5bps, beside entry.style limit",
}
"""What was a parameter once, and what says it now."""

_KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


class Strategy(Protocol):
    """One strategy on one symbol: a mutable struct whose fields are its whole state."""

    def update(self, bar: Bar) -> Wish | None:
        """Take the symbol's next bar; return a wish only when the target changes."""
        ...


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one parameter, or with the strategy's name when ``name`` is empty."""

    name: str
    expected: str
    found: str


class StrategyError(ValueError):
    """A strategy or its parameters are not known or not possible."""

    def __init__(self, strategy: str, faults: Sequence[Fault]) -> None:
        self.strategy = strategy
        self.faults = tuple(faults)
        super().__init__("; ".join(self._sentence(fault) for fault in faults))

    def _sentence(self, fault: Fault) -> str:
        what = f"{self.strategy}: {fault.name}" if fault.name else "strategy"
        return f"{what}: expected {fault.expected}, found {fault.found}"


def _no_legs(_parameters: msgspec.Struct) -> Sequence[OrderLeg]:
    return ()


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy as people and the configuration see it."""

    name: str
    doc: str
    # A frozen struct; each field has bounds and a default.
    parameters: type[msgspec.Struct]
    # The struct that holds one symbol's state.
    strategy: type[msgspec.Struct]
    start: Callable[[Any, Instrument], Strategy]
    # What must hold between parameters.
    conflicts: Callable[[Any], Sequence[Fault]]
    # The structure that it asks for, whose options the session must bring; none: single symbols.
    legs: Callable[[Any], Sequence[OrderLeg]] = _no_legs

    @property
    def defaults(self) -> dict[str, Any]:
        """Every parameter with its default."""
        defaults: dict[str, Any] = msgspec.to_builtins(self.parameters())
        return defaults

    def parse(self, given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the strategy's own type
        """Return the parameters; `StrategyError` holds every fault."""
        kinds = _kinds_of(self.parameters)
        faults = [
            Fault(name, MOVED.get(name, f"one of {', '.join(kinds)}"), "an unknown parameter")
            for name in given
            if name not in kinds
        ]
        for name, kind in kinds.items():
            if name in given:
                faults += _faults_of(name, given[name], kind)
        if faults:
            raise StrategyError(self.name, faults)
        parameters = msgspec.convert(dict(given), self.parameters)
        if conflicts := self.conflicts(parameters):
            raise StrategyError(self.name, conflicts)
        return parameters

    def version(self, parameters: msgspec.Struct, entry: msgspec.Struct | None = None) -> str:
        """Return what identifies a signal's origin: the name and the hash of all its settings.

        ``entry`` is how an operator wants its entries placed.
        """
        text = msgspec.json.encode(parameters, order="deterministic")
        if entry is not None:
            text += msgspec.json.encode(entry, order="deterministic")
        return f"{self.name}@{blake2b(text, digest_size=4).hexdigest()}"


@cache
def _kinds_of(parameters: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Return the type of each parameter; reading annotations is slow, and a sweep asks often."""
    return {field.name: field.type for field in msgspec.structs.fields(parameters)}


def _faults_of(name: str, value: object, kind: Any) -> list[Fault]:  # noqa: ANN401 - any type
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        expected = str(error).split(", got")[0].removeprefix("Expected ").replace("`", "")
        python, _, bounds = expected.partition(" ")
        return [Fault(name, f"{_KINDS.get(python, python)} {bounds}".rstrip(), repr(value))]
    return []
