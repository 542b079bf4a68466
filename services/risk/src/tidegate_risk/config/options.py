"""What options may be opened."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from tidegate_risk.config.fields import Fraction, Group, Multiple


class OptionLimits(Group):
    """Expiry, the Greeks of all options together in money, and what structures may lose."""

    option_expiry_margin_s: Annotated[float, Field(ge=0, le=31_536_000)] = Field(
        86_400.0, description="An option that expires within this time is not opened."
    )
    option_delta_max_fraction: Multiple = Field(
        Decimal("0.50"), description="Largest value of the underlyings that the options move like."
    )
    option_gamma_max_fraction: Fraction = Field(
        Decimal("0.05"), description="Largest change of that value for 1 % of the underlyings."
    )
    option_vega_max_fraction: Fraction = Field(
        Decimal("0.02"), description="Largest change for one percentage point of volatility."
    )
    option_theta_max_fraction: Fraction = Field(
        Decimal("0.005"), description="Largest change of the options' value in a day."
    )
    option_loss_max_fraction: Fraction = Field(
        Decimal("0.05"), description="Largest loss of an order with legs, at its expiry."
    )
    option_loss_unbounded_allowed: bool = Field(
        default=False,
        description="Whether orders with legs may be opened whose loss at the expiry has no bound.",
    )
