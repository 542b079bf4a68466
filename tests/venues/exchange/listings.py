"""What can be traded, and on which grid."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Listing:
    """One symbol."""

    symbol: str
    base: str
    quote: str
    # ``crypto``, ``us_equity``, ``us_option`` or ``perpetual``.
    asset_class: str = "crypto"
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal("0.00001")
    min_quantity: Decimal = Decimal("0.00001")
    min_notional: Decimal = Decimal(1)
    shortable: bool = False
    # Money per unit of price and quantity; 100 for options.
    multiplier: Decimal = Decimal(1)
