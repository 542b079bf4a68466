"""What a session may hold and lose."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tidegate_risk.config.fields import Fraction, Group, Multiple


class ExposureLimits(Group):
    """Bounds of positions, always in the worst case of the open orders, and of losses."""

    symbol_exposure_max_fraction: Fraction = Field(
        Decimal("0.30"), description="Largest worst-case value of one symbol, share of equity."
    )
    gross_exposure_max_fraction: Multiple = Field(
        Decimal(1), description="Largest worst-case value of all symbols together."
    )
    open_positions_max: int = Field(
        3, ge=1, le=10_000, description="Most symbols held or being bought at once."
    )
    daily_loss_max_percent: Decimal = Field(
        Decimal("2.0"),
        gt=0,
        le=50,
        description="Loss since the UTC day began from which nothing may be opened, in percent of "
        "the day's first equity: 2.0 is 2 %.",
    )
    entries_allowed: bool = Field(
        default=True,
        description="Whether positions may be opened or grow; false under `symbols:` makes a "
        "restricted list.",
    )
    short_allowed: bool = Field(default=False, description="Whether SHORT may open positions.")
    extended_hours_allowed: bool = Field(
        default=False,
        description="Whether what opens a position may work before and after the regular session.",
    )
    position_quantity_max: Decimal = Field(
        Decimal(1_000_000), gt=0, description="Largest worst-case position of a symbol, in units."
    )
    net_exposure_max_fraction: Multiple = Field(
        Decimal(1), description="Largest worst case of longs less shorts, or shorts less longs."
    )
    leverage_max: Multiple = Field(
        Decimal(2),
        description="Largest worst-case value of all symbols together in multiples of equity.",
    )
