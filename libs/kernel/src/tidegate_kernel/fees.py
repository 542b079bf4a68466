"""Fees taken in kind: a spot venue may keep part of the coin that it hands over.

A pair is written ``BASE/QUOTE``; contracts carry their settlement after a colon and pay in money,
and what has no slash (a share, an option) is no coin that a fee could be taken in.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

SYMBOLS_KEPT = 4_096


@lru_cache(SYMBOLS_KEPT)
def coin_of(symbol: str) -> str:
    """Return the coin that a spot pair's quantity counts; empty for everything else."""
    base, slash, quote = symbol.partition("/")
    return base if slash and ":" not in quote else ""


def taken_in_kind(symbol: str, fee: Decimal, fee_currency: str) -> Decimal:
    """Return how much of the traded coin itself a fee has taken; 0 if it was paid otherwise."""
    return fee if fee_currency and fee_currency == coin_of(symbol) else ZERO


def fee_in_quote(symbol: str, fee: Decimal, fee_currency: str, price: Decimal) -> Decimal:
    """Return what a fee in kind was worth at its fill's price; 0 for any other fee."""
    return taken_in_kind(symbol, fee, fee_currency) * price
