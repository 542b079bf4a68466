"""The parts of an order by hand fit together; the refusal names the first that does not.

Prices are judged here by themselves; where they must lie is said by the rules about signals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import AlgorithmKind, OrderType, Side, TimeInForce
from tidegate_kernel.identifiers import MANUAL
from tidegate_risk.core import hours, slicing
from tidegate_risk.core.manual import legs
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.slicing import Judged, positive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_contracts.risk import PlaceOrder
    from tidegate_risk.core.question import Question

TIME_MAX_NS = 2**63 - 1
PERCENT_MAX = Decimal(100)
SIDES = (Side.BUY, Side.SELL)
TYPES = tuple(each for each in OrderType if each != OrderType.UNSPECIFIED)
LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
TRIGGERED = (OrderType.STOP, OrderType.STOP_LIMIT)
WAITING = (*TRIGGERED, OrderType.TRAILING_STOP)
AT_ONCE_OR_NEVER = (TimeInForce.IOC, TimeInForce.FOK)


def check(question: Question) -> Refused | None:
    """Refuse the first part that does not fit; a strategy's signal has none."""
    command = question.placed
    if command is None:
        return None
    for name, value, expected, valid in _parts(question, command):
        if not valid:
            return Refused(
                code=Code.ORDER_INVALID,
                expected=f"{name} {expected}",
                found="none" if value is None else str(getattr(value, "name", value)),
                remedy="it passes once that is mended; nothing was ordered",
            )
    return None


def _parts(question: Question, command: PlaceOrder) -> Iterator[Judged]:
    yield "key", command.key, "to be named", command.key != ""
    yield "principal", command.principal, "to be named", command.principal != ""
    yield "reason", command.reason, "to be given", command.reason != ""
    yield "side", command.side, "BUY or SELL", command.side in SIDES
    kinds = ", ".join(each.name for each in TYPES)
    yield "order_type", command.order_type, f"one of {kinds}", command.order_type in TYPES
    yield "quantity", command.quantity, "above 0", positive(command.quantity)
    yield from _whose(question, command)
    if command.legs:
        yield from legs.parts(command)
        return
    yield from _prices(command)
    yield from _lives(question, command)
    yield from _exits(question, command)
    yield from _slices(command)


def _whose(question: Question, command: PlaceOrder) -> Iterator[Judged]:
    """Judge whose position it is: another strategy's is closed at the market and not otherwise.

    An order that rests would keep the strategy itself from leaving.
    """
    name, known = command.strategy, question.parameters.strategies
    if name == MANUAL:
        return
    yield "strategy", name, f"{MANUAL} or one of {', '.join(known)}", not known or name in known
    yield "reduce_only", command.reduce_only, "for a position of a strategy", command.reduce_only
    at_market = command.order_type == OrderType.MARKET
    yield "order_type", command.order_type, "MARKET for a position of a strategy", at_market


def _prices(command: PlaceOrder) -> Iterator[Judged]:
    kind, name = command.order_type, command.order_type.name
    for field, value, wanted in (
        ("limit_price", command.limit_price, kind in LIMITED),
        ("trigger_price", command.trigger_price, kind in TRIGGERED),
    ):
        if wanted:
            valid = value is not None and positive(value)
            yield field, value, f"above 0 for {name}", valid
        else:
            yield field, value, f"to be left out for {name}", value is None
    amount, percent = command.trail_amount, command.trail_percent
    if kind == OrderType.TRAILING_STOP:
        one = (amount is None) != (percent is None)
        yield "trail", f"{amount} and {percent}", "as an amount or as a percentage", one
        valid = amount is None or positive(amount)
        yield "trail_amount", amount, "above 0", valid
        valid = percent is None or (positive(percent) and percent < PERCENT_MAX)
        yield "trail_percent", percent, "above 0 and below 100", valid
    else:
        none = amount is None and percent is None
        yield "trail", amount or percent, f"to be left out for {name}", none


def _lives(question: Question, command: PlaceOrder) -> Iterator[Judged]:
    lives, valid_for_ns, kind = command.time_in_force, command.valid_for_ns, command.order_type
    yield "time_in_force", lives, "one that is known", lives in tuple(TimeInForce)
    if lives == TimeInForce.GTD:
        most_ns = TIME_MAX_NS - max(question.now_ns, 0)
        within = 0 < valid_for_ns <= most_ns
        yield "valid_for_ns", valid_for_ns, f"above 0 and at most {most_ns} for GTD", within
        dated = kind != OrderType.MARKET
        yield "time_in_force", lives, "another than GTD for MARKET, which does not wait", dated
    else:
        yield "valid_for_ns", valid_for_ns, "only with GTD", valid_for_ns == 0
    rests = kind in WAITING or command.post_only
    at_once = lives in AT_ONCE_OR_NEVER
    yield "time_in_force", lives, "not IOC or FOK, for the order waits", not (at_once and rests)
    limit = kind == OrderType.LIMIT
    yield "post_only", command.post_only, "only for LIMIT", limit or not command.post_only
    if command.extended_hours:
        yield from hours.parts(lives, limited=limit)


def _slices(command: PlaceOrder) -> Iterator[Judged]:
    algorithm = command.algorithm
    if algorithm is None:
        return
    own, found = command.strategy == MANUAL, algorithm.kind
    yield "algorithm", found, "to be left out when a strategy's position is closed", own
    order = slicing.Sliced(algorithm, command.order_type, command.time_in_force)
    yield from slicing.parts(order)
    if found == AlgorithmKind.ICEBERG:
        shown, whole = algorithm.display_quantity, command.quantity
        valid = shown is not None and positive(shown) and shown < whole
        expected = f"above 0 and below the quantity, {whole}, for ICEBERG"
        yield "display_quantity", shown, expected, valid


def _exits(question: Question, command: PlaceOrder) -> Iterator[Judged]:
    """Judge where the position is to be closed: on both sides of where it is opened."""
    stop, target, kind = command.stop_price, command.take_profit_price, command.order_type
    if not question.increasing:
        for field, value in (("stop_price", stop), ("take_profit_price", target)):
            yield field, value, "to be left out, for the order only reduces", value is None
        return
    trailing = kind == OrderType.TRAILING_STOP
    yield (
        "order_type",
        kind,
        "of another kind for an entry: a trailing stop only closes",
        not trailing,
    )
    opened_at = command.trigger_price or command.limit_price or question.price
    sign = 1 if command.side == Side.BUY else -1
    for field, value, side in (("stop_price", stop, -sign), ("take_profit_price", target, sign)):
        if value is None:
            continue
        yield field, value, "above 0", positive(value)
        if opened_at is not None:
            where = f"{'above' if side > 0 else 'below'} {opened_at}, where the position is opened"
            yield field, value, where, side * (value - opened_at) > 0
