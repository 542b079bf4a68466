"""Limits by the names of environment variables that users of other systems know.

Names ending in ``_PCT`` are percent, the others fractions of 1, money, or a count. They only
tighten: of the file's limit, and of every name that means the same one, the strictest is in force,
also for accounts, strategies and symbols. What a value came to is told by `Source`.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from tidegate_chassis.configuration.wording import expected_in
from tidegate_risk.config.limits import RiskLimits, SharedLimits
from tidegate_risk.core.strictness import stricter_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_MAX = 32
_OVERRIDES = ("accounts", "strategies", "symbols")


class Unit(Enum):
    """How the text of a variable is read."""

    PERCENT = "percent"
    FRACTION = "a fraction"
    MONEY = "money"
    COUNT = "a count"


class KnownName(NamedTuple):
    """The limit that a variable means, and how its text is read."""

    field: str
    unit: Unit


KNOWN_NAMES: Mapping[str, KnownName] = {
    "MAX_DAILY_LOSS_PCT": KnownName("daily_loss_max_percent", Unit.PERCENT),
    "DAILY_LOSS_LIMIT": KnownName("daily_loss_max_percent", Unit.FRACTION),
    "MAX_POSITION_SIZE": KnownName("position_fraction", Unit.FRACTION),
    "MIN_TRADE_AMOUNT": KnownName("trade_notional_min", Unit.MONEY),
    "MAX_POSITION_EXPOSURE": KnownName("symbol_exposure_max_fraction", Unit.FRACTION),
    "RISK_PER_TRADE": KnownName("risk_per_trade_fraction", Unit.FRACTION),
    "MAX_PORTFOLIO_HEAT": KnownName("portfolio_heat_max_fraction", Unit.FRACTION),
    "MAX_POSITIONS": KnownName("open_positions_max", Unit.COUNT),
}


class Source(NamedTuple):
    """What one variable came to: its value as the limit has it, and whether it is in force."""

    name: str
    field: str
    value: Decimal | int
    in_force: Decimal | int

    @property
    def binds(self) -> bool:
        """Whether this value is the one in force."""
        return self.value == self.in_force

    def told(self) -> str:
        """Say it in one sentence."""
        if self.binds:
            return f"{self.field} {self.value} by {self.name}"
        return f"{self.field} {self.in_force}, stricter than {self.value} by {self.name}"


class KnownNameError(ValueError):
    """A variable's value cannot be a limit; ``expected``, ``found`` and what to do."""

    def __init__(self, name: str, expected: str, found: str, hint: str = "") -> None:
        super().__init__(f"expected {name} to be {expected}, found {found}")
        self.name = name
        self.expected = expected
        self.found = found
        self.hint = hint


def tightened(
    settings: RiskLimits, environment: Mapping[str, str]
) -> tuple[RiskLimits, tuple[Source, ...]]:
    """Return the limits with every variable laid over them, and what each came to."""
    values = {
        name: (known.field, _read(name, known, environment[name]))
        for name, known in KNOWN_NAMES.items()
        if name in environment
    }
    if not values:
        return settings, ()
    tree = settings.model_dump()
    for field, value in values.values():
        tree[field] = stricter_of(field, tree[field], value)
        for kind in _OVERRIDES:
            for changes in tree[kind].values():
                if field in changes:
                    own = SharedLimits.model_validate({field: changes[field]})
                    changes[field] = stricter_of(field, getattr(own, field), value)
    sources = tuple(
        Source(name, field, value, tree[field]) for name, (field, value) in values.items()
    )
    return RiskLimits.model_validate(tree), sources


def _read(name: str, known: KnownName, text: str) -> Decimal | int:
    """Read a value as its limit has it; one outside of the limit's bounds is refused."""
    number = _number(name, text)
    value: Decimal | int = number
    if known.field.endswith("_percent") and known.unit is Unit.FRACTION:
        value = number * 100
    if known.unit is Unit.COUNT and number == number.to_integral_value():
        value = int(number)
    try:
        SharedLimits.model_validate(_alone(known.field, value))
    except ValidationError as error:
        bounds = expected_in(error.errors(include_url=False)[0])
        if known.field.endswith("_percent"):
            bounds = "above 0 and at most 0.5 of equity"
        raise KnownNameError(name, bounds, text, readings(number)) from None
    return value


def _alone(field: str, value: Decimal | int) -> dict[str, Any]:
    """Return a limit with whatever else must be as small, so that its own bounds alone object."""
    if field in {"position_fraction", "symbol_exposure_max_fraction"}:
        return {"position_fraction": Decimal("1e-9"), "order_notional_max_fraction": 1} | {
            "symbol_exposure_max_fraction": 1,
            field: value,
        }
    return {field: value}


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _SHOWN_MAX or len(text) > _SHOWN_MAX:
        # What is no number may be a secret in the wrong place.
        raise KnownNameError(name, "a number", "text that is not one", "mend it or unset it")
    return number


def readings(number: Decimal) -> str:
    """Say what a number is as percent and as a fraction: it may have been meant as the other."""
    return f"{number} read as percent is {_plain(number)} %, as a fraction {_plain(number * 100)} %"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
