"""A person who trades structures of options by hand, as `tidegate order` does.

Each order is asked of risk with one key until there is an answer; some are cancelled later, and
what was opened is closed the other way around.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from tidegate_contracts.execution import CancelOrder, OrderType, Side, TimeInForce
from tidegate_contracts.risk import Decision, PlaceOrder, PlaceOrderAnswer
from tidegate_kernel.identifiers import MANUAL
from tidegate_lab.simulate.options import LOT, STRUCTURES, UNDERLYING, net_cents, turned
from tidegate_lab.simulate.people import ask

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderLeg
    from tidegate_lab.simulate.world import World

RISK, EXECUTION = "risk/sim", "execution/sim"
BEGINS_S = 2.0
ORDERS = 9
PAUSE_S = (0.5, 4.0)
PATIENCE_S = (0.2, 4.0)
AT_MARKET, CLOSING, CANCELLED = 0.6, 0.2, 0.25
"""Shares of the orders."""


async def trade_structures(world: World) -> None:
    """Place orders with legs, cancel some, and close what was opened."""
    random = Random(f"{world.seed}:structures")
    opened: list[tuple[OrderLeg, ...]] = []
    await asyncio.sleep(BEGINS_S)
    for number in range(ORDERS):
        await asyncio.sleep(random.uniform(*PAUSE_S))
        closing = bool(opened) and random.random() < CLOSING
        legs = turned(random.choice(opened)) if closing else random.choice(STRUCTURES)
        command = _command(random, number, legs, reduce_only=closing)
        patience_s = random.uniform(*PATIENCE_S) if random.random() < CANCELLED else 0.0
        answer = await ask(world, RISK, command.key, command)
        assert isinstance(answer, PlaceOrderAnswer)
        verdict = answer.verdict
        assert verdict is not None, answer
        if verdict.decision != Decision.APPROVED or verdict.specification is None:
            continue
        if not closing:
            opened.append(legs)
        if patience_s:
            await asyncio.sleep(patience_s)
            await _cancel(world, number, verdict.specification.client_order_id)


def _command(
    random: Random, number: int, legs: tuple[OrderLeg, ...], *, reduce_only: bool
) -> PlaceOrder:
    at_market = random.random() < AT_MARKET
    limit = Decimal(net_cents(legs) + random.randrange(-80, 61)).scaleb(-2)
    return PlaceOrder(
        session="sim",
        key=f"structure-{number}",
        principal="trader",
        reason="simulated",
        strategy=MANUAL,
        venue="sim",
        symbol=UNDERLYING,
        side=Side.BUY,
        order_type=OrderType.MARKET if at_market else OrderType.LIMIT,
        quantity=LOT * random.randrange(1, 6),
        limit_price=None if at_market else limit,
        time_in_force=random.choice((TimeInForce.DAY, TimeInForce.GTC)),
        reduce_only=reduce_only,
        legs=legs,
    )


async def _cancel(world: World, number: int, client_order_id: str) -> None:
    command = CancelOrder(
        session="sim",
        client_order_id=client_order_id,
        venue="sim",
        symbol=UNDERLYING,
        principal="trader",
        reason="simulated",
    )
    await ask(world, EXECUTION, f"cancel-structure-{number}", command)
