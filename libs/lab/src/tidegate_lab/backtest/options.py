"""What a person asks for, and the session that this means.

The session is the same thing that `tidegate.yaml` holds, so whatever is backtested can be run live
from the run folder's configuration. The demo makes its session here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import JsonValue, ValidationError

from tidegate_chassis.configuration import (
    Configuration,
    ConfigurationError,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_chassis.configuration.document import read_document
from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_chassis.configuration.wording import expected_in
from tidegate_kernel.errors import TimeError
from tidegate_kernel.time import format_duration, format_time, parse_duration, parse_time
from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.judgement import judge
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.adapters.table import data_files
from tidegate_risk.config import PROFILES
from tidegate_signals.core.strategies import parse_strategy
from tidegate_signals.core.strategies.definition import StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEMO_SESSION = "demo"
DEMO_STRATEGIES = ("ema-crossover", "donchian-breakout")
DEFAULT_SESSION = "backtest"
DEFAULT_CAPITAL = "100000USD"

_CAPITAL = re.compile(r"([0-9][0-9_,]*(?:\.[0-9]+)?)\s*([A-Z0-9]*[A-Z][A-Z0-9]*)?")
_FEE = re.compile(r"([0-9]*\.?[0-9]+)\s*(bps|/share|/contract)")
_FEE_FIELDS = {"bps": "fee_bps", "/share": "fee_per_unit", "/contract": "fee_per_contract"}
_ALWAYS_NAMED = ("fee_bps", "fee_per_unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a backtest as a person writes them; None means the default.

    ``name`` is the session's name: it is part of every order's key and so of the hashes.
    """

    strategies: tuple[str, ...] = ()
    data: tuple[str | Path, ...] = ()
    since: str | None = None
    until: str | None = None
    limits: str | Path | None = None
    fees: str | None = None
    latency: str | None = None
    carry: str | Path | None = None
    greeks: str | None = None
    interest_rate: str | None = None
    capital: str = DEFAULT_CAPITAL
    name: str = DEFAULT_SESSION

    def of_demo(self) -> Options:
        """Return these options with the demo's name, and its data and strategies if none given."""
        return replace(
            self,
            strategies=self.strategies or DEMO_STRATEGIES,
            data=self.data or (DEMO_PATH,),
            name=DEMO_SESSION,
        )


def session_of(options: Options) -> Session:
    """Return the session that options mean.

    `OptionError` for an option that cannot be read, `DataError` for data that are not there, and
    `ConfigurationError` for what the services refuse, all of it at once.
    """
    session = Session(
        name=options.name,
        capital=capital_of(options.capital),
        feed=feed_of(options),
        strategies=strategies_of(options.strategies),
        limits=limits_of(options.limits),
        venue={**venue_of(options.fees, options.latency), **carry_of(options.carry)},
    )
    problems = judge(Configuration(sessions=(session,)))
    if problems:
        raise ConfigurationError(problems)
    return session


def strategies_of(texts: Sequence[str]) -> tuple[StrategyConfiguration, ...]:
    """Read ``NAME[:key=value,...]``; the second of a name is called NAME-2, and so on."""
    if not texts:
        hint = "for example --strategy ema-crossover:fast=10,slow=20, or --demo"
        raise OptionError("--strategy", "at least one strategy", "none", hint)
    made: list[StrategyConfiguration] = []
    for text in texts:
        try:
            name, parameters, entry = parse_strategy(text)
        except StrategyError as error:
            raise _no_strategy(text, error) from None
        count = sum(each.strategy == name for each in made)
        made.append(
            StrategyConfiguration(
                name=f"{name}-{count + 1}" if count else name,
                strategy=name,
                parameters=parameters,
                entry=entry_of("--strategy", entry),
            )
        )
    return tuple(made)


def entry_of(option: str, given: Mapping[str, Any]) -> EntryConfiguration | None:
    """Return how entries are placed, of settings by name; none is as the strategy says."""
    if not given:
        return None
    try:
        return EntryConfiguration.model_validate(given)
    except ValidationError as error:
        faults = error.errors()
        said = "; ".join(
            " ".join([*(f"entry.{name}:" for name in each["loc"]), expected_in(each)])
            for each in faults
        )
        found = ", ".join(f"entry.{name}={value}" for name, value in given.items())
        hint = "for example entry.style=limit,entry.offset=5bps"
        raise OptionError(option, said, found, hint) from None


def _no_strategy(text: str, error: StrategyError) -> OptionError:
    wanted = [
        f"{each.name}: {each.expected}" if each.name else each.expected for each in error.faults
    ]
    hint = "NAME[:key=value,...], for example ema-crossover:fast=10,slow=20"
    return OptionError("--strategy", "; ".join(wanted), text or "nothing", hint)


