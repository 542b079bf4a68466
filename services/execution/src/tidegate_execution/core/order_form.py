"""The form of an order: which fields belong to which type, checked before anything else is.

=============  ==============================================================================
type           fields
=============  ==============================================================================
MARKET         none
LIMIT          ``limit_price``; may be ``post_only``
STOP           ``trigger_price``
STOP_LIMIT     ``trigger_price`` and ``limit_price``
TRAILING_STOP  one of ``trail_amount`` and ``trail_percent`` (below 100)
=============  ==============================================================================

``expires_at_ns`` belongs to GTD and lies ahead; what waits for a trigger lives for the day, until
cancelled or until a date. ``stop_price`` and ``take_profit_price`` belong to entries, on the two
sides of the position that they open. ``extended_hours`` belongs to a LIMIT that is DAY or GTC:
what waits for a trigger, and what goes to the market, is for the regular session.

An ``algorithm`` has what its kind asks for, and no other field: TWAP ``duration_ns`` and
``slices``, VWAP ``duration_ns`` and ``participation``, ICEBERG ``display_quantity``. TWAP and VWAP
slice a MARKET or LIMIT order that is GTC, for their time ends it; an iceberg is a LIMIT that is GTC
or GTD.

An order with ``legs`` is a MARKET or LIMIT order that is DAY or GTC, and BUY: each leg has its own
side. It has 2 to 4 legs, each another option on the order's symbol, with whole ratios that have no
common divisor. Its ``limit_price`` is the net price of a structure, of any sign. It has none of
``post_only``, ``oco_group``, ``algorithm``, ``stop_price``, ``take_profit_price`` and
``extended_hours``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AlgorithmKind, OrderType, Side, TimeInForce
from tidegate_execution.core.capabilities import TRIGGERED
from tidegate_execution.core.orders.legs import legs_of
from tidegate_kernel.money import plain
from tidegate_kernel.structures import faults_of as faults_of_legs
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, format_time

if TYPE_CHECKING:
    from tidegate_contracts.execution import ExecutionAlgorithm, OrderSpecification

_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)
_RESTING = (TimeInForce.DAY, TimeInForce.GTC)
_LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_STOPPED = (OrderType.STOP, OrderType.STOP_LIMIT)
PERCENT_MAX = Decimal(100)
SLICES_MAX = 1_000
DURATION_MAX_NS = 7 * NS_PER_DAY
SLICE_LEAST_NS = NS_PER_SECOND
_WITH_LEGS = (OrderType.MARKET, OrderType.LIMIT)
_NOT_WITH_LEGS = (
    "post_only",
    "oco_group",
    "algorithm",
    "stop_price",
    "take_profit_price",
    "extended_hours",
)
_WITH_LEGS_FOR = (TimeInForce.DAY, TimeInForce.GTC)
_SCHEDULED = (AlgorithmKind.TWAP, AlgorithmKind.VWAP)


def faults_of(specification: OrderSpecification, now_ns: int) -> list[str]:
    """Return what is wrong with the form of an order, each with what was expected and found."""
    checks: tuple[Callable[[OrderSpecification, int], Iterator[str]], ...] = (
        _limit,
        _trigger,
        _trail,
        _life,
        _post_only,
        _extended_hours,
        _exits,
        _algorithm,
        _legs,
    )
    return [fault for check in checks for fault in check(specification, now_ns)]


def _limit(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    wanted = specification.order_type in _LIMITED
    if specification.legs and wanted and specification.limit_price is not None:
        if not specification.limit_price.is_finite():
            yield f"expected a net limit_price that is a number, found {specification.limit_price}"
        return
    yield from _price("limit_price", specification.limit_price, specification, wanted=wanted)


def _trigger(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    wanted = specification.order_type in _STOPPED
    yield from _price("trigger_price", specification.trigger_price, specification, wanted=wanted)


def _trail(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    amount, percent = specification.trail_amount, specification.trail_percent
    wanted = specification.order_type == OrderType.TRAILING_STOP
    if wanted and (amount is None) == (percent is None):
        count = "neither" if amount is None else "both"
        yield f"expected one of trail_amount and trail_percent on a TRAILING_STOP, found {count}"
        return
    for name, value in (("trail_amount", amount), ("trail_percent", percent)):
        if value is not None:
            yield from _price(name, value, specification, wanted=wanted)
    if wanted and percent is not None and percent.is_finite() and percent >= PERCENT_MAX:
        yield f"expected a trail_percent below 100, found {plain(percent)}"


def _price(
    name: str, value: Decimal | None, specification: OrderSpecification, *, wanted: bool
) -> Iterator[str]:
    kind = specification.order_type
    if not wanted:
        if value is not None:
            yield f"expected no {name} on a {kind.name}, found {value}"
    elif value is None:
        yield f"expected a {name} on a {kind.name}, found none"
    elif not value.is_finite() or value <= 0:
        yield f"expected a {name} above 0, found {value}"


def _life(specification: OrderSpecification, now_ns: int) -> Iterator[str]:
    force, until_ns = specification.time_in_force, specification.expires_at_ns
    kind = specification.order_type
    if force != TimeInForce.GTD and until_ns:
        yield f"expected no expires_at_ns with {force.name}, found {until_ns}"
    if force == TimeInForce.GTD and until_ns <= now_ns:
        yield f"expected an expires_at_ns after {format_time(now_ns)}, found {until_ns}"
    if force == TimeInForce.GTD and kind == OrderType.MARKET:
        yield "expected a MARKET order without a date, found GTD"
    if force in _AT_ONCE and kind in TRIGGERED:
        yield f"expected DAY, GTC or GTD on a {kind.name}, which waits, found {force.name}"


def _post_only(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    if not specification.post_only:
        return
    if specification.order_type != OrderType.LIMIT:
        yield f"expected post_only on a LIMIT only, found {specification.order_type.name}"
    elif specification.time_in_force in _AT_ONCE:
        force = specification.time_in_force.name
        yield f"expected post_only on an order that rests, found {force}"


def _extended_hours(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    if not specification.extended_hours:
        return
    if specification.order_type != OrderType.LIMIT:
        yield f"expected extended_hours on a LIMIT only, found {specification.order_type.name}"
    if specification.time_in_force not in _RESTING:
        yield f"expected DAY or GTC with extended_hours, found {specification.time_in_force.name}"
    if specification.legs:
        yield f"expected no legs with extended_hours, found {len(specification.legs)}"


def _exits(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    stop, target = specification.stop_price, specification.take_profit_price
    for name, value in (("stop_price", stop), ("take_profit_price", target)):
        if value is None:
            continue
        if specification.reduce_only:
            yield f"expected no {name} on a reduce-only order, found {value}"
        elif not value.is_finite() or value <= 0:
            yield f"expected a {name} above 0, found {value}"
    if stop is None or target is None or not (stop.is_finite() and target.is_finite()):
        return
    buys = specification.side == Side.BUY
    if (stop >= target) if buys else (stop <= target):
        side = "below" if buys else "above"
        yield f"expected the stop {side} the target {plain(target)}, found {plain(stop)}"


def _algorithm(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    algorithm = specification.algorithm
    if algorithm is None:
        return
    if algorithm.kind == AlgorithmKind.UNSPECIFIED:
        yield "expected an algorithm of kind TWAP, VWAP or ICEBERG, found none"
        return
    yield from _sliced_order(specification, algorithm.kind)
    yield from _schedule(algorithm)
    yield from _shares(algorithm)


def _sliced_order(specification: OrderSpecification, kind: AlgorithmKind) -> Iterator[str]:
    scheduled = kind in _SCHEDULED
    types = (OrderType.MARKET, OrderType.LIMIT) if scheduled else (OrderType.LIMIT,)
    forces = (TimeInForce.GTC,) if scheduled else (TimeInForce.GTC, TimeInForce.GTD)
    if specification.order_type not in types:
        names = " or ".join(each.name for each in types)
        yield f"expected a {names} to slice by {kind.name}, found {specification.order_type.name}"
    if specification.time_in_force not in forces:
        names = " or ".join(each.name for each in forces)
        yield f"expected {names} with {kind.name}, found {specification.time_in_force.name}"
    if specification.oco_group:
        yield f"expected no oco_group with {kind.name}, found {specification.oco_group}"


def _schedule(algorithm: ExecutionAlgorithm) -> Iterator[str]:
    kind, duration_ns, slices = algorithm.kind, algorithm.duration_ns, algorithm.slices
    if kind not in _SCHEDULED:
        if duration_ns:
            yield f"expected no duration_ns with {kind.name}, found {duration_ns}"
    elif not 0 < duration_ns <= DURATION_MAX_NS:
        yield f"expected a duration_ns above 0 and at most {DURATION_MAX_NS}, found {duration_ns}"
    if kind != AlgorithmKind.TWAP:
        if slices:
            yield f"expected no slices with {kind.name}, found {slices}"
    elif not 0 < slices <= SLICES_MAX:
        yield f"expected from 1 to {SLICES_MAX} slices, found {slices}"
    elif 0 < duration_ns < slices * SLICE_LEAST_NS:
        yield f"expected at least 1 s for each of {slices} slices, found {duration_ns} ns for all"


def _shares(algorithm: ExecutionAlgorithm) -> Iterator[str]:
    kind, share, display = algorithm.kind, algorithm.participation, algorithm.display_quantity
    if kind != AlgorithmKind.VWAP:
        if share is not None:
            yield f"expected no participation with {kind.name}, found {share}"
    elif share is None or not share.is_finite() or not 0 < share <= 1:
        yield f"expected a participation above 0 and at most 1, found {share}"
    if kind != AlgorithmKind.ICEBERG:
        if display is not None:
            yield f"expected no display_quantity with {kind.name}, found {display}"
    elif display is None or not display.is_finite() or display <= 0:
        yield f"expected a display_quantity above 0, found {display}"


def _legs(specification: OrderSpecification, _now_ns: int) -> Iterator[str]:
    if not specification.legs:
        return
    yield from faults_of_legs(legs_of(specification), specification.symbol)
    if specification.side != Side.BUY:
        yield f"expected BUY of an order with legs, found {specification.side.name}"
    kind, force = specification.order_type, specification.time_in_force
    if kind not in _WITH_LEGS:
        yield f"expected MARKET or LIMIT of an order with legs, found {kind.name}"
    if force not in _WITH_LEGS_FOR:
        yield f"expected DAY or GTC of an order with legs, found {force.name}"
    for name in _NOT_WITH_LEGS:
        value = getattr(specification, name)
        if value:
            found = value.kind.name if name == "algorithm" else value
            yield f"expected no {name} on an order with legs, found {found}"


def worst_price(specification: OrderSpecification, price: Decimal) -> Decimal:
    """Return the highest price that an order names or could reach; ``price`` is the market's.

    A net price says little of what its legs move: the larger of it and the market's counts.

    A stop fills at its trigger or beyond, a trailing buy at its distance above the market.
    """
    named = (specification.limit_price, specification.trigger_price)
    worst = max([price, *(abs(each) for each in named if each is not None)])
    return (
        max(worst, price + trail_of(specification, price)) if _trails_up(specification) else worst
    )


def _trails_up(specification: OrderSpecification) -> bool:
    return specification.order_type == OrderType.TRAILING_STOP and specification.side == Side.BUY


def trail_of(specification: OrderSpecification, best: Decimal) -> Decimal:
    """Return the distance of a trailing trigger from the best price."""
    if specification.trail_amount is not None:
        return specification.trail_amount
    assert specification.trail_percent is not None, "one of the two; see faults_of"
    return best * specification.trail_percent / PERCENT_MAX
