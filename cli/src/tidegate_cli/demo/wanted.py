"""What a person asked the demo for, and the configuration that this means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from tidegate_chassis.configuration import (
    Configuration,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_chassis.configuration.document import parse_scalar
from tidegate_cli.configured import Misconfigured, judge
from tidegate_cli.errors import BadData, Misused
from tidegate_market_data.adapters.demo_data import DEMO_PATH

SESSION = "demo"
CAPITAL = Decimal(100_000)
LOCKSTEP = "max"
DEFAULT_STRATEGIES = ("ema-crossover", "donchian-breakout")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The demo's options."""

    data: tuple[Path, ...] = ()
    strategies: tuple[str, ...] = ()
    speed: str = LOCKSTEP
    instance: str | None = None
    keep: bool = False


def configuration_of(wanted: Wanted) -> Configuration:
    """Return the configuration of a demo; what the services cannot use is refused."""
    speed = _speed(wanted.speed)
    session = Session(
        name=SESSION,
        clock="lockstep" if speed is None else "wall",
        speed=speed or 1.0,
        capital=Money(amount=CAPITAL, currency="USD"),
        feed=FeedConfiguration(paths=_paths(wanted.data)),
        strategies=_strategies(wanted.strategies or DEFAULT_STRATEGIES),
    )
    configuration = Configuration(sessions=(session,))
    problems = judge(configuration)
    if problems:
        raise Misconfigured(problems)
    return configuration


def parse_strategy(text: str) -> tuple[str, dict[str, object]]:
    """Read ``NAME[:key=value,...]``."""
    name, _, rest = text.partition(":")
    parameters: dict[str, object] = {}
    for pair in filter(None, rest.split(",")):
        key, separator, value = pair.partition("=")
        if not separator or not key or not value:
            raise Misused(
                "STRATEGY",
                f"{text!r} is no strategy",
                expected="NAME[:key=value,...]",
                found=pair,
                hint="for example ema-crossover:fast=10,slow=20",
            )
        parameters[key.strip()] = parse_scalar(value.strip())
    return name.strip(), parameters


def _strategies(texts: tuple[str, ...]) -> tuple[StrategyConfiguration, ...]:
    made: list[StrategyConfiguration] = []
    for text in texts:
        name, parameters = parse_strategy(text)
        count = sum(each.strategy == name for each in made)
        try:
            instance = StrategyConfiguration.model_validate(
                {
                    "name": f"{name}-{count + 1}" if count else name,
                    "strategy": name,
                    "parameters": parameters,
                }
            )
        except ValidationError:
            hint = "names are of a-z, 0-9, '-' and '_'"
            raise Misused("STRATEGY", f"{name!r} is no name", found=text, hint=hint) from None
        made.append(instance)
    return tuple(made)


def _speed(text: str) -> float | None:
    """Return None for lockstep, else the seconds of feed time per second."""
    if text == LOCKSTEP:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1e9:  # noqa: PLR2004 - the bound of Session.speed
        expected = "max, or seconds of feed time per second (at most 1e9)"
        raise Misused("SPEED", f"{text!r} is no speed", expected=expected, found=text)
    return speed


def _paths(data: tuple[Path, ...]) -> tuple[str, ...]:
    if not data:
        return (DEMO_PATH,)
    missing = [str(path) for path in data if not path.exists()]
    if missing:
        raise BadData(
            "NO_SUCH_FILE",
            f"there is no {', '.join(missing)}",
            expected="a CSV or Parquet file, or a folder of them",
            found="nothing",
            hint="check the path given with --data",
        )
    return tuple(str(path.absolute()) for path in data)
