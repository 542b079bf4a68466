"""What was approved lately."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import Side


class Approval(msgspec.Struct, frozen=True):
    """An order that was approved: what the duplicate and the rate rule remember."""

    at_ns: int
    strategy: str
    listing: str
    side: Side
    quantity: Decimal
