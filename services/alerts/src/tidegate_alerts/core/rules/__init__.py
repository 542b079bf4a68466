"""The rules: one file each, and the table of who looks at what.

=================  ==============================  =========================================
rule               looks at                        severity
=================  ==============================  =========================================
`fill`             Fill                            info
`entry`            AccountEntry                    info; warning when a position or capital moves
`refusals`         Verdict                         warning
`order-rejected`   OrderEvent                      warning
`order-unknown`    OrderEvent                      critical until its fate is proven
`gate`             GateEvent                       critical; warning for REDUCE_ONLY, lowering
`gate-request`     GateEvent                       warning until it is carried out or expires
`gate-latch`       GateLatch                       critical until the gate has folded it in
`breaker`          BreakerEvent                    critical; warning, info when pausing
`limits`           LimitsChanged                   warning when looser, else info
`limits-request`   LimitsChanged                   warning until it is approved or expires
`drawdown`         AccountSnapshot                 warning early, critical at the limit
`daily-loss`       AccountSnapshot                 warning early, critical at the limit
`stale-feed`       FeedStatus                      warning until the feed goes on
=================  ==============================  =========================================

The machine adds `delivery`: a channel that does not take alerts (warning).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_alerts.core.rules import (
    breakers,
    daily_loss,
    drawdown,
    entries,
    fill,
    gate,
    limits,
    orders,
    refusals,
    stale_feed,
)
from tidegate_alerts.core.rules.breakers import BreakersSettings
from tidegate_alerts.core.rules.daily_loss import DailyLossSettings, DailyLossState
from tidegate_alerts.core.rules.drawdown import DrawdownSettings, DrawdownState
from tidegate_alerts.core.rules.entries import EntriesSettings
from tidegate_alerts.core.rules.fill import FillSettings
from tidegate_alerts.core.rules.gate import GateSettings, Ownership
from tidegate_alerts.core.rules.limits import LimitsSettings
from tidegate_alerts.core.rules.orders import OrdersSettings
from tidegate_alerts.core.rules.refusals import RefusalsSettings, RefusalsState
from tidegate_alerts.core.rules.stale_feed import StaleFeedSettings
from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent
from tidegate_contracts.market import FeedStatus
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import BreakerEvent, GateEvent, GateLatch, LimitsChanged, Verdict

Watcher = Callable[[Any], Sequence[Finding]]
"""A rule with its settings and state: a message in, findings out."""


class RulesSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of every rule."""

    fill: FillSettings = FillSettings()
    entries: EntriesSettings = EntriesSettings()
    refusals: RefusalsSettings = RefusalsSettings()
    orders: OrdersSettings = OrdersSettings()
    gate: GateSettings = GateSettings()
    breakers: BreakersSettings = BreakersSettings()
    limits: LimitsSettings = LimitsSettings()
    drawdown: DrawdownSettings = DrawdownSettings()
    daily_loss: DailyLossSettings = DailyLossSettings()
    stale_feed: StaleFeedSettings = StaleFeedSettings()


class RulesState(msgspec.Struct):
    """What the rules remember."""

    refusals: RefusalsState = msgspec.field(default_factory=RefusalsState)
    drawdown: DrawdownState = msgspec.field(default_factory=DrawdownState)
    daily_loss: DailyLossState = msgspec.field(default_factory=DailyLossState)


def watchers_of(
    settings: RulesSettings, state: RulesState, owner: Ownership
) -> dict[type, list[Watcher]]:
    """Return, by type of message, the enabled rules that look at it."""
    table: list[tuple[type, bool, Watcher]] = [
        (Fill, settings.fill.enabled, fill.see_fill),
        (AccountEntry, settings.entries.enabled, entries.see_entry),
        (
            Verdict,
            settings.refusals.enabled,
            partial(refusals.see_verdict, settings.refusals, state.refusals),
        ),
        (OrderEvent, settings.orders.enabled, orders.see_order),
        (GateEvent, settings.gate.enabled, partial(gate.see_gate, owner)),
        (GateLatch, settings.gate.enabled, partial(gate.see_latch, owner)),
        (BreakerEvent, settings.breakers.enabled, breakers.see_breaker),
        (LimitsChanged, settings.limits.enabled, limits.see_limits),
        (
            AccountSnapshot,
            settings.drawdown.enabled,
            partial(drawdown.see_account, settings.drawdown, state.drawdown),
        ),
        (
            AccountSnapshot,
            settings.daily_loss.enabled,
            partial(daily_loss.see_account, settings.daily_loss, state.daily_loss),
        ),
        (FeedStatus, settings.stale_feed.enabled, stale_feed.see_feed),
    ]
    watchers: dict[type, list[Watcher]] = {kind: [] for kind, _, _ in table}
    for kind, enabled, watcher in table:
        if enabled:
            watchers[kind].append(watcher)
    return watchers
