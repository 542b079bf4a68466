"""The bars that a session replays, read once, and only such as its account can trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.configuration import ConfigurationError, Problem
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.config import replay_settings
from tidegate_portfolio.config import parameters_of

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_market_data.adapters.dataset import Bars


def replay_of(session: Session) -> Bars:
    """Return the bars that a session replays.

    `DataError` names what is wrong with a file. A `ConfigurationError` where nothing is priced in a
    currency that the account's equity can be told in: every signal would be refused.
    """
    bars = read_replay(replay_settings(session))
    quoted = sorted({each.quote_currency for each in bars.instruments})
    if not {*quoted} & {*parameters_of(session).valued_currencies()}:
        problem = Problem(
            f"sessions.{session.name}.capital.currency",
            f"a currency that its data are priced in: {', '.join(quoted)}",
            session.capital.currency,
            "USD, USDC and USDT count one for one; no other is converted",
        )
        raise ConfigurationError([problem])
    return bars
