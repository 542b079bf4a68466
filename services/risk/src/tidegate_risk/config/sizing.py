"""How large a position a signal may want."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from tidegate_risk.config.fields import Fraction, Group


class SizingLimits(Group):
    """What sizes are made of."""

    position_fraction: Fraction = Field(
        Decimal("0.20"), description="Share of equity that one strategy's position takes."
    )
    risk_per_trade_fraction: Fraction = Field(
        Decimal("0.02"), description="Share of equity that may be lost if the stop is hit."
    )
