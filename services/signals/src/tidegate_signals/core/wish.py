"""What a strategy says about one symbol when it changes its mind.

::

    WishError    the parts of a wish do not fit together; the message says which, and what would
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    OrderLeg,
    Side,
    TimeInForce,
)
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.contracts import option_of
from tidegate_kernel.money import ZERO
from tidegate_kernel.structures import Leg, faults_of
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

UNSPECIFIED, GTD = TimeInForce.UNSPECIFIED, TimeInForce.GTD
TWAP, VWAP, ICEBERG = AlgorithmKind.TWAP, AlgorithmKind.VWAP, AlgorithmKind.ICEBERG
SLICES_MAX = 1_000
OVER_MAX_NS = 7 * NS_PER_DAY
LONG, FLAT = Direction.LONG, Direction.FLAT
WITH_LEGS_FOR = (UNSPECIFIED, TimeInForce.DAY, TimeInForce.GTC)
SIGNS = {Side.BUY: 1, Side.SELL: -1}
AROUND = frozenset({UNSPECIFIED, TimeInForce.DAY, TimeInForce.GTC})
"""How long an entry may work that also works around the regular session."""


class WishError(ValueError):
    """The parts of a wish do not fit together."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"a wish: expected {expected}, found {found}")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A new target. Prices are in the units of the instrument's integers, but for ``net_price``.

    An entry goes to the market unless it names a price: a limit, a trigger (a stop), or both (a
    stop-limit, whose limit lies at the trigger or beyond it). What goes to the market or to a limit
    may name an algorithm that slices it. An exit always goes to the market, whole; where only limit
    orders are taken, around the regular session, risk gives it a limit that trades at once.

    A wish with legs is about a structure of options on the symbol: LONG to hold it, FLAT to leave
    it, both with the legs as they are held. It goes to the market, or at a net price.
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
    # Of a limit entry: it also works before and after the regular session. Of FLAT: so may leaving.
    extended_hours: bool = False
    # How execution cuts the entry into slices; None: it is sent whole.
    algorithm: ExecutionAlgorithm | None = None
    # Of an iceberg: the share of the order that is open at a time.
    display_fraction: Decimal | None = None
    # What one structure holds; whoever sells one turns its legs around.
    legs: tuple[OrderLeg, ...] = ()
    # Of a structure that is opened at a limit: what a unit may cost, in the quote currency; below
    # zero what it must bring at least.
    net_price: Decimal | None = None
    reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together; `WishError` names the first."""
        for expected, found, fits in _judged(self):
            if not fits:
                raise WishError(expected, found)

    @property
    def style(self) -> EntryStyle:
        """How the order is to be placed, by the prices that are named."""
        if self.net_price is not None:
            return EntryStyle.LIMIT
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
    if wish.legs or wish.net_price is not None:
        yield from _with_legs(wish)
    if wish.direction is FLAT:
        sliced = wish.algorithm is not None or wish.display_fraction is not None
        if sliced or wish.net_price is not None or wish.valid_for_ns or _is_placed(wish):
            what = (wish.style.name, wish.time_in_force.name)
            yield "an exit at the market and whole, for leaving must not wait", what, False
        return
    if _is_placed(wish) or wish.valid_for_ns or wish.extended_hours:
        yield from _entry(wish)
    yield from _sliced(wish)


def _is_placed(wish: Wish) -> bool:
    """Tell whether an order does more than go to the market at once."""
    waits = wish.limit_price is not None or wish.trigger_price is not None
    return waits or wish.time_in_force is not UNSPECIFIED or wish.post_only


def _with_legs(wish: Wish) -> Iterator[tuple[str, object, bool]]:
    """Judge a structure: its legs, its net price and its life; nothing else is said of it."""
    legs, net = wish.legs, wish.net_price
    option = option_of(legs[0].symbol) if legs else None
    read = [Leg(leg.symbol, SIGNS.get(leg.side, 0), leg.ratio) for leg in legs]
    for fault in faults_of(read, option.underlying if option else ""):
        expected, _, found = fault.removeprefix("expected ").partition(", found ")
        yield expected, found, False
    wanted = wish.direction
    yield "LONG or FLAT with legs, which have sides", wanted.name, wanted in {LONG, FLAT}
    yield "net_price to be a number", net, net is None or net.is_finite()
    lives = wish.time_in_force
    yield "DAY or GTC with legs", lives.name, lives in WITH_LEGS_FOR
    for name in ("limit_price", "trigger_price", "stop_distance", "algorithm"):
        value = getattr(wish, name)
        yield f"no {name} with legs", value, value is None
    told = wish.post_only or wish.extended_hours
    yield "neither post_only nor extended_hours with legs", told, not told


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
    yield (
        "extended_hours only with a limit and no trigger",
        wish.style.name,
        (resting or not wish.extended_hours),
    )
    yield (
        "DAY or GTC with extended_hours",
        lives.name,
        (lives in AROUND or not wish.extended_hours),
    )
    at_once = lives in {TimeInForce.IOC, TimeInForce.FOK}
    yield (
        "IOC and FOK only for an entry that does not wait",
        lives.name,
        (not at_once or not (trigger is not None or wish.post_only)),
    )


def _sliced(wish: Wish) -> Iterator[tuple[str, object, bool]]:
    """Judge the parts of a sliced entry; each kind has its own parts, and no other."""
    algorithm, shown = wish.algorithm, wish.display_fraction
    if algorithm is None:
        yield "display_fraction only with an iceberg", shown, shown is None
        return
    kind, name = algorithm.kind, algorithm.kind.name
    yield "an algorithm TWAP, VWAP or ICEBERG", name, kind in {TWAP, VWAP, ICEBERG}
    styles = {EntryStyle.LIMIT} if kind is ICEBERG else {EntryStyle.MARKET, EntryStyle.LIMIT}
    lives = {UNSPECIFIED, TimeInForce.GTC, *([GTD] if kind is ICEBERG else [])}
    where = " or ".join(each.name for each in sorted(styles))
    yield f"{name} only with {where}", wish.style.name, wish.style in styles
    yield f"{name} to end by itself", wish.time_in_force.name, wish.time_in_force in lives
    yield "no display_quantity before there is a size", None, algorithm.display_quantity is None
    over_ns, slices, share = algorithm.duration_ns, algorithm.slices, algorithm.participation
    timed = 0 < over_ns <= OVER_MAX_NS if kind is not ICEBERG else over_ns == 0
    yield f"duration_ns up to {OVER_MAX_NS} with TWAP and VWAP only", over_ns, timed
    many = 0 < slices <= SLICES_MAX if kind is TWAP else slices == 0
    yield f"from 1 to {SLICES_MAX} slices with TWAP only", slices, many
    slow = over_ns >= slices * NS_PER_SECOND
    yield "at least a second for each slice", over_ns, slow
    takes = share is None if kind is not VWAP else share is not None and ZERO < share <= 1
    yield "a participation above 0 and at most 1 with VWAP only", share, takes
    part = shown is None if kind is not ICEBERG else shown is not None and ZERO < shown < 1
    yield "a display_fraction above 0 and below 1 with ICEBERG only", shown, part
