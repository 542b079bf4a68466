"""The section `alerts:` of `tidegate.yaml`: channels, and the settings of the rules.

Without the section, alerts of warning and above go to the log, and every rule is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from tidegate_alerts.core.parameters import (
    AlertsParameters,
    ChannelParameters,
    DeliverySettings,
)
from tidegate_alerts.core.rules import RulesSettings
from tidegate_alerts.core.rules.breakers import BreakersSettings
from tidegate_alerts.core.rules.daily_loss import DailyLossSettings
from tidegate_alerts.core.rules.drawdown import DrawdownSettings
from tidegate_alerts.core.rules.entries import EntriesSettings
from tidegate_alerts.core.rules.fill import FillSettings
from tidegate_alerts.core.rules.gate import GateSettings
from tidegate_alerts.core.rules.ladder import Ladder
from tidegate_alerts.core.rules.limits import LimitsSettings
from tidegate_alerts.core.rules.orders import OrdersSettings
from tidegate_alerts.core.rules.refusals import RefusalsSettings
from tidegate_alerts.core.rules.stale_feed import StaleFeedSettings
from tidegate_chassis.configuration.fields import Name, Settings
from tidegate_chassis.configuration.problem import Problem
from tidegate_chassis.configuration.wording import expected_in, found_in
from tidegate_contracts.alerts import Severity
from tidegate_kernel.time import NS_PER_SECOND, parse_duration

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration, Session

DAILY_LOSS_LIMIT = "daily_loss_max_percent"
"""Risk's own limit, among a session's limits."""
DAILY_LOSS_DEFAULT_PERCENT = Decimal(2)


def _duration(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[str, AfterValidator(_duration)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]


class Channel(Settings):
    """One way to reach people."""

    name: Name = Field(description="Unique name of the channel.")
    kind: Literal["log", "webhook", "apprise"] = Field(
        description="`log`: the service's log. `webhook`: JSON by POST. `apprise`: any of its URLs."
    )
    severity: Literal["info", "warning", "critical"] = Field(
        default="info", description="The least severe alert that goes through it."
    )
    url_env: str | None = Field(
        default=None,
        pattern="^[A-Z][A-Z0-9_]*$",
        description="Name of the environment variable (or NAME_FILE) that holds the URL.",
    )
    timeout_s: float = Field(
        default=15.0, gt=0, le=120, description="How long one delivery may take, in seconds."
    )

    @model_validator(mode="after")
    def _urls_belong_to_channels_that_leave(self) -> Self:
        if (self.kind == "log") != (self.url_env is None):
            expected = "no url_env" if self.kind == "log" else "url_env"
            message = f"expected {expected} for kind {self.kind}, found {self.url_env or 'none'}"
            raise ValueError(message)
        return self


class Switch(Settings):
    """A rule without settings of its own."""

    enabled: bool = Field(default=True, description="Whether the rule looks at anything.")


class Refusals(Switch):
    """Refused signals, by reason."""

    count_min: int = Field(
        default=1, ge=1, le=1_000_000, description="Refusals of one reason before it is told."
    )
    window: Duration = Field(default="1d", description="Event time within which they count.")


class Drawdown(Switch):
    """Equity below its highest."""

    limit_percent: Percent = Field(default=Decimal(10), description="Alert from here, percent.")
    early_percent: Percent = Field(
        default=Decimal(80), description="Early warning, in percent of the limit."
    )


class DailyLoss(Switch):
    """Equity below the day's first."""

    limit_percent: Percent | None = Field(
        default=None, description="Percent. Default: the session's `daily_loss_max_percent`, or 2."
    )
    early_percent: Percent = Field(
        default=Decimal(80), description="Early warning, in percent of the limit."
    )


class Rules(Settings):
    """The rules."""

    fill: Switch = Field(default_factory=Switch, description="Every fill (info).")
    entries: Switch = Field(
        default_factory=Switch, description="Account entries (info; warning when capital moves)."
    )
    refusals: Refusals = Field(default_factory=Refusals, description="Refused signals (warning).")
    orders: Switch = Field(
        default_factory=Switch, description="Rejected (warning) and unknown orders (critical)."
    )
    gate: Switch = Field(default_factory=Switch, description="The gate and latches (critical).")
    breakers: Switch = Field(default_factory=Switch, description="Breakers (critical, or warning).")
    limits: Switch = Field(
        default_factory=Switch, description="Changes of limits (warning when looser)."
    )
    drawdown: Drawdown = Field(default_factory=Drawdown, description="Drawdown (critical).")
    daily_loss: DailyLoss = Field(default_factory=DailyLoss, description="Daily loss (critical).")
    stale_feed: Switch = Field(default_factory=Switch, description="Stale feeds (warning).")


