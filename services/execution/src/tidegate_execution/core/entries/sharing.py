"""Whose an entry is: a venue knows the account only, and the books know strategies.

1. An entry that names a symbol belongs to those who hold it, each in proportion to what it holds,
   signed: who is short pays what who is long receives. What no strategy holds is nobody's, and what
   lay in the account before the session began is its opening's.
2. What nobody holds, or what cancels out, is nobody's, and so is an entry without a symbol.
3. Shares are whole steps of the entry: lots of a quantity, cents of an amount. Each is rounded down
   and the steps that are left go to the largest remainders, names deciding between equal ones
   (Hamilton's method). So the shares add up to the entry, and none is a step beyond its part.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from tidegate_execution.core.state import NOBODY
from tidegate_kernel.money import MONEY_CONTEXT, ZERO, is_multiple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_execution.core.state import ExecutionState

OPENING = "~opening"
"""Owner of what lay in the account before the session began; no strategy is called like it."""
CENT = Decimal("0.01")
SMALLEST = Decimal("1E-12")


def weights_of(state: ExecutionState, symbol: str) -> dict[str, Decimal]:
    """Return who holds how much of a symbol, by name."""
    held = {owner: each[symbol] for owner, each in state.holdings.items() if symbol in each}
    opening = (state.reconciliation.opening or {}).get(symbol, ZERO)
    if symbol and opening != 0:
        held[OPENING] = opening
    return dict(sorted(held.items()))


def share(total: Decimal, weights: Mapping[str, Decimal], step: Decimal) -> dict[str, Decimal]:
    """Share a signed total in proportion to signed weights; the shares add up to it exactly."""
    whole = sum(weights.values(), ZERO)
    if total == 0:
        return {}
    if whole == 0:
        return {NOBODY: total}
    exact = {owner: total * weight / whole for owner, weight in weights.items()}
    shares = {owner: _floor(part, step) for owner, part in exact.items()}
    left = total - sum(shares.values(), ZERO)
    for owner in sorted(shares, key=lambda each: (shares[each] - exact[each], each)):
        given = min(step, left)
        shares[owner] += given
        left -= given
    assert left == 0, "expected fewer steps left than owners"
    return {owner: part for owner, part in shares.items() if part != 0}


def quantity_step(state: ExecutionState, venue: str, symbol: str, quantity: Decimal) -> Decimal:
    """Return the lot in which a quantity is shared, as far as it is made of lots."""
    grid = state.grids.get(f"{venue}|{symbol}")
    in_lots = grid is not None and grid.lot_size > 0 and is_multiple(quantity, grid.lot_size)
    return grid.lot_size if grid is not None and in_lots else SMALLEST


def cash_step(cash: Decimal) -> Decimal:
    """Return the step in which cash is shared."""
    return CENT if is_multiple(cash, CENT) else SMALLEST


def _floor(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_FLOOR, MONEY_CONTEXT) * step
