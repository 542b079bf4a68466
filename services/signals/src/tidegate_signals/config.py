"""The service's settings: each session's strategy instances, made from `tidegate.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.configuration.fields import bps_of
from tidegate_chassis.configuration.problem import Problem
from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, TimeInForce
from tidegate_contracts.signals import EntryStyle
from tidegate_kernel.contracts import option_of
from tidegate_kernel.identifiers import MANUAL
from tidegate_kernel.time import parse_duration
from tidegate_signals.core.entry import Entry
from tidegate_signals.core.machine import SignalsParameters, StrategyInstance
from tidegate_signals.core.strategies import definition_of
from tidegate_signals.core.strategies.definition import StrategyError

if TYPE_CHECKING:
    from tidegate_chassis.configuration.entries import EntryConfiguration
    from tidegate_chassis.configuration.models import Configuration, Session, StrategyConfiguration


def signals_parameters(session: Session) -> SignalsParameters:
    """Return what a session's machine is made of; `StrategyError` when `check` was not heeded."""
    return SignalsParameters(
        session=session.name,
        feed=session.feed_name,
        symbols=tuple(sorted(session.symbols)),
        strategies=tuple(_instance(each) for each in session.strategies),
    )


def check(configuration: Configuration) -> list[Problem]:
    """Return what is wrong with the sessions' strategies."""
    return [
        problem
        for session in configuration.sessions
        for strategy in session.strategies
        for problem in (
            *_problems(session, strategy),
            *_problems_of_hours(session, strategy),
        )
    ]


def _instance(strategy: StrategyConfiguration) -> StrategyInstance:
    parameters = definition_of(strategy.strategy).parse(strategy.parameters)
    # Defaults are written out, so that a changed default is a changed version.
    complete = msgspec.to_builtins(parameters)
    return StrategyInstance(
        name=strategy.name,
        strategy=strategy.strategy,
        parameters=complete,
        entry=None if strategy.entry is None else entry_of(strategy.entry),
    )


def entry_of(setting: EntryConfiguration) -> Entry:
    """Return the setting in the core's units."""
    dated = setting.valid_for is not None
    lives = "GTD" if dated else setting.time_in_force.upper()
    return Entry(
        style=EntryStyle[setting.style.upper()],
        offset_bps=bps_of(setting.offset),
        limit_offset_bps=bps_of(setting.limit_offset),
        time_in_force=TimeInForce[lives],
        valid_for_ns=parse_duration(setting.valid_for) if setting.valid_for is not None else 0,
        post_only=setting.post_only,
        extended_hours=setting.extended_hours,
        algorithm=_algorithm(setting),
        display_fraction=setting.display,
    )


def _algorithm(setting: EntryConfiguration) -> ExecutionAlgorithm | None:
    if setting.algorithm is None:
        return None
    return ExecutionAlgorithm(
        kind=AlgorithmKind[setting.algorithm.upper()],
        duration_ns=parse_duration(setting.over) if setting.over is not None else 0,
        slices=setting.slices,
        participation=setting.participation,
    )


def _problems(session: Session, strategy: StrategyConfiguration) -> list[Problem]:
    place = f"sessions.{session.name}.strategies.{strategy.name}"
    problems = _problems_of_parameters(place, strategy)
    if not problems:
        problems += _problems_of_legs(place, session, strategy)
    if strategy.name == MANUAL:
        problems.append(
            Problem(
                path=f"{place}.name",
                expected=f"another name than {MANUAL}: that is whose the orders by hand are",
                found=strategy.name,
            )
        )
    return problems


def _problems_of_hours(session: Session, strategy: StrategyConfiguration) -> list[Problem]:
    """Say when entries may work in hours whose bars nobody streams: risk refuses old prices."""
    asks = strategy.entry is not None and strategy.entry.extended_hours
    feed = session.feed
    if not asks or feed.kind != "alpaca" or feed.hours == "extended":
        return []
    place = f"sessions.{session.name}.feed.hours"
    hint = f"or leave extended_hours out of the entry of {strategy.name}"
    return [Problem(place, "extended, for entries with extended_hours", feed.hours, hint)]


def _problems_of_legs(
    place: str, session: Session, strategy: StrategyConfiguration
) -> list[Problem]:
    """Judge what only a strategy with legs needs: prices of all of them, and no other placing."""
    definition = definition_of(strategy.strategy)
    legs = definition.legs(definition.parse(strategy.parameters))
    if not legs:
        return []
    problems = []
    if strategy.entry is not None:
        expected = "no entry: what a structure may cost is no part of the underlying's close"
        problems.append(
            Problem(path=f"{place}.entry", expected=expected, found=strategy.entry.style)
        )
    if session.feed.source_of_greeks == "none":
        expected = "files or model: without Greeks risk refuses options"
        problems.append(
            Problem(path=f"sessions.{session.name}.feed.greeks", expected=expected, found="none")
        )
    options = [option_of(leg.symbol) for leg in legs]
    needed = {option.underlying for option in options if option} | {leg.symbol for leg in legs}
    lacking = sorted(needed - set(session.symbols)) if session.symbols else []
    if lacking:
        problems.append(
            Problem(
                path=f"sessions.{session.name}.symbols",
                expected=f"those that {strategy.name} needs: {', '.join(sorted(needed))}",
                found=f"none of {', '.join(lacking)}",
            )
        )
    return problems


def _problems_of_parameters(place: str, strategy: StrategyConfiguration) -> list[Problem]:
    try:
        definition_of(strategy.strategy).parse(strategy.parameters)
    except StrategyError as error:
        return [
            Problem(
                path=f"{place}.parameters.{fault.name}" if fault.name else f"{place}.strategy",
                expected=fault.expected,
                found=fault.found,
            )
            for fault in error.faults
        ]
    return []
