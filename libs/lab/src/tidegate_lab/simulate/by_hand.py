"""A person who orders by hand: lets orders rest, replaces them, and trails what they have filled.

Each order is asked of risk, and each replacement of execution, with one key until there is an
answer. An order is replaced at once or after a while, by one that is smaller or at a better price,
some again and again, and cancelled at last; now and then by one at a worse price, which nobody has
approved. What is held gets a trailing stop, whose distance is replaced too.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderType,
    ReplaceOrder,
    Side,
    TimeInForce,
)
from tidegate_contracts.risk import Decision, PlaceOrder, PlaceOrderAnswer
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_kernel.identifiers import MANUAL
from tidegate_lab.simulate.people import ask
from tidegate_lab.simulate.session import SYMBOLS

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_lab.simulate.world import World

RISK, EXECUTION = "risk/sim", "execution/sim"
BEGINS_S = 2.0
ORDERS = 6
PAUSE_S = (0.3, 3.5)
SOON_S, LATER_S = 0.05, 0.9
REPLACEMENTS = (1, 1, 2, 3)
"""How often an order is replaced, each as likely."""
TRAILED, BY_PERCENT, WORSE, CANCELLED = 0.6, 0.5, 0.25, 0.4
"""Shares: of orders while something is held, of trailing stops, replacements, and what is left."""
CENT = Decimal("0.01")


async def trade_by_hand(world: World) -> None:
    """Place orders one after the other, and replace each as often as was drawn."""
    await asyncio.sleep(BEGINS_S)
    for number in range(ORDERS):
        random = Random(f"{world.seed}:hands:{number}")
        await asyncio.sleep(random.uniform(*PAUSE_S))
        held = _held(world)
        trails = bool(held) and random.random() < TRAILED
        order = _trailing_stop(random, held) if trails else _entry(random)
        order = msgspec.structs.replace(order, key=f"hand-{number}")
        answer = await ask(world, RISK, order.key, order)
        assert isinstance(answer, PlaceOrderAnswer)
        verdict = answer.verdict
        assert verdict is not None, answer
        if verdict.decision == Decision.APPROVED and verdict.specification is not None:
            await _replace_often(world, random, number, verdict.specification)


def _held(world: World) -> list[str]:
    """Return what the person holds, as execution shows it to them."""
    found = world.leader(EXECUTION)
    if found is None:
        return []
    machine = found[1].engine.machine
    assert isinstance(machine, ExecutionMachine)
    return [symbol for symbol in SYMBOLS if machine._state.held(MANUAL, symbol) > 0]


def _entry(random: Random) -> PlaceOrder:
    """Return a limit order for a part of what the account may hold, near the market."""
    symbol = random.choice(SYMBOLS)
    middle_cents = 10_000 + 500 * SYMBOLS.index(symbol)
    limit = Decimal(middle_cents - random.randrange(-40, 280)) * CENT
    order = _order(symbol, Side.BUY, OrderType.LIMIT, Decimal(random.randrange(20, 170)))
    lives = random.choice((TimeInForce.DAY, TimeInForce.GTC))
    return msgspec.structs.replace(order, limit_price=limit, time_in_force=lives)


def _trailing_stop(random: Random, held: list[str]) -> PlaceOrder:
    """Return a trailing stop for all that is held of a symbol."""
    order = _order(random.choice(held), Side.SELL, OrderType.TRAILING_STOP, Decimal(10_000))
    order = msgspec.structs.replace(order, reduce_only=True)
    distance = Decimal(random.randrange(20, 150)) * CENT
    if random.random() < BY_PERCENT:
        return msgspec.structs.replace(order, trail_percent=distance)
    return msgspec.structs.replace(order, trail_amount=distance)


def _order(symbol: str, side: Side, order_type: OrderType, quantity: Decimal) -> PlaceOrder:
    return PlaceOrder(
        session="sim",
        principal="trader",
        reason="simulated",
        strategy=MANUAL,
        venue="sim",
        symbol=symbol,
        side=side,
        order_type=order_type,
        quantity=quantity,
        time_in_force=TimeInForce.GTC,
    )


async def _replace_often(
    world: World, random: Random, number: int, order: OrderSpecification
) -> None:
    for again in range(random.choice(REPLACEMENTS)):
        await asyncio.sleep(random.uniform(0, random.choice((SOON_S, LATER_S))))
        command = _replacement(random, order)
        world.replacing.set()
        world.replacing.clear()
        answer = await ask(world, EXECUTION, f"replace-{number}-{again}", command)
        assert isinstance(answer, OrderCommandAnswer)
        world.counts["goal:replacement_refused"] += not answer.accepted
        if answer.code == "ORDER_ENDED":
            return
        if answer.accepted:
            order = msgspec.structs.replace(
                order,
                client_order_id=answer.following_client_order_id,
                limit_price=command.limit_price or order.limit_price,
                quantity=command.quantity or order.quantity,
            )
    if random.random() < CANCELLED:
        cancel = CancelOrder(
            session="sim",
            client_order_id=order.client_order_id,
            venue="sim",
            symbol=order.symbol,
            principal="trader",
            reason="simulated",
        )
        await ask(world, EXECUTION, f"cancel-hand-{number}", cancel)


def _replacement(random: Random, order: OrderSpecification) -> ReplaceOrder:
    """Return other terms for an order: less, a better price or both; another distance; or worse."""
    command = ReplaceOrder(
        session="sim",
        client_order_id=order.client_order_id,
        principal="trader",
        reason="simulated",
    )
    part = Decimal(random.randrange(30, 90)) * CENT
    if order.order_type == OrderType.TRAILING_STOP:
        name = "trail_amount" if order.trail_percent is None else "trail_percent"
        changed = {name: ((getattr(order, name) * part * 2) + CENT).quantize(CENT)}
        return msgspec.structs.replace(command, **changed)
    assert order.limit_price is not None, "all else has a limit"
    if random.random() < WORSE:
        return msgspec.structs.replace(command, limit_price=order.limit_price + part)
    less, better = random.choice(((True, False), (False, True), (True, True)))
    return msgspec.structs.replace(
        command,
        quantity=(order.quantity * part).quantize(CENT) if less else None,
        limit_price=order.limit_price - part if better else None,
    )
