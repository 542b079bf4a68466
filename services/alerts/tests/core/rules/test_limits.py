"""Changed limits: told to people, loudly when they are looser."""

from __future__ import annotations

from typing import Any

from tidegate_alerts.core.rules.limits import see_limits
from tidegate_alerts.testing import START
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import LimitChange, LimitsAction, LimitsChanged


def event(action: LimitsAction, *, looser: bool = False, **fields: Any) -> LimitsChanged:  # noqa: ANN401
    """Return an event about one limit."""
    change = LimitChange(
        scope="session", name="open_orders_max", before="20", after="30", looser=looser
    )
    return LimitsChanged(
        action=action,
        session="demo",
        version=2,
        at_ns=START,
        principal="operator",
        reason="drill",
        changes=(change,),
        **fields,
    )


def test_a_tighter_change_is_told_quietly() -> None:
    """Who, why, and from what to what."""
    (found,) = see_limits(event(LimitsAction.CHANGED))
    assert found.severity is Severity.INFO
    assert found.text == "By operator: drill. session open_orders_max: 20 to 30"


def test_a_request_is_told_until_it_is_approved_or_expires() -> None:
    """The same alert is over; what was approved is told as a warning."""
    (asked,) = see_limits(event(LimitsAction.PROPOSED, looser=True, request_id="limits-1"))
    assert (asked.subject, asked.severity) == ("limits-1", Severity.WARNING)
    over, changed = see_limits(
        event(LimitsAction.CHANGED, looser=True, request_id="limits-1", approver="approver")
    )
    assert (over.subject, over.over) == ("limits-1", True)
    assert (changed.severity, changed.urgent) == (Severity.WARNING, True)
    assert changed.text.startswith("By operator and approver: drill.")
    (expired,) = see_limits(event(LimitsAction.EXPIRED, request_id="limits-1"))
    assert expired.over


def test_limits_that_a_restart_held_back_are_told() -> None:
    """The person who wrote the file learns that it is not in force."""
    (found,) = see_limits(event(LimitsAction.HELD_BACK, looser=True))
    assert "held back" in found.title
    assert "version 2 is in force" in found.title


def test_a_long_list_of_changes_is_cut() -> None:
    """The first five, and how many more there are."""
    changes = event(LimitsAction.CHANGED).changes * 7
    many = LimitsChanged(action=LimitsAction.CHANGED, changes=changes)
    assert see_limits(many)[0].text.endswith("; 2 more")
