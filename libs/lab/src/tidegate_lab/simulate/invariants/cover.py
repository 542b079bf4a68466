"""No cover is closed before what was sold on it: a part of I06.

Checked here along execution's messages: when a closing order of the gate leaves that sells an
option or its underlying, the strategy has no option sold that the account is short of.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill, OrderEvent, OrderState, Side
from tidegate_lab.simulate.evidence import EXECUTION
from tidegate_lab.simulate.options import CALLS, UNDERLYING, sign_of

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence, Said

COVERS = (UNDERLYING, *CALLS)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if not evidence.plan.venue.legged or evidence.restored:
        return []
    said: list[tuple[Said, Fill | OrderEvent]] = []
    said += evidence.said(EXECUTION, Fill)
    said += evidence.said(EXECUTION, OrderEvent)
    held: Counter[tuple[str, str]] = Counter()
    account: Counter[str] = Counter()
    for _, body in sorted(said, key=lambda each: (each[0].n, each[0].k)):
        if isinstance(body, Fill):
            signed = sign_of(body.side) * int(body.quantity)
            held[body.strategy, body.symbol] += signed
            account[body.symbol] += signed
        elif _sells_cover(body):
            sold = [each for each in CALLS if held[body.strategy, each] < 0 and account[each] < 0]
            if sold:
                specification = body.specification
                what = f"{specification.symbol} is sold by {specification.client_order_id}"
                return [f"{what} while {body.strategy} has yet to buy back {', '.join(sold)}"]
    return []


def is_of_the_gate(event: OrderEvent) -> bool:
    """Tell whether an order is the gate's own."""
    return event.signal_key == "" and event.specification.reduce_only


def _sells_cover(event: OrderEvent) -> bool:
    specification = event.specification
    leaves = event.previous_state == OrderState.PENDING and event.state == OrderState.SUBMITTING
    covers = specification.side == Side.SELL and specification.symbol in COVERS
    return leaves and covers and is_of_the_gate(event)
