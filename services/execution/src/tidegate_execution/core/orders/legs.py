"""Orders with legs: which symbols they trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification


def traded_symbols(specification: OrderSpecification) -> tuple[str, ...]:
    """Return what an order buys and sells: its symbol, or those of its legs in their order."""
    return tuple(leg.symbol for leg in specification.legs) or (specification.symbol,)
