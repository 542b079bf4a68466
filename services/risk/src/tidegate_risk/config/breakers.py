"""Breakers of a session, as ``limits: breakers:`` in `tidegate.yaml` may set them.

Percents are of 100, fractions of 1; durations named ``_s`` are seconds of the session's own time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate_kernel.gate import Level
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.breakers.limits import BreakerLimits, Percent, Plain

LevelName = Literal["REDUCE_ONLY", "HALTED", "FLATTENING"]
Resume = Literal["next_day", "never"]
Percentage = Annotated[Decimal, Field(gt=0, le=100)]
Seconds = Annotated[float, Field(ge=0, le=366 * 86_400)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(default=True, description="Whether it is switched on.")


class DailyLossSettings(_Settings):
    """The day's loss; its limit is `daily_loss_max_percent`."""

    level: LevelName = Field(default="REDUCE_ONLY", description="What the gate is raised to.")


class DrawdownSettings(_Settings):
    """The loss since the highest equity."""

    level: LevelName = Field(default="HALTED", description="What the gate is raised to.")
    percent: Percentage = Field(
        default=Decimal(25), description="How far below its highest equity may fall."
    )


class PnlJumpSettings(_Settings):
    """An unusual move of equity."""

    level: LevelName = Field(default="HALTED", description="What the gate is raised to.")
    percent: Percentage = Field(
        default=Decimal(10),
        description="How far equity may move after the account was told, up or down.",
    )


class BreakerSettings(BaseModel):
    """All breakers of one session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resume: Resume | None = Field(
        default=None,
        description="Who lowers a breaker where no people are: `next_day`, as soon as it is over, "
        "but for drawdown; or `never`. Lockstep sessions only; their default is `next_day`.",
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


def breaker_limits(settings: BreakerSettings, clock: str) -> BreakerLimits:
    """Return what the machine is told; only a lockstep session can have a simulated operator."""
    return BreakerLimits(
        resumes_next_day=clock == "lockstep" and settings.resume != "never",
        ramp_ns=round(settings.ramp_s * NS_PER_SECOND),
        ramp_start_fraction=settings.ramp_start_fraction,
        daily_loss=Plain(settings.daily_loss.enabled, _level(settings.daily_loss.level)),
        drawdown=Percent(
            settings.drawdown.enabled, _level(settings.drawdown.level), settings.drawdown.percent
        ),
        pnl_jump=Percent(
            settings.pnl_jump.enabled, _level(settings.pnl_jump.level), settings.pnl_jump.percent
        ),
    )


def _level(name: LevelName) -> int:
    return int(Level[name])
