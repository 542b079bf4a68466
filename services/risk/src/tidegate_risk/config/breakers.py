"""Breakers of a session, as ``limits: breakers:`` in `tidegate.yaml` may set them.

Percents are of 100, fractions of 1; durations named ``_s`` are seconds of the session's own time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from tidegate_kernel.gate import Level
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.config.fields import Group
from tidegate_risk.core.book.recent import RANGES_KEPT
from tidegate_risk.core.breakers.limits import (
    BreakerLimits,
    Cooldown,
    Count,
    Crash,
    Percent,
    Plain,
    Shock,
    Unreconciled,
)

LevelName = Literal["REDUCE_ONLY", "HALTED", "FLATTENING"]
Resume = Literal["next_day", "never"]
Percentage = Annotated[Decimal, Field(gt=0, le=100)]
Seconds = Annotated[float, Field(ge=0, le=366 * 86_400)]
Things = Annotated[int, Field(ge=1, le=1_000_000)]


class _Breaker(Group):
    enabled: bool = Field(default=True, description="Whether it is switched on.")


class _Latching(_Breaker):
    level: LevelName = Field(default="REDUCE_ONLY", description="What it shuts its scope to.")


class _Halting(_Breaker):
    level: LevelName = Field(default="HALTED", description="What it shuts its scope to.")


class DailyLossSettings(_Latching):
    """The day's loss; its limit is `daily_loss_max_percent`."""


class DrawdownSettings(_Halting):
    """The loss since the highest equity."""

    percent: Percentage = Field(
        default=Decimal(25), description="How far equity may fall below its highest."
    )


class PnlJumpSettings(_Halting):
    """An unusual move of equity."""

    percent: Percentage = Field(
        default=Decimal(10),
        description="How far equity may move after the account was told, up or down.",
    )


class LosingStreakSettings(_Latching):
    """A strategy that loses trade after trade."""

    losses_max: Things = Field(default=8, description="So many losses in a row trip it.")


class CooldownSettings(_Breaker):
    """A symbol rests after losses."""

    losses: Things = Field(default=2, description="So many losses in a row begin a pause.")
    pause_s: Seconds = Field(default=3_600.0, description="How long the symbol rests.")


class OvertradingSettings(_Breaker):
    """A strategy that opens too much in a UTC day."""

    entries_max: Things = Field(
        default=200, description="So many approved entries end the day of a strategy."
    )


class FlashCrashSettings(_Latching):
    """A symbol that falls or rises very far within a few bars."""

    percent: Percentage = Field(
        default=Decimal(30), description="How far a close may be from those shortly before it."
    )
    bars: int = Field(
        default=3, ge=1, le=RANGES_KEPT, description="So many closes before it are compared."
    )


class VolatilityShockSettings(_Latching):
    """A symbol that moves many times as much as it used to."""

    multiple: Decimal = Field(
        default=Decimal(10),
        gt=1,
        le=1_000,
        description="How many times the mean true range a bar's may be.",
    )
    range_min_percent: Decimal = Field(
        default=Decimal(1),
        ge=0,
        le=100,
        description="Smallest true range that counts, of the close before it: after a past that "
        "hardly moved the multiple alone would call any move a shock.",
    )


class SpreadSettings(_Latching):
    """Bid and ask too far apart."""

    percent: Percentage = Field(
        default=Decimal(5), description="How wide a spread may be, of its middle."
    )


class StalePricesSettings(_Latching):
    """A held symbol is silent while its venue goes on."""

    bars_max: Things = Field(
        default=10, description="So many of its bars behind its venue trip it."
    )


class PriceDivergenceSettings(_Latching):
    """A fill far from the price that risk knows."""

    percent: Percentage = Field(
        default=Decimal(20), description="How far a fill may be from the newest close."
    )


class VenueRejectsSettings(_Latching):
    """The venue rejects one order after the other."""

    rejects_max: Things = Field(default=5, description="So many in a row trip it.")


class UnreconciledSettings(_Latching):
    """An account that differs from the venue's."""

    grace_s: Seconds = Field(default=60.0, description="How long it may differ.")


class BreakerSettings(Group):
    """All breakers of one session."""

    resume: Resume | None = Field(
        default=None,
        description="Who lowers a breaker where no people are: `next_day`, once it is over, but "
        "for drawdown; or `never`. Lockstep sessions only; their default is `next_day`.",
    )
    ramp_s: Seconds = Field(
        default=86_400.0, description="How long sizes grow back after a breaker was lowered."
    )
    ramp_start_fraction: Decimal = Field(
        default=Decimal("0.25"),
        ge=0,
        le=1,
        description="Share of its size that an order has at first.",
    )
    daily_loss: DailyLossSettings = Field(default_factory=DailyLossSettings)
    drawdown: DrawdownSettings = Field(default_factory=DrawdownSettings)
    pnl_jump: PnlJumpSettings = Field(default_factory=PnlJumpSettings)
    losing_streak: LosingStreakSettings = Field(default_factory=LosingStreakSettings)
    cooldown: CooldownSettings = Field(default_factory=CooldownSettings)
    overtrading: OvertradingSettings = Field(default_factory=OvertradingSettings)
    flash_crash: FlashCrashSettings = Field(default_factory=FlashCrashSettings)
    volatility_shock: VolatilityShockSettings = Field(default_factory=VolatilityShockSettings)
    spread: SpreadSettings = Field(default_factory=SpreadSettings)
    stale_prices: StalePricesSettings = Field(default_factory=StalePricesSettings)
    price_divergence: PriceDivergenceSettings = Field(default_factory=PriceDivergenceSettings)
    venue_rejects: VenueRejectsSettings = Field(default_factory=VenueRejectsSettings)
    unreconciled: UnreconciledSettings = Field(default_factory=UnreconciledSettings)


def breaker_limits(settings: BreakerSettings, clock: str) -> BreakerLimits:
    """Return what the machine is told; only a lockstep session can have a simulated operator."""
    parts = {name: _part(name, settings) for name in _MADE_OF}
    return BreakerLimits(
        resumes_next_day=clock == "lockstep" and settings.resume != "never",
        ramp_ns=_ns(settings.ramp_s),
        ramp_start_fraction=settings.ramp_start_fraction,
        **parts,
    )


_MADE_OF: dict[str, type[Any]] = {
    "daily_loss": Plain,
    "drawdown": Percent,
    "pnl_jump": Percent,
    "losing_streak": Count,
    "cooldown": Cooldown,
    "overtrading": Count,
    "flash_crash": Crash,
    "volatility_shock": Shock,
    "spread": Percent,
    "stale_prices": Count,
    "price_divergence": Percent,
    "venue_rejects": Count,
    "unreconciled": Unreconciled,
}


def _part(name: str, settings: BreakerSettings) -> Any:  # noqa: ANN401 - one of the structs above
    """Return a breaker's settings as the core knows them: its values in their order."""
    kind = _MADE_OF[name]
    own = getattr(settings, name).model_dump()
    if kind is Count:
        own = {"enabled": own.pop("enabled"), "level": own.pop("level", "REDUCE_ONLY"), **own}
    return kind(*(_value(setting, value) for setting, value in own.items()))


def _value(setting: str, value: Any) -> Any:  # noqa: ANN401 - a setting of any kind
    if setting == "level":
        return int(Level[value])
    return _ns(value) if setting.endswith("_s") else value


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_SECOND)