def _log_only() -> tuple[Channel, ...]:
    return (Channel(name="log", kind="log", severity="warning"),)


class AlertsSettings(Settings):
    """The whole section."""

    channels: tuple[Channel, ...] = Field(
        default_factory=_log_only, description="Ways to reach people. Default: the log."
    )
    rules: Rules = Field(default_factory=Rules, description="What is told.")
    quiet: Duration = Field(
        default="1h", description="Event time within which a repetition is only counted."
    )
    attempts_max: int = Field(
        default=8, ge=1, le=100, description="Attempts to deliver an alert through a channel."
    )
    retry: Duration = Field(
        default="5s", description="Wait before the second attempt; doubles, up to 10 minutes."
    )
    deliver_resolved: bool = Field(
        default=True, description="Whether people are told that an alert is over."
    )
    deliver_in_replay: bool = Field(
        default=False, description="Whether lockstep sessions deliver beyond the log."
    )

    @model_validator(mode="after")
    def _channels_have_names_of_their_own(self) -> Self:
        names = [channel.name for channel in self.channels]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            message = f"expected each channel's name once, found {', '.join(repeated)} again"
            raise ValueError(message)
        return self


def settings_of(section: Mapping[str, Any]) -> AlertsSettings:
    """Return the section as settings; pydantic's `ValidationError` when it is wrong."""
    return AlertsSettings.model_validate(section)


def check(configuration: Configuration) -> list[Problem]:
    """Return everything that is wrong with the section."""
    try:
        settings_of(configuration.alerts)
    except ValidationError as error:
        return [_problem(each) for each in error.errors(include_url=False)]
    return []


def parameters_of(settings: AlertsSettings, session: Session) -> AlertsParameters:
    """Return the machine's parameters for one session."""
    lockstep = session.clock == "lockstep"
    speed = 1.0 if lockstep else session.speed
    return AlertsParameters(
        session=session.name,
        account=session.account,
        lockstep=lockstep,
        channels=tuple(
            ChannelParameters(
                name=channel.name,
                kind=channel.kind,
                severity_min=Severity[channel.severity.upper()],
            )
            for channel in settings.channels
        ),
        rules=_rules(settings.rules, session),
        delivery=DeliverySettings(
            attempts_max=settings.attempts_max,
            retry_ns=round(parse_duration(settings.retry) * speed),
            retry_ns_max=round(600 * NS_PER_SECOND * speed),
            resolved=settings.deliver_resolved,
            in_replay=settings.deliver_in_replay,
        ),
        quiet_ns=parse_duration(settings.quiet),
    )


def _rules(rules: Rules, session: Session) -> RulesSettings:
    limit = rules.daily_loss.limit_percent or _daily_loss_limit(session)
    return RulesSettings(
        fill=FillSettings(enabled=rules.fill.enabled),
        entries=EntriesSettings(enabled=rules.entries.enabled),
        refusals=RefusalsSettings(
            enabled=rules.refusals.enabled,
            count_min=rules.refusals.count_min,
            window_ns=parse_duration(rules.refusals.window),
        ),
        orders=OrdersSettings(enabled=rules.orders.enabled),
        gate=GateSettings(enabled=rules.gate.enabled),
        breakers=BreakersSettings(enabled=rules.breakers.enabled),
        limits=LimitsSettings(enabled=rules.limits.enabled),
        drawdown=DrawdownSettings(
            enabled=rules.drawdown.enabled,
            ladder=Ladder(
                limit_percent=rules.drawdown.limit_percent,
                early_percent=rules.drawdown.early_percent,
            ),
        ),
        daily_loss=DailyLossSettings(
            enabled=rules.daily_loss.enabled,
            ladder=Ladder(limit_percent=limit, early_percent=rules.daily_loss.early_percent),
        ),
        stale_feed=StaleFeedSettings(enabled=rules.stale_feed.enabled),
    )


def _daily_loss_limit(session: Session) -> Decimal:
    """Return the limit that risk applies; its own check has made sure that it is a number."""
    return Decimal(str(session.limits.get(DAILY_LOSS_LIMIT, DAILY_LOSS_DEFAULT_PERCENT)))


def _problem(error: Any) -> Problem:  # noqa: ANN401 - pydantic's ErrorDetails
    path = ".".join(["alerts", *(str(part) for part in error["loc"])])
    if error["type"] == "extra_forbidden":
        return Problem(path, "a known key", "an unknown one", "remove it or mend its name")
    return Problem(path, expected_in(error), found_in(error))
