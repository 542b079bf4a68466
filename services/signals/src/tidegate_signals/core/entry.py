"""How an operator wants an instance's entries placed, whatever its strategy says."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import ExecutionAlgorithm, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_signals.core.strategies.placing import BPS
from tidegate_signals.core.wish import Wish, WishError

STYLES = tuple(each for each in EntryStyle if each is not EntryStyle.UNSPECIFIED)
TRIGGERED = (EntryStyle.STOP, EntryStyle.STOP_LIMIT)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The setting `entry` of an instance, in the units of the core."""

    style: EntryStyle
    # Of LIMIT: how much better than the close; of a stop: how far beyond the close its trigger is.
    offset_bps: float = 0.0
    # Of STOP_LIMIT: how far beyond the trigger the limit is.
    limit_offset_bps: float = 0.0
    time_in_force: TimeInForce = TimeInForce.UNSPECIFIED
    valid_for_ns: int = 0
    post_only: bool = False
    # Entries also work before and after the regular session, and exits may leave then.
    extended_hours: bool = False
    # How entries are sliced; None: they are sent whole.
    algorithm: ExecutionAlgorithm | None = None
    # Of an iceberg: the share of an order that is open at a time.
    display_fraction: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a style that says nothing: it would mean the market without anybody's wish."""
        if self.style not in STYLES:
            raise WishError("a style MARKET, LIMIT, STOP or STOP_LIMIT", self.style)

    def apply(self, wish: Wish, close: int) -> Wish:
        """Return the wish with its entry placed as the setting says; of exits only the hours.

        ``close`` is that of the bar that caused the wish. A trigger lies one unit beyond it at
        least, for at the close it would be a market order. What a structure costs has nothing to do
        with the close: `WishError` for a wish with legs.
        """
        if wish.legs:
            raise WishError("legs without the setting entry", self.style.name)
        if wish.direction is Direction.FLAT:
            return (
                msgspec.structs.replace(wish, extended_hours=True) if self.extended_hours else wish
            )
        side = 1 if wish.direction is Direction.LONG else -1
        limit = trigger = None
        if self.style is EntryStyle.LIMIT:
            limit = close * (BPS - side * self.offset_bps) / BPS
        elif self.style in TRIGGERED:
            beyond = max(close * self.offset_bps / BPS, 1.0)
            trigger = max(close + side * beyond, 0.0)
            if self.style is EntryStyle.STOP_LIMIT:
                limit = trigger * (BPS + side * self.limit_offset_bps) / BPS
                # A product of floats may come out a hair on the trigger's other side.
                limit = max(limit, trigger) if side > 0 else min(limit, trigger)
        return msgspec.structs.replace(
            wish,
            limit_price=limit,
            trigger_price=trigger,
            time_in_force=self.time_in_force,
            valid_for_ns=self.valid_for_ns,
            post_only=self.post_only,
            extended_hours=self.extended_hours,
            algorithm=self.algorithm,
            display_fraction=self.display_fraction,
        )
