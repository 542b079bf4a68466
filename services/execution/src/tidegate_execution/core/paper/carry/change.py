"""A change of a holding, of cash, or of both, that no order made."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import AccountEntryKind
from tidegate_kernel.money import ZERO


class Change(msgspec.Struct, frozen=True, gc=False):
    """What happens to one symbol; ``price`` None: the holding's total cost stays."""

    kind: AccountEntryKind
    quantity: Decimal = ZERO
    price: Decimal | None = None
    cash: Decimal = ZERO
    reason: str = ""
