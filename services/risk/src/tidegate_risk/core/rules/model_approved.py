"""The strategy is one of the session, and its version is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse a strategy or a version that nobody approved.

    Approved are ``models_approved``; without any, the version of each strategy's first signal,
    which is the one of the configuration that the session began with. A person is no model.
    """
    if question.placed is not None:
        return None
    signal, parameters = question.signal, question.parameters
    strategies, approved = parameters.strategies, question.limits.models_approved
    if strategies and signal.strategy not in strategies:
        return _refused(f"a strategy of the session: {', '.join(strategies)}", signal.strategy)
    if not approved:
        first = question.state.models.get(signal.strategy)
        approved = () if first is None else (first,)
    if signal.model_version in approved:
        return None
    version = signal.model_version or "no version"
    return _refused(f"version {' or '.join(approved) or 'that is named'}", version)


def _refused(expected: str, found: str) -> Refused:
    return Refused(
        code=Code.MODEL_NOT_APPROVED,
        expected=expected,
        found=found,
        remedy="it passes once `models_approved` in the session's limits names it",
    )