def feed_of(options: Options) -> FeedConfiguration:
    """Return the replay of the data in the period asked for."""
    since, until = _moment("--from", options.since), _moment("--to", options.until)
    if since is not None and until is not None and since >= until:
        raise OptionError(
            "--to", f"a time later than --from, {format_time(since)}", str(options.until)
        )
    told: dict[str, Any] = {
        "paths": data_paths(options.data),
        "since": None if since is None else format_time(since),
        "until": None if until is None else format_time(until),
        "greeks": options.greeks,
        "interest_rate": options.interest_rate,
    }
    try:
        return FeedConfiguration.model_validate(told)
    except ValidationError as error:
        # The rest was judged above, and one of the two is told at a time.
        fault = error.errors()[0]
        of_greeks = fault["loc"] == ("greeks",)
        raise OptionError(
            "--greeks" if of_greeks else "--interest-rate",
            expected_in(fault),
            str(options.greeks if of_greeks else options.interest_rate),
            "" if of_greeks else "a rate such as 0.04, with the model of Greeks alone",
        ) from None


def data_paths(data: Sequence[str | Path]) -> tuple[str, ...]:
    """Return the paths as a configuration holds them; one that holds no bars is a `DataError`."""
    if not data:
        hint = "a CSV or Parquet file, or a folder of them; or --demo"
        raise OptionError("--data", "at least one path", "none", hint)
    return tuple(_data_path(Path(path)) for path in data)


def _data_path(path: Path) -> str:
    if path.name == DEMO_PATH:
        return DEMO_PATH
    data_files(path.expanduser())
    return str(path.expanduser().absolute())


def carry_of(path: str | Path | None) -> dict[str, JsonValue]:
    """Return the venue's `carry` from a YAML file of what it may hold; None: nothing."""
    if path is None:
        return {}
    return {"carry": _settings_in(Path(path), "--carry", "carry such as `options_expire: true`")}


def limits_of(text: str | Path | None) -> dict[str, JsonValue]:
    """Return the limits of a profile by its name, or those in a YAML file of risk's settings."""
    if text is None:
        return {}
    if str(text) in PROFILES:
        return dict(PROFILES[str(text)])
    path = Path(text)
    if not path.expanduser().is_file():
        expected = f"{', '.join(PROFILES)}, or a YAML file of limits"
        raise OptionError("--limits", expected, f"{text}, which is neither")
    return _settings_in(path, "--limits", "limits such as `open_positions_max: 5`")


def _settings_in(path: Path, option: str, what: str) -> dict[str, JsonValue]:
    """Read a YAML file; ``what`` its mapping should hold."""
    if not path.expanduser().is_file():
        raise OptionError(option, f"a YAML file of {what}", f"{path}, which is no file")
    try:
        return cast("dict[str, JsonValue]", read_document(path.expanduser()).tree)
    except ConfigurationError as error:
        problem = error.problems[0]
        found = f"{problem.where()}: {problem.found}"
        raise OptionError(option, f"a mapping of {what}", found) from None


def venue_of(fees: str | None, latency: str | None) -> dict[str, JsonValue]:
    """Return the paper venue's settings: ``10bps``, ``0.005/share``, ``0.65/contract``, or sums."""
    venue: dict[str, JsonValue] = {}
    if fees is not None:
        venue = dict.fromkeys(_ALWAYS_NAMED, "0")
        for part in fees.split("+"):
            match = _FEE.fullmatch(part.strip())
            if match is None:
                expected = "fees such as 10bps, 0.005/share, 0.65/contract or 1bps+0.005/share"
                raise OptionError("--fees", expected, fees)
            venue[_FEE_FIELDS[match[2]]] = match[1]
    if latency is not None:
        try:
            venue["latency"] = (
                latency if latency == "0" else format_duration(parse_duration(latency))
            )
        except TimeError:
            raise OptionError("--latency", "a duration such as 50ms, 1s or 0", latency) from None
    return venue


def capital_of(text: str) -> Money:
    """Read ``100000`` or ``100000USD``."""
    expected = "an amount above 0 with at most 8 decimal places and a currency, such as 100000USD"
    match = _CAPITAL.fullmatch(text.strip())
    if match is None:
        raise OptionError("--capital", expected, text)
    try:
        amount = Decimal(match[1].replace(",", "").replace("_", ""))
        return Money(amount=amount, currency=match[2] or "USD")
    except (InvalidOperation, ValidationError):
        raise OptionError("--capital", expected, text) from None


def _moment(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_time(text)[0]
    except TimeError:
        expected = "an ISO 8601 time such as 2024-01-31 or 2024-01-31T09:30:00Z"
        raise OptionError(option, expected, text) from None
