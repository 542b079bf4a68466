"""Options over files in lockstep: the live services end with the hashes of the backtests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.instances import CALM_POLL_S, eventually, running

from tidegate_chassis.testing import server_folder
from tidegate_cli.demo.progress import Observer
from tidegate_cli.demo.results import gather
from tidegate_lab import backtest
from tidegate_lab.backtest.running import run_session
from tidegate_market_data.testing import CALLS, option_lines

from .replaying import differences, replay

if TYPE_CHECKING:
    from tests.instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(600)]

SPREAD = """
sessions:
  - name: demo
    clock: lockstep
    capital: {{amount: 100000, currency: USD}}
    feed: {{kind: replay, paths: [{bars}], interest_rate: 0.04}}
    strategies:
      - name: spread
        strategy: vertical-spread
        parameters: {{bought: {bought}, sold: {sold}, fast: 3, slow: 8, leave_days: 0}}
    limits:
      risk_per_trade_fraction: 0.05
      option_delta_max_fraction: 5
      option_gamma_max_fraction: 1
      option_theta_max_fraction: 0.1
    venue: {{carry: {{options_expire: true}}}}
"""


def _live(instance: Instance) -> dict[str, Any]:
    """Return what the services hold once the session has been played to its end."""
    with instance.services() as services:
        observer = Observer(services, lockstep=True)
        progress = eventually(
            lambda: look if (look := observer.look()).finished else None,
            "the session to be played to its end",
            patience_s=180,
            poll_s=CALM_POLL_S,
        )
        held: dict[str, Any] = msgspec.to_builtins(gather(services, progress))
        return held


def test_a_spread_ends_live_replayed_and_backtested_with_the_same_hashes() -> None:
    """Opened, closed, opened again and settled at the expiry, wherever it is played."""
    with server_folder() as folder:
        bars = folder / "bars.csv"
        bars.write_text("\n".join(option_lines()) + "\n", encoding="utf-8")
        bought, sold = CALLS
        with running(folder, SPREAD.format(bars=bars, bought=bought, sold=sold)) as instance:
            live = _live(instance)
            found = replay(folder)
            session = instance.configuration.sessions[0]
        assert differences(found) == []
        assert (live["fills"], live["verdicts"]["approved"]) == (6, 4)
        others = [found["outcome"]]
        others += [
            msgspec.to_builtins(run_session(session, each).outcome) for each in backtest.ENGINES
        ]
    for other in others:
        assert {**other, "duration_s": 0} == {**live, "duration_s": 0}
