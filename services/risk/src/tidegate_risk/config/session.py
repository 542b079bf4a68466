"""What a session's decision machine and the gate machine are told.

Durations of verdicts, signals, prices and the account pass on the wall and are stretched by the
session's speed; windows pass in the session's own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tidegate_chassis.configuration.problem import Problem
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.config.blackouts import blackouts_of
from tidegate_risk.config.breakers import breaker_limits
from tidegate_risk.config.document import canonical, sha256_of
from tidegate_risk.config.environment import KnownNameError, tightened
from tidegate_risk.config.limits import RiskLimits
from tidegate_risk.config.problems import problems_in
from tidegate_risk.core.changes.document import LimitsDocument, Resolved
from tidegate_risk.core.parameters import DecisionParameters, GateParameters, Limits, Override
from tidegate_risk.core.portfolio.stress import scenarios_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_chassis.configuration.models import Configuration, Session
    from tidegate_risk.config.environment import Source
    from tidegate_risk.config.limits import SharedLimits

REQUEST_VALID_S = 600
LAUNCH_RAMP_S = 30 * 86_400
"""How long a live session's sizes grow to the whole, unless its limits say otherwise."""

_ON_THE_WALL = frozenset({"account_lag_max_s", "price_age_max_s", "signal_age_max_s"})


def parameters_of(session: Session) -> DecisionParameters:
    """Return what the session's decision machine is told."""
    settings, _ = settings_of(session)
    document = document_of(settings, session)
    return DecisionParameters(
        session=session.name,
        account=session.account,
        feed=session.feed_name,
        currency=session.capital.currency,
        capital=session.capital.amount,
        lockstep=session.clock == "lockstep",
        verdict_ttl_ns=document.resolved.verdict_ttl_ns,
        limits=document.resolved.limits,
        overrides=document.resolved.overrides,
        limits_text=document.text,
        limits_sha256=document.sha256,
        request_valid_ns=_ns(REQUEST_VALID_S),
        strategies=tuple(each.name for each in session.strategies),
    )


def settings_of(
    session: Session, given: Mapping[str, Any] | None = None
) -> tuple[RiskLimits, tuple[Source, ...]]:
    """Return a session's limits, tightened by the environment, and what that came to.

    ``given`` takes the place of the configured ones: a document that somebody proposes.
    """
    written = session.limits if given is None else given
    return tightened(RiskLimits.model_validate(written), session.limits_environment)


def document_of(settings: RiskLimits, session: Session) -> LimitsDocument:
    """Return limits as the document that a session's machine keeps."""
    text = canonical(settings)
    resolved = _resolved(settings.of_account(session.account), session)
    return LimitsDocument(text=text, sha256=sha256_of(text), resolved=resolved)


def _resolved(settings: RiskLimits, session: Session) -> Resolved:
    lockstep = session.clock == "lockstep"
    return Resolved(
        verdict_ttl_ns=0 if lockstep else _ns(settings.verdict_ttl_s * session.speed),
        limits=_limits(settings, settings, session),
        overrides=_overrides(settings, session),
    )


def gate_parameters() -> GateParameters:
    """Return what the gate machine is told."""
    return GateParameters(request_valid_ns=_ns(REQUEST_VALID_S))


def check(configuration: Configuration) -> list[Problem]:
    """Return everything that is wrong with the sessions' limits."""
    return [problem for session in configuration.sessions for problem in problems_of(session, None)]


def problems_of(session: Session, given: Mapping[str, Any] | None) -> list[Problem]:
    """Return what is wrong with a session's limits, or with others in their place."""
    place = f"sessions.{session.name}"
    try:
        settings, _ = settings_of(session, given)
        settings.of_account(session.account)
    except KnownNameError as error:
        path = f"{place}.limits_environment.{error.name}"
        return [Problem(path, error.expected, error.found, error.hint)]
    except ValidationError as error:
        return problems_in(error, session.limits if given is None else given, f"{place}.limits")
    return []


def _limits(settings: SharedLimits, whole: RiskLimits, session: Session) -> Limits:
    """Return the settings as the core knows them: durations in ns, nothing left open."""
    values: dict[str, Any] = {
        name: _value(settings, name, session)
        for name in Limits.__struct_fields__
        if name != "breakers"
    }
    values["breakers"] = breaker_limits(whole.breakers, session.clock)
    if settings.estimates_required is None:
        values["estimates_required"] = session.mode == "live"
    if settings.asset_exposure_max_fraction is None:
        values["asset_exposure_max_fraction"] = settings.symbol_exposure_max_fraction
    return Limits(**values)


def _value(settings: SharedLimits, name: str, session: Session) -> object:
    if name == "stress_scenarios":
        return scenarios_of(settings.stress_scenarios)
    if name == "blackouts":
        return blackouts_of(settings.blackouts)
    if not name.endswith("_ns"):
        return getattr(settings, name)
    setting = name.removesuffix("_ns") + "_s"
    if setting == "launch_ramp_s" and settings.launch_ramp_s is None:
        return _ns(LAUNCH_RAMP_S) if session.mode == "live" else 0
    speed = _speed_of(session) if setting in _ON_THE_WALL else 1.0
    return _ns(getattr(settings, setting) * speed)


def _overrides(settings: RiskLimits, session: Session) -> tuple[Override, ...]:
    return tuple(
        _override(f"{kind}:{name}", settings, changes, session)
        for kind, overrides in (("strategy", settings.strategies), ("symbol", settings.symbols))
        for name, changes in sorted(overrides.items())
    )


def _override(
    scope: str, settings: RiskLimits, changes: Mapping[str, Any], session: Session
) -> Override:
    names = {f"{name[:-2]}_ns" if name.endswith("_s") else name for name in changes}
    changed = settings.with_changes(changes)
    if changed.asset_exposure_max_fraction is None and "symbol_exposure_max_fraction" in names:
        names.add("asset_exposure_max_fraction")
    known = tuple(name for name in Limits.__struct_fields__ if name in names)
    return Override(scope, known, _limits(changed, settings, session))


def _speed_of(session: Session) -> float:
    return 1.0 if session.clock == "lockstep" else session.speed


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_SECOND)
