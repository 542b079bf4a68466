"""The portfolio's settings, made from a session of `tidegate.yaml`.

The books have few choices of their own: what they are follows from the session's account,
capital, feed and clock. Intervals differ by clock, because a lockstep session is paid per message
and a wall-clock session is watched by risk and by people.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_chassis.configuration.problem import Problem
from tidegate_kernel.money import plain
from tidegate_kernel.time import (
    NS_PER_DAY,
    NS_PER_MILLISECOND,
    NS_PER_SECOND,
    parse_duration,
)
from tidegate_portfolio.core.ledger import AMOUNT_PLACES
from tidegate_portfolio.core.state import PortfolioParameters

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session

SNAPSHOT_INTERVAL_LOCKSTEP_NS = NS_PER_DAY
SNAPSHOT_INTERVAL_WALL_NS = 60 * NS_PER_SECOND
INTERVAL_NS_MIN = NS_PER_SECOND
# Of the wall's time; a session that runs faster than the wall waits as much longer in its own.
SETTLE_NS = 250 * NS_PER_MILLISECOND


def parameters_of(session: Session) -> PortfolioParameters:
    """Return the machine's parameters for one session."""
    lockstep = session.clock == "lockstep"
    return PortfolioParameters(
        session=session.name,
        account=session.account,
        feed=session.feed_name,
        currency=session.capital.currency,
        capital=session.capital.amount,
        lockstep=lockstep,
        snapshot_interval_ns=_snapshot_interval_ns(session),
        performance_interval_ns=parse_duration(session.books.performance_interval),
        settle_ns=0 if lockstep else int(SETTLE_NS * session.speed),
        mark_age_ns_max=parse_duration(session.books.mark_age_max),
    )


def _snapshot_interval_ns(session: Session) -> int:
    if session.books.snapshot_interval is not None:
        return parse_duration(session.books.snapshot_interval)
    lockstep = session.clock == "lockstep"
    return SNAPSHOT_INTERVAL_LOCKSTEP_NS if lockstep else SNAPSHOT_INTERVAL_WALL_NS


def check(configuration: Configuration) -> list[Problem]:
    """Return what is wrong with the sessions as far as the books are concerned."""
    return [problem for session in configuration.sessions for problem in _problems(session)]


def _problems(session: Session) -> list[Problem]:
    problems = [
        Problem(
            path=f"sessions.{session.name}.books.{name}",
            expected="a second or longer",
            found=text,
            hint="the books are told in session time; a replay's passes faster than the wall's",
        )
        for name, text in session.books.model_dump(exclude_none=True).items()
        if parse_duration(text) < INTERVAL_NS_MIN
    ]
    if session.capital.amount % Decimal(1).scaleb(-AMOUNT_PLACES) != 0:
        place = f"sessions.{session.name}.capital.amount"
        expected = f"an amount with at most {AMOUNT_PLACES} decimal places"
        hint = "the ledger books no finer amounts"
        problems.append(Problem(place, expected, plain(session.capital.amount), hint))
    return problems
