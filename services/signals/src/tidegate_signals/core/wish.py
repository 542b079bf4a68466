"""What a strategy says about one symbol when it changes its mind.

::

    WishError    the parts of a wish do not fit together; the message says which, and what would
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from tidegate_contracts.execution import TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle

UNSPECIFIED, GTD = TimeInForce.UNSPECIFIED, TimeInForce.GTD
LONG, FLAT = Direction.LONG, Direction.FLAT


class WishError(ValueError):
    """The parts of a wish do not fit together."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"a wish: expected {expected}, found {found}")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A new target. Prices are in the units of the instrument's integers.

    An entry goes to the market unless it names a price: a limit, a trigger (a stop), or both (a
    stop-limit, whose limit lies at the trigger or beyond it). An exit always goes to the market.
    """

    direction: Direction
    # In (0, 1]; both present strategies are all or nothing.
    strength: float = 1.0
    stop_distance: float | None = None
    # None: at the market.
    limit_price: float | None = None
    # Where a stop entry begins to work: above the close for LONG, below it for SHORT.
    trigger_price: float | None = None
    # How long the order may work; unspecified: until it is cancelled.
    time_in_force: TimeInForce = UNSPECIFIED
    # Of GTD: how long from the bar's end on.
    valid_for_ns: int = 0
    # Of a limit entry: rejected rather than filled at once as a taker.
    post_only: bool = False
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together; `WishError` names the first."""
        for expected, found, fits in _judged(self):
            if not fits:
                raise WishError(expected, found)

    @property
    def style(self) -> EntryStyle:
        """How the order is to be placed, by the prices that are named."""
        if self.trigger_price is None:
            return EntryStyle.MARKET if self.limit_price is None else EntryStyle.LIMIT
        return EntryStyle.STOP if self.limit_price is None else EntryStyle.STOP_LIMIT


def _judged(wish: Wish) -> Iterator[tuple[str, object, bool]]:
    yield "a strength above 0 and at most 1", wish.strength, 0 < wish.strength <= 1
    for name, price in (
        ("stop_distance", wish.stop_distance),
        ("limit_price", wish.limit_price),
        ("trigger_price", wish.trigger_price),
    ):
        valid = price is None or (math.isfinite(price) and price >= 0)
        yield f"{name} to be a number from 0", price, valid
    if wish.direction is FLAT:
        plain = (wish.limit_price, wish.trigger_price, wish.valid_for_ns) == (None, None, 0)
        what = (wish.style.name, wish.time_in_force.name)
        yield (
            "an exit at the market, for leaving must not wait",
            what,
            (plain and wish.time_in_force is UNSPECIFIED and not wish.post_only),
        )
    else:
        yield from _entry(wish)


def _entry(wish: Wish) -> Iterator[tuple[str, object, bool]]:
    limit, trigger, lives = wish.limit_price, wish.trigger_price, wish.time_in_force
    if limit is not None and trigger is not None:
        long = wish.direction is LONG
        where = f"limit_price at trigger_price {trigger:g} or {'above' if long else 'below'} it"
        yield where, limit, limit >= trigger if long else limit <= trigger
    waits = limit is not None or trigger is not None
    dated = lives is not GTD or (waits and wish.valid_for_ns > 0)
    yield "GTD with a price and with valid_for_ns above 0", wish.valid_for_ns, dated
    yield "valid_for_ns only with GTD", lives.name, lives is GTD or wish.valid_for_ns == 0
    resting = wish.style is EntryStyle.LIMIT
    yield (
        "post_only only with a limit and no trigger",
        wish.style.name,
        (resting or not wish.post_only),
    )
    at_once = lives in {TimeInForce.IOC, TimeInForce.FOK}
    yield (
        "IOC and FOK only for an entry that does not wait",
        lives.name,
        (not at_once or not (trigger is not None or wish.post_only)),
    )
