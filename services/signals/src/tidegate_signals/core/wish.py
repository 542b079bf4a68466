"""What a strategy says about one symbol when it changes its mind."""

from __future__ import annotations

import msgspec

from tidegate_contracts.signals import Direction


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A new target. Prices are in the units of the instrument's integers."""

    direction: Direction
    # In (0, 1]; both present strategies are all or nothing.
    strength: float = 1.0
    stop_distance: float | None = None
    # None: at the market.
    limit_price: float | None = None
    reasons: tuple[str, ...] = ()
